"""Every oddity over the wire: the server bears it, bills right, and serves the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from attrs import define, field
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from flexicharge.model.metering import billed_energy
from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.errors import ServerRefused
from flexicharge.simulator.installation import Installation
from flexicharge.simulator.oddities import ODDITIES, oddity, twists_of
from flexicharge.simulator.phrasebook import PRESETS, Quirks
from flexicharge.simulator.scenario.values import Fleet, Span
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.truth import Charge
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town
from tests.simulator.on_town import WS_URL, Lines

Said = list[Any]
SOON = Span(5.0, 5.0)
DISOBEDIENT = ("deaf", "answers-errors")


@define(eq=False)
class Street:
    """An odd charger, a plain one beside it, and what the odd one says."""

    lines: Lines
    said: list[bytes] = field(factory=list)

    def put_up(self, serial_number: str, **options: Any) -> Installation:
        """Switch on a charger."""
        options = {"metering_every_s": 10.0, "keep_alive_s": 0.0, **options}
        made = Installation(
            serial_number=serial_number,
            fleet=Fleet(count=1, reconnects_after_s=SOON, **options),
            clock=self.lines.clock,
            rng=Random(1),
            dial=self.dial,
            base_url=WS_URL,
            tally=Tally(),
        )
        made.switch_on()
        self.lines.pass_time(1)
        return made

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Open a socket, and listen to what is sent over it."""
        build = factory.buildProtocol

        def tapped(addr: Any) -> SimulatorSocket:
            socket = build(addr)
            send = socket.send

            def say(text: bytes) -> None:
                self.said.append(text)
                send(text)

            socket.send = say  # type: ignore[method-assign]
            return socket

        if factory.url.endswith("abc117"):
            factory.buildProtocol = tapped  # type: ignore[method-assign]
        return await self.lines.dial(factory)

    @property
    def frames(self) -> Said:
        """What the odd one said, as far as it is JSON."""
        return [frame for frame in map(_json, self.said) if frame is not None]

    def charge(
        self, installation: Installation, seconds: float, *, breaks: bool = False
    ) -> dict[str, Any]:
        """Charge for some seconds; return the bill."""
        driver, clock = self.lines.driver(), self.lines
        installation.plug_in(Car())
        reserving = fire(driver.reserve(installation.connector_id or 0))
        clock.pass_time(1)
        number = result_of(reserving)
        starting = fire(driver.start(number))
        clock.pass_time(1.5, step_s=0.5)
        result_of(starting)
        clock.pass_time(seconds / 2, step_s=1)
        if breaks:
            installation._drop()
        clock.pass_time(seconds / 2, step_s=1)
        stopping = fire(driver.stop(number))
        clock.pass_time(8, step_s=0.5)
        result_of(stopping)
        installation.unplug()
        reading = fire(driver.read(number))
        clock.pass_time(0.5)
        return result_of(reading)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@pytest.fixture
def street(town: Town) -> Street:
    """A town's lines, and nobody on them."""
    return Street(Lines(town))


@pytest.fixture
def failures() -> Iterator[list[LogEvent]]:
    """What crashed in the server during the test."""
    events: list[LogEvent] = []

    def observe(event: LogEvent) -> None:
        if event["log_level"] is LogLevel.critical and "log_failure" in event:
            events.append(event)

    globalLogPublisher.addObserver(observe)
    yield events
    globalLogPublisher.removeObserver(observe)


def of(said: Said, action: str) -> list[dict[str, Any]]:
    """Return the payloads of the Calls of an action."""
    return [frame[3] for frame in said if frame[0] == 2 and frame[2] == action]


def ids(said: Said, action: str) -> list[Any]:
    """Return the ids of the Calls of an action."""
    return [frame[1] for frame in said if frame[0] == 2 and frame[2] == action]


def every(said: Said, action: str, holds: Callable[[dict[str, Any]], bool]) -> bool:
    """Tell whether something holds for all payloads of an action, and there are any."""
    payloads = of(said, action)
    return bool(payloads) and all(map(holds, payloads))


def readings(holds: Callable[[dict[str, Any]], bool]) -> Callable[[Said], bool]:
    return lambda said: every(said, "MeterValues", holds)


def sample(name: str, holds: Callable[[dict[str, Any]], bool]) -> Any:
    return readings(lambda payload: holds(payload["values"][name]))


def times(holds: Callable[[Any], bool]) -> Callable[[Said], bool]:
    return lambda said: all(
        every(said, action, lambda payload: holds(payload["timestamp"]))
        for action in ("StartTransaction", "MeterValues", "StopTransaction")
    )


def transactions(number: int) -> Callable[[Said], bool]:
    return lambda said: all(
        every(said, action, lambda payload: payload["transactionId"] == number)
        for action in ("MeterValues", "StopTransaction")
    )


def count(action: str, wanted: Callable[[int], bool]) -> Callable[[Said], bool]:
    return lambda said: wanted(len(of(said, action)))


