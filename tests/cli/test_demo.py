"""What `flexicharge demo` does and says, against a toy server and without sockets."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from twisted.internet.defer import fail
from twisted.internet.task import Clock

from flexicharge.cli.demo import add_arguments, run, tell
from flexicharge.cli.demo_screen import Receipt, Screen
from flexicharge.cli.demo_story import DemoFailed, Story
from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import BadAnswer, ServerNotThere
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.toy_server import ToyServer

RECEIPT = {
    "transactionID": 12,
    "energyWh": 417,
    "price": 104,
    "startTimestamp": 1_800_000_000,
    "endTimestamp": 1_800_000_010,
}


def options(*words: str) -> argparse.Namespace:
    """Return what the command line makes of some words."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


class Stage:
    """A toy server, a story that plays on it, and what a person sees."""

    def __init__(self, clock: Clock, outbox: Path) -> None:
        self.toy, self.outbox, self.seen = ToyServer(clock), outbox, StringIO()
        self.toy.on_sign_up = self.deliver

    def story(self, **more: Any) -> Story:
        """Return a story of ten seconds."""
        clock, toy = self.toy.clock, self.toy
        console = Console(file=self.seen, force_terminal=True, width=100)
        told: dict[str, Any] = {
            "driver": VirtualDriver(url="http://toy", agent=toy.agent, clock=clock),
            "charger": VirtualCharger(
                serial_number="abc118",
                clock=clock,
                power_w=150_000.0,
                car=Car(capacity_wh=12_000, stored_wh=4_000),
            ),
            "screen": Screen(console),
            "dial": toy.dial,
            "run": self.run,
            "outbox": self.outbox,
            "ws_url": "ws://toy",
            "seconds": 10.0,
        }
        return Story(**told | more)

    async def run(self, work: Callable[[], Any]) -> Any:
        """Do what would be done in a thread."""
        return work()

    def deliver(self, address: str) -> None:
        """Put a mail with a code into the outbox."""
        message = EmailMessage()
        message["To"] = address
        message.set_content("Your code is 123456.\n")
        (self.outbox / "1.eml").write_bytes(message.as_bytes())


@pytest.fixture
def stage(clock: Clock, tmp_path: Path) -> Stage:
    """A stage with an empty outbox."""
    return Stage(clock, tmp_path)


