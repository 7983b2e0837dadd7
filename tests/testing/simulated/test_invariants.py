"""What must be true all the time: each check is made to fail here on purpose."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from attrs import evolve, frozen
from twisted.internet.task import Clock

from flexicharge.actors.charger import MONEY_LIMIT
from flexicharge.model.session import (
    EndFact,
    EndReason,
    Session,
    SessionFlag,
    SessionState,
    StartFact,
)
from flexicharge.model.tariff import HOUR_S, HourPrice, hour_of
from flexicharge.storage.memory import MemoryChargers, MemoryTransactions, MemoryWorld
from flexicharge.storage.memory.rows import LedgerRow
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.simulated.invariants import FIXED, LATE_S, NEWS, Invariants

PLACE = (57.78, 14.16)
OPENED, RESERVED, STARTING, CHARGING, STOPPING, ENDED, CANCELLED = SessionState
MOVES = {
    OPENED: {OPENED, RESERVED, STARTING, CHARGING, CANCELLED},
    RESERVED: {RESERVED, STARTING, CHARGING, CANCELLED},
    STARTING: {RESERVED, STARTING, CHARGING, CANCELLED},
    CHARGING: {CHARGING, STOPPING, ENDED},
    STOPPING: {STOPPING, ENDED},
    ENDED: {ENDED},
    CANCELLED: {CANCELLED},
}


class Bench:
    """A world with two chargers, somebody who writes to it, and who watches."""

    def __init__(self, clock: Clock) -> None:
        self.world, self.now = MemoryWorld(clock), clock.seconds()
        self.store = MemoryTransactions(self.world)
        self.broken: list[str] = []
        self.invariants = Invariants(self.world, self.broken.append)
        chargers = MemoryChargers(self.world)
        for serial_number, sek in (("sim00000", Decimal("2.50")), ("sim00001", None)):
            site = result_of(
                chargers.add_charge_point(serial_number, "", PLACE, sek_per_kwh=sek)
            )
            result_of(chargers.add_charger(site.site_id, serial_number, PLACE))
        self.connectors = [*self.world.network.connectors.values()]

    def opened(self, user_id: str | None = "u1", place: int = 0) -> Session:
        """Return a new session on one of the connectors."""
        connector_id = self.connectors[place].connector_id
        later = self.now + 300
        session, _ = result_of(
            self.store.add_transaction(
                user_id, connector_id, at=self.now, reserved_until=later
            )
        )
        return session

    def charging(self, user_id: str | None = "u1", place: int = 0) -> Session:
        """Return a new session in which energy flows."""
        session = self.opened(user_id, place)
        result_of(
            self.store.start(
                StartFact(
                    station_id=session.station_id,
                    connector_id=session.connector_id,
                    meter_start_wh=100,
                    started_at=self.now,
                    claimed="{}",
                )
            )
        )
        return self.stored(session)

    def ended(
        self, user_id: str | None = "u1", place: int = 0, price_ore: int = 250
    ) -> Session:
        """Return a session of one kWh that is over."""
        session = self.charging(user_id, place)
        result_of(
            self.store.end(
                EndFact(
                    session_id=session.session_id,
                    meter_stop_wh=1100,
                    energy_wh=1000,
                    price_ore=price_ore,
                    ended_at=self.now,
                    reason=EndReason.DRIVER,
                )
            )
        )
        return self.stored(session)

    def stored(self, session: Session) -> Session:
        """Return a session as it is now."""
        return self.world.sessions.get(session.session_id)

    def write(self, session: Session, **changed: Any) -> None:
        """Write a row as no store would."""
        self.world.sessions.put(evolve(session, **changed))

    def charge(self, session: Session, amount_ore: int) -> None:
        """Append to the ledger."""
        self.world.books.ledger.append(
            LedgerRow(
                session_id=session.session_id,
                amount_ore=amount_ore,
                brackets="[]",
                at=self.now,
            )
        )


@pytest.fixture
def bench(clock: Clock) -> Bench:
    """A world that is watched."""
    return Bench(clock)


def test_nothing_is_wrong_with_an_honest_store(bench: Bench) -> None:
    """All that was looked at is counted."""
    first, second = bench.ended(), bench.ended("u2")
    result_of(bench.store.mark_paid(first.session_id, bench.now))
    result_of(bench.store.cancel(bench.opened().session_id, 1.0, EndReason.EXPIRED))
    assert first.session_id != second.session_id
    assert bench.broken == []
    assert bench.invariants.checked["session sealed"] == 2
    assert bench.invariants.checked["session written"] >= 8


# no connector in two sessions


def test_a_connector_in_two_sessions_is_found(bench: Bench) -> None:
    """When the second one is written."""
    session = bench.charging()
    bench.world.sessions.watch(None, evolve(session, session_id=99))
    [finding] = bench.broken
    assert "is in sessions 1 and 99" in finding


def test_connectors_are_free_again_after_a_session(bench: Bench) -> None:
    """Also when another one ends late."""
    session = bench.ended()
    bench.charging("u2")
    bench.world.sessions.watch(session, session)
    assert bench.broken == []


# sessions move forward, and stay what they are


@pytest.mark.parametrize(("before", "after"), [*product(SessionState, repeat=2)])
def test_only_moves_of_the_model_are_moves(
    bench: Bench, before: SessionState, after: SessionState
) -> None:
    """Any other is found."""
    session = evolve(bench.opened(), state=before, price_ore=0)
    bench.charge(session, 0)
    bench.world.sessions.watch(session, evolve(session, state=after))
    moved = [what for what in bench.broken if "→" in what]
    assert bool(moved) is (after not in MOVES[before])


@pytest.mark.parametrize("name", FIXED)
def test_what_never_changes_is_found_to_have_changed(bench: Bench, name: str) -> None:
    """A session on another connector or of another user is another session."""
    session = bench.charging()
    value = getattr(session, name)
    other = f"{value}0" if isinstance(value, str) else value + 1
    bench.world.sessions.watch(session, evolve(session, **{name: other}))
    assert f"session 1: its {name} has changed" in bench.broken


@pytest.mark.parametrize(
    "changed",
    [
        {"energy_wh": 999},
        {"price_ore": 251},
        {"flags": (SessionFlag.METER_IN_DOUBT,)},
        {"meter_stop_wh": 1101},
        {"ended_at": 1.0},
        {"state": CANCELLED},
    ],
)
def test_what_is_sealed_stays_so(bench: Bench, changed: dict[str, Any]) -> None:
    """Whatever is written to it afterwards is found."""
    bench.write(bench.ended(), **changed)
    assert "session 1 changed after its end" in bench.broken


def test_a_payment_may_come_after_the_end(bench: Bench) -> None:
    """That is when payments come."""
    bench.write(bench.ended(), is_paid=True, paid_at=5.0, payment_id=3)
    assert bench.broken == []


def test_a_payment_does_not_go_away(bench: Bench) -> None:
    """What is paid stays paid."""
    bench.write(bench.ended(), is_paid=True)
    bench.write(bench.stored(bench.world.sessions.get(1)), is_paid=False)
    assert bench.broken == ["session 1 was paid and is not any more"]


# priced exactly once


def test_an_end_without_a_charge_is_found(bench: Bench) -> None:
    """A session that nobody pays for."""
    bench.write(bench.charging(), state=ENDED, energy_wh=0, price_ore=0)
    assert bench.broken == ["session 1 ended without a charge in the ledger"]


def test_a_charge_of_another_amount_is_found(bench: Bench) -> None:
    """The ledger and the session say the same."""
    session = bench.charging()
    bench.charge(session, 249)
    bench.write(session, state=ENDED, energy_wh=1000, price_ore=250)
    assert bench.broken == ["session 1: 249 öre in the ledger"]


def test_a_second_charge_is_found_at_the_end(bench: Bench) -> None:
    """Written together with the first."""
    session = bench.charging()
    bench.charge(session, 250)
    bench.charge(session, 250)
    bench.write(session, state=ENDED, energy_wh=1000, price_ore=250)
    assert bench.broken == ["session 1 is charged twice"]


def test_a_second_charge_is_found_later(bench: Bench) -> None:
    """With the next row that anybody writes."""
    bench.charge(bench.ended(), 250)
    bench.opened("u2", place=1)
    assert bench.broken == ["session 1 is charged twice"]


def test_nobody_owes_nothing(bench: Bench) -> None:
    """A session without a user that costs something is found."""
    bench.ended(None, price_ore=250)
    assert bench.broken == ["session 1 of nobody costs 250 öre"]


@pytest.mark.parametrize("price_ore", [0, 249, 251, 500])
def test_a_wrong_price_is_found(bench: Bench, price_ore: int) -> None:
    """Of a site with a price of its own, whatever the ledger says."""
    bench.ended(price_ore=price_ore)
    assert bench.broken == [
        f"session 1: 1000 Wh at 2.50000 SEK/kWh are 250 öre, not {price_ore}"
    ]


def test_a_price_without_a_tariff_is_not_reckoned_here(bench: Bench) -> None:
    """It is guessed, and flagged so."""
    bench.ended(place=1, price_ore=77)
    assert bench.broken == []


@pytest.mark.parametrize(("price_ore", "is_right"), [(250, True), (900, False)])
def test_a_tariffs_price_lies_between_its_hours(
    bench: Bench, price_ore: int, is_right: bool
) -> None:
    """That of the cheapest hour and that of the dearest."""
    now_at = hour_of(bench.now)
    for hour_at in range(now_at - HOUR_S, now_at + 5 * HOUR_S, HOUR_S):
        bench.world.tariffs[hour_at] = HourPrice(hour_at, Decimal("2.50"))
    bench.ended(place=1, price_ore=price_ore)
    assert (bench.broken == []) == is_right


# mailboxes


@frozen
class Actor:
    """As much of a charger's actor as is looked at."""

    waiting: int
    station: Any = None