def actions(said: Said) -> list[Any]:
    return [frame[2] for frame in said if frame[0] == 2]


def after_stop(*wanted: str) -> Callable[[Said], bool]:
    def holds(said: Said) -> bool:
        heard = actions(said)
        place = heard.index("StopTransaction") + 1
        return tuple(heard[place : place + len(wanted)]) == wanted

    return holds


def energies(said: Said) -> list[float]:
    return [p["values"]["chargedSoFar"]["value"] for p in of(said, "MeterValues")]


def is_backwards(said: Said) -> bool:
    told = energies(said)
    return sum(a > b for a, b in pairwise(told)) == 1


# How each can be seen in what the charger says in one charge.
SEEN: dict[str, Callable[[Said], bool]] = {
    "constant-message-id": lambda said: (
        len({*ids(said, "StartTransaction"), *ids(said, "StopTransaction")}) == 1
    ),
    "transaction-id-one": transactions(1),
    "numbers-as-text": lambda said: every(
        said, "StatusNotification", lambda p: p["connectorId"] == "1"
    ),
    "null-tag": lambda said: every(
        said, "StartTransaction", lambda p: p["id_tag"] is None and "idTag" not in p
    ),
    "meter-stands-still": lambda said: set(energies(said)) == {0},
    "empty-error-code": lambda said: every(
        said, "StatusNotification", lambda p: p["errorCode"] == ""
    ),
    "comma-in-measurand": sample("chargingPower", lambda s: "," in s["measurand"]),
    "public-connector": lambda said: every(
        said, "StatusNotification", lambda p: p["connectorId"] == 100007
    ),
    "whole-seconds": lambda said: every(
        said, "StartTransaction", lambda p: isinstance(p["timestamp"], int)
    ),
    "float-registers": lambda said: every(
        said, "StopTransaction", lambda p: isinstance(p["meterStop"], float)
    ),
    "stop-transaction-one": lambda said: every(
        said, "StopTransaction", lambda p: p["transactionId"] == 1
    ),
    "any-tag": lambda said: True,
    "invalid-json": count("MeterValues", lambda readings: readings <= 4),
    "empty-frames": lambda said: True,
    "null-payloads": lambda said: None in of(said, "BootNotification"),
    "message-type-1": lambda said: any(frame[0] == 1 for frame in said),
    "zoneless-times": times(lambda stamp: str(stamp).startswith("2027-01-15T08:0")),
    "times-zero": times(lambda stamp: stamp == 0),
    "times-negative": times(lambda stamp: stamp < -62e9),
    "times-huge": times(lambda stamp: stamp > 1e15),
    "transaction-id-0": transactions(0),
    "transaction-id-minus-1": transactions(-1),
    "transaction-id-max": transactions(2**63 - 1),
    "start-repeated": count("StartTransaction", lambda starts: starts == 2),
    "start-after-stop": after_stop("StartTransaction"),
    "stop-never": count("StopTransaction", lambda stops: stops == 0),
    "stop-repeated": after_stop(*["StopTransaction"] * 3),
    "orphan-stop": lambda said: "StopTransaction" in actions(said)[:2],
    "readings-after-stop": after_stop("MeterValues", "MeterValues"),
    "no-transaction-id": readings(lambda p: "transactionId" not in p),
    "closing-reading-late": after_stop("MeterValues"),
    "connector-0": readings(lambda p: p["connectorId"] == 0),
    "empty-values": sample("chargedSoFar", lambda s: s["value"] == ""),
    "missing-values": readings(lambda p: p["values"] == {}),
    "power-in-hertz": sample("chargingPower", lambda s: s["unit"] == "Hz"),
    "power-in-kw": sample("chargingPower", lambda s: s["value"] == 22),
    "energy-in-kwh": sample("chargedSoFar", lambda s: s["unit"] == "kWh"),
    "unknown-status-words": lambda said: every(
        said,
        "StatusNotification",
        lambda p: p["status"] in ("Idle", "Occupied", "booked"),
    ),
    "unknown-error-codes": lambda said: every(
        said, "StatusNotification", lambda p: p["errorCode"] != "NoError"
    ),
    "answers-errors": lambda said: any(frame[0] == 4 for frame in said),
    "over-long-strings": lambda said: every(
        said, "BootNotification", lambda p: len(p["chargePointVendor"]) > 400
    ),
    "boot-loop": count("BootNotification", lambda boots: boots >= 6),
    "heartbeats": count("Heartbeat", lambda beats: beats >= 60),
    "silent-reconnect": count("StatusNotification", lambda words: words == 4),
    "boot-on-reconnect": count("BootNotification", lambda boots: boots == 2),
    "deaf": lambda said: not any(frame[0] == 3 for frame in said),
    "authorize": count("Authorize", lambda asked: asked == 1),
    "vendor-messages": count("DataTransfer", lambda told: told >= 3),
    "two-sockets": count("BootNotification", lambda boots: boots == 1),
    "status-flood": count("StatusNotification", lambda words: words >= 120),
    "meter-backwards": is_backwards,
    "stop-below-reading": lambda said: (
        of(said, "StopTransaction")[0]["meterStop"] < max(energies(said))
    ),
}
# Those whose oddity makes the server refuse something, as it must.
REFUSED = (
    "empty-frames",
    "invalid-json",
    "message-type-1",
    "unknown-status-words",
    "readings-after-stop",
    "closing-reading-late",
    "orphan-stop",
)