def test_a_story_goes_from_sign_up_to_receipt(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fresh account, the plug, the live bar, the stop, and a receipt on stdout."""
    telling = fire(tell(stage.story(), options("--serial", "abc118")))
    stage.toy.pass_time(10.5)
    assert result_of(telling) == 0
    paths = [path for _, path, _ in stage.toy.asked]
    assert paths == [
        "/auth/sign-up",
        "/auth/verify",
        "/auth/sign-in",
        "/chargers",
        "/transaction",
        "/transaction/start/12",
        "/transaction/stop/12",
        "/transaction/12",
    ]
    assert stage.toy.asked[1][2]["code"] == "123456"
    seen = stage.seen.getvalue()
    assert "Plugged in abc118: 100008, 2.50 SEK/kWh" in seen
    assert "36 %  375 Wh  150.0 kW" in seen
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Receipt for transaction 12"
    assert printed[-2:] == ["  energy   0.417 kWh", "  price    1.04 SEK"]


def test_fresh_accounts_differ_and_have_strong_passwords(
    clock: Clock, tmp_path: Path
) -> None:
    """Each demonstration is somebody else's; the password meets any usual policy."""
    made = []
    for _ in range(2):
        stage = Stage(clock, tmp_path)
        telling = fire(tell(stage.story(), options()))
        made.append(stage.toy.asked[0][2])
        telling.cancel()
        stage.toy.pass_time(0.5)
        assert telling.called
    assert made[0]["username"] != made[1]["username"]
    for account in made:
        password = account["password"]
        assert len(password) >= 8
        assert any(map(str.isupper, password))
        assert any(map(str.islower, password))
        assert any(map(str.isdecimal, password))
        assert "-" in password


def test_json_prints_one_object_and_nothing_else(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script can read stdout as it is."""
    telling = fire(tell(stage.story(), options("--json")))
    stage.toy.pass_time(10.5)
    assert result_of(telling) == 0
    assert json.loads(capsys.readouterr().out) == RECEIPT


def test_an_account_of_ones_own_signs_in_only(stage: Stage) -> None:
    """With --email and --password there is no sign-up, and no outbox is read."""
    story = stage.story(email="a@b.example", password="Secret-1", outbox=Path())
    telling = fire(tell(story, options()))
    stage.toy.pass_time(10.5)
    assert result_of(telling) == 0
    credentials = {"username": "a@b.example", "password": "Secret-1"}
    assert stage.toy.asked[0] == ("POST", "/auth/sign-in", credentials)


def test_a_connected_charger_is_left_alone(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server refuses the handshake of a namesake, and the demo says what to do."""
    stage.toy.refuse_handshake = 409
    assert result_of(tell(stage.story(), options())) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "flexicharge demo: abc118 is already connected; unplug it or use --serial\n"
    )


def test_an_unknown_serial_number_is_said(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words name the list of those that are known."""
    stage.toy.chargers = []
    assert result_of(tell(stage.story(), options())) == 1
    said = capsys.readouterr().err
    assert "no charger with the serial number abc118" in said
    assert "http://toy/chargers" in said


def test_a_server_that_is_not_there_is_started_by_hand(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cure is in the same line."""
    nobody = fail(ServerNotThere("Nobody answers at toy:1337"))
    story = stage.story(dial=lambda factory: nobody)
    assert result_of(tell(story, options())) == 1
    assert capsys.readouterr().err == (
        "flexicharge demo: Nobody answers at toy:1337; "
        "start the server with: twistd -n flexicharge\n"
    )


def test_a_mail_that_does_not_come_is_said(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the deadline, with the place that was looked at and what helps."""
    stage.toy.on_sign_up = lambda address: None
    telling = fire(tell(stage.story(), options()))
    stage.toy.pass_time(10.5)
    assert result_of(telling) == 1
    said = capsys.readouterr().err
    assert f"came to {stage.outbox}; use --outbox" in said


def test_an_outbox_of_somebody_else_is_said(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that may not be read has a cure too."""

    async def deny(work: Callable[[], Any]) -> Any:
        raise PermissionError(13, "Permission denied", "/var/lib/flexicharge/outbox")

    assert result_of(tell(stage.story(run=deny), options())) == 1
    assert "Permission denied: '/var/lib/flexicharge/outbox'; use --outbox" in (
        capsys.readouterr().err
    )


def test_a_charger_in_use_is_said(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A charger that others charge at is not even connected to."""
    stage.toy.chargers[0]["status"] = "Charging"
    assert result_of(tell(stage.story(), options())) == 1
    said = capsys.readouterr().err
    assert "abc118 is already in use (Charging); unplug it or use --serial" in said
    assert stage.toy.wires == []


def test_a_reservation_that_is_refused_is_said(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server's word, and what a person can do about it."""
    stage.toy.answers["/transaction"] = (400, b'["couldNotReserveCharger"]')
    telling = fire(tell(stage.story(), options()))
    stage.toy.flush()
    assert result_of(telling) == 1
    said = capsys.readouterr().err
    assert "would not reserve abc118: couldNotReserveCharger (HTTP 400)" in said
    assert "use --serial" in said


def test_a_refusal_of_the_server_is_said_in_its_words(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it refuses, and at whatever step."""
    stage.toy.answers["/auth/sign-in"] = (429, b'{"message":"Too many attempts"}')
    assert result_of(tell(stage.story(), options())) == 1
    assert "Too many attempts (HTTP 429)" in capsys.readouterr().err


def test_ctrl_c_in_mid_charge_stops_the_charge_first(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The driver gets a receipt for what was charged, and the status is 130."""
    telling = fire(tell(stage.story(seconds=3600.0), options("--json")))
    stage.toy.pass_time(5)
    telling.cancel()
    stage.toy.pass_time(0.5)
    assert result_of(telling) == 130
    assert ("PUT", "/transaction/stop/12", {}) in stage.toy.asked
    assert json.loads(capsys.readouterr().out) == RECEIPT


def test_ctrl_c_before_the_charge_just_ends(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was started, so nothing is stopped and nothing printed."""
    stage.toy.hangs_on = "/auth/sign-up"
    telling = fire(tell(stage.story(), options()))
    telling.cancel()
    assert result_of(telling) == 130
    assert capsys.readouterr().out == ""


def test_a_failed_charge_is_stopped_all_the_same(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A start that the charger never hears of is cancelled before the demo fails."""
    stage.toy.answers["/transaction/start/12"] = (200, b"{}")
    telling = fire(tell(stage.story(), options()))
    stage.toy.pass_time(11)
    assert result_of(telling) == 1
    assert ("PUT", "/transaction/stop/12", {}) in stage.toy.asked


def test_a_stop_that_fails_names_the_transaction(stage: Stage) -> None:
    """Somebody has to look after it."""
    telling = fire(tell(stage.story(seconds=3600.0), options()))
    stage.toy.pass_time(1)
    stage.toy.answers["/transaction/stop/12"] = (503, b'["dbError"]')
    telling.cancel()
    stage.toy.flush()
    assert result_of(telling) == 130
    seen = stage.seen.getvalue()
    assert "Transaction 12 could not be stopped: dbError (HTTP 503)" in seen


def test_the_charger_is_gone_after_the_story(stage: Stage) -> None:
    """Nothing stays connected, and no timer runs on."""
    telling = fire(tell(stage.story(), options()))
    stage.toy.pass_time(10.5)
    result_of(telling)
    assert all(wire.is_lost for wire in stage.toy.wires)


def test_steps_only_where_there_is_no_terminal(stage: Stage) -> None:
    """A log file gets lines, and no bar."""
    console = Console(file=stage.seen, force_terminal=False)
    telling = fire(tell(stage.story(screen=Screen(console)), options()))
    stage.toy.pass_time(10.5)
    result_of(telling)
    assert stage.seen.getvalue().splitlines()[1:] == [
        "Plugged in abc118: 100008, 2.50 SEK/kWh",
        "Charging for 10 s",
    ]


def test_a_bill_that_cannot_be_read_is_no_receipt() -> None:
    """Every figure must be there, and whole."""
    for key in RECEIPT:
        with pytest.raises(BadAnswer, match=key):
            Receipt.of({k: v for k, v in RECEIPT.items() if k != key})
    with pytest.raises(BadAnswer):
        Receipt.of(RECEIPT | {"price": 1.5})


def test_email_and_password_belong_together() -> None:
    """One without the other is said before anything is tried."""
    with pytest.raises(DemoFailed, match="--email and --password belong together"):
        run(options("--email", "a@b.example"))


def test_times_and_powers_must_be_positive(capsys: pytest.CaptureFixture[str]) -> None:
    """Nonsense on the command line is refused as usual."""
    for words in (("--seconds", "0"), ("--power", "nan"), ("--seconds", "inf")):
        with pytest.raises(SystemExit):
            options(*words)
        assert f"{words[1]} is not positive" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("--url", "127.0.0.1:8080"),
        ("--url", "ws://127.0.0.1:8080"),
        ("--url", "http://"),
        ("--ws", "http://127.0.0.1:1337"),
        ("--ws", "ws://127.0.0.1:port"),
    ],
)
def test_addresses_must_be_addresses(
    capsys: pytest.CaptureFixture[str], words: tuple[str, str]
) -> None:
    """A scheme that does not fit, or no host, is refused before anything is tried."""
    with pytest.raises(SystemExit):
        options(*words)
    assert words[1] in capsys.readouterr().err


def test_addresses_may_end_in_a_slash() -> None:
    """As people copy them from a browser."""
    assert options("--url", "https://charge.example/").url == "https://charge.example"
