"""Drivers' sockets: a token opens them, and nothing of anybody else's comes through."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from flexicharge.config import read_settings
from flexicharge.testing.charge import Charge
from flexicharge.testing.town import Town


def test_the_token_may_come_in_three_ways(town: Town) -> None:
    """Header for apps, subprotocol for browsers, query for everything else."""
    caller, token = town.driver()
    path = f"/user/{caller.user_id}"
    by_header = town.connect(path, headers={"Authorization": f"Bearer {token}"})
    by_word = town.connect(path, protocols=["flexicharge", f"bearer.{token}"])
    by_query = town.connect(f"{path}?token={token}")
    assert all(peer.is_open for peer in (by_header, by_word, by_query))
    assert by_word.protocol.websocket_protocol_in_use == "flexicharge"


@pytest.mark.parametrize("how", ["none", "damaged", "another's"])
def test_without_the_right_token_there_is_no_socket(town: Town, how: str) -> None:
    """No token, a broken one, and somebody else's are refused alike."""
    caller, token = town.driver()
    _, others = town.driver()
    offered = {"none": None, "damaged": token[:-4] + "AAAA", "another's": others}[how]
    headers = None if offered is None else {"Authorization": f"Bearer {offered}"}
    peer = town.connect(f"/user/{caller.user_id}", headers=headers)
    assert not peer.is_open
    assert peer.protocol.is_over


@pytest.mark.parametrize("how", ["twice", "in a query", "refused"])
def test_no_token_reaches_the_log(town: Town, how: str) -> None:
    """Whatever a client does wrong with it."""
    caller, token = town.driver()
    path = f"/user/{caller.user_id}"
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        lines.append(f"{formatEvent(event)} {event}")

    globalLogPublisher.addObserver(observe)
    match how:
        case "twice":
            town.connect(path, protocols=[f"bearer.{token}", f"bearer.{token}"])
        case "in a query":
            town.http.request("HEAD", f"/nope?token={token}")
        case _:
            town.connect(f"/user/somebody?token={token}")
    globalLogPublisher.removeObserver(observe)
    assert not [line for line in lines if token in line]


def test_an_expired_token_closes_the_socket(town: Town) -> None:
    """With 4401, an hour after it was issued."""
    peer = town.watch(*town.driver())
    town.advance(3599, step=10)
    assert peer.is_open
    town.advance(12, step=1)
    assert peer.protocol.close_code == 4401


def test_what_a_driver_sends_is_ignored(charge: Charge) -> None:
    """The socket is for watching."""
    watcher = charge.town.watch(charge.caller, charge.token)
    watcher.say(2, "x", "Heartbeat", {})
    watcher.say_text(b"nonsense")
    assert watcher.heard() == []
    assert watcher.is_open


def test_a_slow_reader_gets_the_newest(charge: Charge) -> None:
    """It misses frames in between, but neither the newest nor the server's memory."""
    charge.start()
    watcher = charge.town.watch(charge.caller, charge.token)
    watcher.wire.client.pauseProducing()
    for wh in range(2000):
        charge.charger.meter(wh)
    charge.town.flush()
    waiting = sum(map(len, watcher.wire.server.outbox))
    assert waiting < 100_000
    watcher.wire.client.resumeProducing()
    frames = watcher.heard()
    assert len(frames) < 2000
    assert frames[-1][3]["values"]["chargedSoFar"]["value"] == 1999


def test_a_closed_socket_gets_nothing_more(charge: Charge) -> None:
    """And those that are left get everything."""
    charge.start()
    first = charge.town.watch(charge.caller, charge.token)
    second = charge.town.watch(charge.caller, charge.token)
    first.lose()
    frame = charge.charger.meter(5)
    assert second.heard() == [frame]


def test_open_user_sockets_are_possible(clock: Clock) -> None:
    """The 2022 Android build has no token to show: USER_SOCKET_AUTH=open."""
    town = Town(clock, settings=read_settings({"USER_SOCKET_AUTH": "open"}))
    caller, _ = town.driver()
    assert town.connect(f"/user/{caller.user_id}").is_open


def test_passwords_can_be_demanded(clock: Clock) -> None:
    """CHARGER_AUTH=password: a serial number alone opens nothing."""
    town = Town(clock, settings=read_settings({"CHARGER_AUTH": "password"}))
    assert not town.plug_in("abc117").is_open


@pytest.mark.parametrize(
    "path", ["/charger/nobody", "/nobody", "/", "/charger/" + "x" * 37]
)
def test_an_unknown_serial_is_told_and_dropped(town: Town, path: str) -> None:
    """Exactly the contract's frame, then no close frame."""
    peer = town.connect(path)
    town.flush()
    assert peer.heard() == [
        [4, 1337, "SecurityError", "Serial number was not found in database.", {}]
    ]
    assert peer.protocol.close_code == 1006


@pytest.mark.parametrize("path", ["/some/where", "/ocpp", "/ocpp/nobody", "/user/a/b"])
def test_other_paths_are_refused(town: Town, path: str) -> None:
    """The handshake fails; there is nothing there."""
    assert not town.connect(path).is_open