def owed_wh(charge: Charge) -> int:
    """Return the energy that has to be billed for what really happened."""
    if charge.stop_wh is None:
        return charge.kept_wh or 0
    start_wh = charge.meter_start_wh
    last_wh = None if charge.kept_wh is None else start_wh + charge.kept_wh
    return billed_energy(start_wh, last_wh, charge.stop_wh).energy_wh


def test_every_oddity_can_be_seen() -> None:
    """There is a test for each in the table."""
    assert list(SEEN) == list(ODDITIES)
    assert all(each.about and each.source for each in ODDITIES.values())


@pytest.mark.parametrize("name", [name for name in ODDITIES if name not in DISOBEDIENT])
def test_the_server_bears_it(
    street: Street, failures: list[LogEvent], name: str
) -> None:
    """The odd one is billed for what it says, then again; the plain one as ever."""
    plain = street.put_up("abc118")
    odd = street.put_up("abc117", oddities=(name,))
    bill = street.charge(odd, 48, breaks="reconnect" in name)
    assert SEEN[name](street.frames)
    [charge, *ghosts] = odd.charges
    assert not ghosts
    assert (bill["final"], bill["energyWh"]) == (True, owed_wh(charge))
    assert charge.transaction_id == bill["transactionID"]
    assert (odd.tally.total["refusals"] > 0) == (name in REFUSED)
    assert street.charge(plain, 20)["energyWh"] == owed_wh(plain.charges[0])
    assert plain.tally.total["refusals"] == 0
    if name == "start-after-stop":  # a charge of nobody's, which has to fall silent
        street.lines.pass_time(960, step_s=5)
    again = street.charge(odd, 20)
    assert (again["final"], again["energyWh"]) == (True, owed_wh(odd.charges[1]))
    assert failures == []


@pytest.mark.parametrize("name", DISOBEDIENT)
def test_one_that_does_nothing_costs_nobody_anything(
    street: Street, failures: list[LogEvent], name: str
) -> None:
    """Its drivers are told, and the plain one beside it is served."""
    odd, plain = street.put_up("abc117", oddities=(name,)), street.put_up("abc118")
    assert odd.is_ready
    with suppress(ServerRefused):
        assert street.charge(odd, 20)["price"] == 0
    assert odd.charges == []
    assert SEEN[name](street.frames)
    assert odd.screen is Screen.AVAILABLE
    assert street.charge(plain, 20)["energyWh"] == owed_wh(plain.charges[0])
    assert failures == []


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_served(street: Street, preset: str) -> None:
    """As the documentation has it, as fielded, and as developed."""
    made = street.put_up("abc117", quirks=PRESETS[preset])
    bill = street.charge(made, 20)
    assert (bill["final"], bill["energyWh"]) == (True, owed_wh(made.charges[0]))
    assert made.tally.total["refusals"] == 0


def test_the_development_charger_is_as_the_contract_says(street: Street) -> None:
    """The six-digit number or null, whole seconds, the real transaction in readings."""
    made = street.put_up("abc117", quirks=PRESETS["development"])
    street.charge(made, 20)
    [start] = of(street.frames, "StartTransaction")
    assert (start["connectorId"], start["timestamp"]) == (None, int(start["timestamp"]))
    number = made.charges[0].transaction_id
    assert of(street.frames, "MeterValues")[-1]["transactionId"] == number
    assert of(street.frames, "StopTransaction")[0]["transactionId"] == 1
    statuses = of(street.frames, "StatusNotification")
    assert {status["connectorId"] for status in statuses} == {100007}


def test_all_oddities_at_once_are_borne(
    street: Street, failures: list[LogEvent]
) -> None:
    """Whatever is left of the conversation, the server and the neighbour live on."""
    names = tuple(name for name in ODDITIES if name not in DISOBEDIENT)
    street.put_up("abc117", oddities=names, quirks=Quirks())
    plain = street.put_up("abc118")
    street.lines.pass_time(30, step_s=1)
    assert street.charge(plain, 20)["energyWh"] == owed_wh(plain.charges[0])
    assert failures == []


def test_the_second_socket_is_refused(street: Street) -> None:
    """The first one lives, so it keeps the name."""
    made = street.put_up("abc117", oddities=("two-sockets",))
    street.lines.pass_time(40)
    assert made.tally.total["second lines refused"] == 1
    assert made.is_ready


def test_twists_are_each_chargers_own() -> None:
    """What one remembers another does not know."""
    assert oddity("stop-repeated").twist is not None
    assert twists_of(("meter-backwards",)) is not twists_of(("meter-backwards",))
