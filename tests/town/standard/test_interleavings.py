"""Whatever order lines break and frames come again in: one session a charge."""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from flexicharge.model.id_tag import IdTag
from flexicharge.model.session import SessionState
from flexicharge.testing.standard_charger import BOOT, StandardCharger
from flexicharge.testing.town import Town
from tests.town.standard.conftest import TAG, put_tag

STEPS: Final = (
    "start",
    "stop",
    "meter",
    "wait",
    "lose line",
    "lose answer",
    "say again",
    "reboot",
    "crash server",
)


@define(eq=False)
class Plug:
    """A charger that keeps its books as the standard wants: a queue, in order.

    What was sent and not answered stays in the queue, to be sent again; what was
    answered may be said again all the same.
    """

    town: Town
    charger: StandardCharger
    number: int
    register: int = 1000
    transaction_id: int | None = None
    charging_since: int | None = None
    truth: list[int] = field(factory=list)
    said: list[tuple[str, dict[str, Any]]] = field(factory=list)

    def start(self) -> None:
        """Begin a charge, unless one is on."""
        if self.charging_since is not None:
            return
        self.charging_since = self.register
        payload = {
            "connectorId": self.number,
            "idTag": TAG,
            "meterStart": self.register,
            "timestamp": self.charger.now(),
        }
        self._say("StartTransaction", payload)

    def meter(self) -> None:
        """Draw some energy, and tell it while charging."""
        if self.charging_since is None:
            return
        self.register += 250
        sample = {"timestamp": self.charger.now(), "sampledValue": [{"value": "0"}]}
        sample["sampledValue"] = [{"value": str(self.register)}]
        payload: dict[str, Any] = {"connectorId": self.number, "meterValue": [sample]}
        if self.transaction_id is not None:
            payload["transactionId"] = self.transaction_id
        self._say("MeterValues", payload)

    def stop(self) -> None:
        """End the charge that is on."""
        if self.charging_since is None:
            return
        payload = {
            "transactionId": -1 if self.transaction_id is None else self.transaction_id,
            "meterStop": self.register,
            "timestamp": self.charger.now(),
            "idTag": TAG,
        }
        self.truth.append(self.register - self.charging_since)
        self.charging_since = self.transaction_id = None
        self._say("StopTransaction", payload)

    def say_again(self) -> None:
        """Say the last thing again, under a new id: its answer was lost, say."""
        if self.said:
            self.charger.send(*self.said[-1])

    def _say(self, action: str, payload: dict[str, Any]) -> None:
        self.said.append((action, payload))
        answer = self.charger.answer_to(self.charger.send(action, payload))
        if action == "StartTransaction" and answer is not None and self.hears:
            self.transaction_id = answer[2]["transactionId"]

    hears: bool = True


def play(plug: Plug, steps: list[str]) -> None:
    """Go through steps one by one, a minute apart."""
    town, charger = plug.town, plug.charger
    for step in steps:
        town.advance(60, step=20)
        plug.hears = True
        match step:
            case "start":
                plug.start()
            case "stop":
                plug.stop()
            case "meter":
                plug.meter()
            case "wait":
                town.advance(600, step=60)
            case "lose line":
                charger.peer.lose()
                charger.connect()
            case "lose answer":
                plug.hears = False
                plug.start()
                charger.peer.lose()
                charger.connect()
                plug.say_again()
            case "say again":
                plug.say_again()
            case "reboot":
                charger.peer.lose()
                charger.connect()
                charger.call("BootNotification", BOOT)
                is_free = plug.charging_since is None
                charger.report(plug.number, "Available" if is_free else "Charging")
            case "crash server":
                town.crash(down_for=30)
                charger.connect()


@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
@settings(max_examples=25, deadline=None)
def test_each_real_charge_is_one_session_with_its_energy(steps: list[str]) -> None:
    """No more, no fewer, and to the watt hour."""
    clock = Clock()
    clock.advance(1_800_000_000.0)
    town = Town(clock)
    put_tag(town, IdTag(id_tag=TAG, user_id="driver-7"))
    charger = StandardCharger.on_record(town, connectors=1).connect()
    charger.boot()
    plug = Plug(town, charger, 1)
    play(plug, [*steps, "stop"])
    sessions = sorted(town.world.sessions.rows.values(), key=lambda s: s.session_id)
    assert [session.energy_wh for session in sessions] == plug.truth
    assert all(session.state is SessionState.ENDED for session in sessions)
    charges = [row.session_id for row in town.world.books.ledger]
    assert charges == [session.session_id for session in sessions]