@frozen
class Station:
    """A station by its name."""

    serial_number: str = "sim00000"


def test_a_mailbox_over_its_bound_is_found(bench: Bench) -> None:
    """One message too many."""
    most = MONEY_LIMIT + NEWS
    bench.invariants.mailbox(Actor(most, Station()))  # type: ignore[arg-type]
    assert bench.broken == []
    bench.invariants.mailbox(Actor(most + 1, Station()))  # type: ignore[arg-type]
    assert bench.broken == [f"sim00000: {most + 1} messages wait"]
    assert bench.invariants.checked["mailbox"] == 2


# no user sees another's data


def test_a_live_frame_of_another_is_found(bench: Bench) -> None:
    """Whoever charges sees it; nobody else does."""
    connector_id = bench.charging("u1").connector_id
    bench.invariants.seen_live("u1", connector_id, bench.now)
    assert bench.broken == []
    bench.invariants.seen_live("u2", connector_id, bench.now)
    assert bench.broken == [f"u2 sees {connector_id}, which is another's"]


def test_a_live_frame_may_be_late(bench: Bench) -> None:
    """By a minute after the end of a charge, not by more."""
    connector_id = bench.ended("u1").connector_id
    bench.invariants.seen_live("u1", connector_id, bench.now + LATE_S - 1)
    assert bench.broken == []
    bench.invariants.seen_live("u1", connector_id, bench.now + LATE_S)
    assert len(bench.broken) == 1


def test_a_connector_of_nobody_is_nobodys_to_see(bench: Bench) -> None:
    """Nor is one that does not exist."""
    bench.invariants.seen_live("u1", bench.connectors[1].connector_id, bench.now)
    bench.invariants.seen_live("u1", 7, bench.now)
    assert len(bench.broken) == 2


def test_a_transaction_of_another_is_found(bench: Bench) -> None:
    """When it was shown to somebody."""
    session_id = bench.charging("u1").session_id
    bench.invariants.seen("u1", session_id)
    assert bench.broken == []
    bench.invariants.seen("u2", session_id)
    assert bench.broken == ["u2 was shown transaction 1"]
    assert bench.invariants.checked["transaction shown"] == 2
