"""Whatever is done to sessions in whatever order, the books stay right."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from twisted.internet.task import Clock

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    DatabaseAway,
    SessionNotStartable,
    TooManyReservations,
)
from flexicharge.interfaces.stores import NewReading
from flexicharge.model.metering import MeterReading
from flexicharge.model.reservation import Window
from flexicharge.model.session import (
    FINAL,
    UNSTARTED,
    EndFact,
    EndReason,
    Session,
    SessionState,
    StartFact,
    TaggedStart,
)
from flexicharge.model.site import Protocol
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryReadings,
    MemoryReservations,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.deferreds import result_of

S = SessionState
MOVES: Final = {
    S.OPENED: {S.RESERVED, S.STARTING, S.CHARGING, S.CANCELLED},
    S.RESERVED: {S.STARTING, S.CHARGING, S.CANCELLED},
    S.STARTING: {S.RESERVED, S.CHARGING, S.CANCELLED},
    S.CHARGING: {S.STOPPING, S.ENDED},
    S.STOPPING: {S.ENDED},
    S.ENDED: set[SessionState](),
    S.CANCELLED: set[SessionState](),
}
CONFLICTS: Final = (
    ConnectorBusy,
    ConnectorUnknown,
    DatabaseAway,
    SessionNotStartable,
    TooManyReservations,
)
CONNECTORS = st.sampled_from([100_000, 100_001, 100_002])
USERS = st.sampled_from(["ida", "bo", None])
WH = st.integers(0, 10**6)


def occupies(session: Session) -> bool:
    """Tell whether a session is what its connector is doing now."""
    return session.state not in FINAL and not session.aside


class Sessions(RuleBasedStateMachine):
    """Apps, stations and timers that act on three connectors of two stations."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.clock.advance(1_800_000_000.0)
        self.world = MemoryWorld(self.clock)
        self.store = MemoryTransactions(self.world)
        self.readings = MemoryReadings(self.world)
        self.reservations = MemoryReservations(self.world)
        self.chargers = MemoryChargers(self.world)
        for serial_number, protocol in (
            ("abc111", Protocol.DIALECT),
            ("abc112", Protocol.OCPP_1_6),
        ):
            result_of(
                self.chargers.add_charger(
                    None, serial_number, (57.78, 14.16), protocol=protocol
                )
            )
        self.world.network.add_connector(1, 2)
        self.before: dict[int, Session] = {}
        self.sealed: list[int] = []

    def ask(self, asked: Coroutine[Any, Any, Any]) -> Any:
        """Return what a method returns; None if it was refused or failed."""
        with suppress(*CONFLICTS):
            return result_of(asked)

    def any_session(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.world.sessions.rows)))

    def has_sessions(self) -> bool:
        return bool(self.world.sessions.rows)

    @rule(seconds=st.sampled_from([0.1, 30.0, 290.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(
        method=st.sampled_from(
            [
                "start",
                "start_tagged",
                "end",
                "begin_stop",
                "add_transaction",
                "book",
                "open_due",
            ]
        ),
        before_commit=st.booleans(),
    )
    def lose(self, method: str, before_commit: bool) -> None:
        self.world.faults.fail_next(method, before_commit=before_commit)

    @rule(user_id=USERS, connector_id=CONNECTORS)
    def open(self, user_id: str | None, connector_id: int) -> None:
        now = self.clock.seconds()
        opened = self.ask(
            self.store.add_transaction(
                user_id, connector_id, at=now, reserved_until=now + 300
            )
        )
        if opened is not None:
            session, is_new = opened
            assert is_new is (session.session_id not in self.before)
            assert session.user_id == user_id

    @rule(
        user_id=st.sampled_from(["ida", "bo"]),
        connector_id=CONNECTORS,
        ahead_s=st.sampled_from([-10.0, 20.0, 250.0]),
    )
    def book(self, user_id: str, connector_id: int, ahead_s: float) -> None:
        now = self.clock.seconds()
        window = Window(now + ahead_s, now + ahead_s + 300)
        booked = self.ask(
            self.reservations.book(user_id, connector_id, window, at=now, most=3)
        )
        begun = None if booked is None else self.before.get(booked.reservation_id)
        if begun is not None:  # asked for again, and begun meanwhile
            assert (begun.user_id, begun.connector_id) == (user_id, connector_id)
            assert begun.booked
            assert begun.state in UNSTARTED

    @rule(connector_id=CONNECTORS)
    def begin(self, connector_id: int) -> None:
        now = self.clock.seconds()
        may_fail = self.world.faults.may_strike
        self.ask(self.reservations.open_due(connector_id, now))
        due = result_of(self.reservations.get_due(now))
        assert connector_id not in due or may_fail

    @rule(
        station_id=st.sampled_from([1, 2]),
        connector_id=CONNECTORS,
        wh=WH,
        given_up=st.booleans(),
    )
    def start(
        self, station_id: int, connector_id: int, wh: int, given_up: bool
    ) -> None:
        fact = StartFact(
            station_id=station_id,
            connector_id=connector_id,
            meter_start_wh=wh,
            started_at=self.clock.seconds(),
            claimed="",
            given_up=given_up,
        )
        session = self.ask(self.store.start(fact))
        assert session is None or session.state in (S.CHARGING, S.STOPPING)

    @rule(
        station_id=st.sampled_from([1, 2]),
        connector_id=CONNECTORS,
        user_id=USERS,
        session_id=st.integers(1, 20),
        key=st.sampled_from(["", "one", "two"]),
        aside=st.booleans(),
    )
    def start_tagged(
        self,
        station_id: int,
        connector_id: int,
        user_id: str | None,
        session_id: int,
        key: str,
        aside: bool,
    ) -> None:
        fact = TaggedStart(
            station_id=station_id,
            connector_id=connector_id,
            meter_start_wh=None,
            started_at=self.clock.seconds() - 100,
            arrived_at=self.clock.seconds(),
            claimed="",
            key=key,
            id_tag=f"CARD{connector_id}",
            user_id=user_id,
            session_id=session_id,
            aside=aside,
        )
        begun = self.ask(self.store.start_tagged(fact))
        if begun is not None:
            session, moved = begun
            assert session.state in (S.CHARGING, S.STOPPING)
            assert session.station_id == station_id
            assert all(one.state is S.CANCELLED for one in moved)
            assert result_of(self.store.start_tagged(fact)) == (session, ())
            if session.id_tag:  # what began without one may be the same as this
                self.count_tags(session.id_tag)

    def count_tags(self, id_tag: str) -> None:
        rows = self.world.sessions.rows.values()
        running = {s.session_id for s in rows if s.state in (S.CHARGING, S.STOPPING)}
        found = result_of(self.store.get_running_with_tag(id_tag.lower()))
        assert {s.session_id for s in found} == {
            number
            for number in running
            if self.world.sessions.get(number).id_tag == id_tag
        }

    @precondition(has_sessions)
    @rule(
        data=st.data(),
        move=st.sampled_from(
            [
                lambda store, no, now: store.mark_reserved(no),
                lambda store, no, now: store.begin_start(no, now, now + 300),
                lambda store, no, now: store.return_to_reserved(no),
                lambda store, no, now: store.begin_stop(no, now),
                lambda store, no, now: store.cancel(no, now, EndReason.OFFLINE),
                lambda store, no, now: store.mark_paid(no, now),
            ]
        ),
    )
    def move(self, data: st.DataObject, move: Callable[..., Any]) -> None:
        number = self.any_session(data)
        session = self.ask(move(self.store, number, self.clock.seconds()))
        assert session is None or session == self.world.sessions.get(number)

    @precondition(has_sessions)
    @rule(data=st.data(), price_ore=st.integers(0, 10**6), energy_wh=WH)
    def end(self, data: st.DataObject, price_ore: int, energy_wh: int) -> None:
        number = self.any_session(data)
        fact = EndFact(
            session_id=number,
            meter_stop_wh=energy_wh,
            energy_wh=energy_wh,
            price_ore=price_ore,
            ended_at=self.clock.seconds(),
            reason=EndReason.STATION,
        )
        ended = self.ask(self.store.end(fact))
        if ended is not None and ended[1]:
            self.sealed.append(number)

    @precondition(has_sessions)
    @rule(data=st.data(), energy_wh=WH, refresh=st.booleans())
    def read(self, data: st.DataObject, energy_wh: int, refresh: bool) -> None:
        reading = MeterReading(energy_wh=energy_wh, taken_at=self.clock.seconds())
        number = self.any_session(data)
        told: list[Exception | None] = []
        self.readings.add(NewReading(number, reading, refresh), told.append)
        assert told == [None]

    @rule()
    def expire(self) -> None:
        now = self.clock.seconds()
        for session in result_of(self.store.expire_reservations(now)):
            assert session.end_reason is EndReason.EXPIRED
        for session in self.world.sessions.open_where(lambda _: True):
            held = session.state in (S.CHARGING, S.STOPPING)
            assert held or (session.reserved_until or 0) > now

    @invariant()
    def no_connector_has_two_open_sessions(self) -> None:
        rows = self.world.sessions.rows.values()
        open_on = [s.connector_id for s in rows if occupies(s)]
        assert len(open_on) == len(set(open_on))

    @invariant()
    def bookings_that_begin_are_their_users_own(self) -> None:
        for session in self.world.sessions.rows.values():
            booking = self.world.bookings.rows.get(session.session_id)
            assert session.booked is (booking is not None)
            if booking is not None:
                assert session.user_id == booking.user_id
                assert session.connector_id == booking.connector_id

    @invariant()
    def connectors_tell_where_their_session_stands(self) -> None:
        rows = self.world.sessions.rows.values()
        open_on = {s.connector_id: s.state for s in rows if occupies(s)}
        for connector in result_of(self.chargers.get_chargers()):
            assert connector.session_state is open_on.get(connector.connector_id)

    @invariant()
    def what_is_sealed_is_in_the_ledger_once(self) -> None:
        rows = self.world.sessions.rows.values()
        prices = {s.session_id: s.price_ore for s in rows if s.state is S.ENDED}
        ledger = [(row.session_id, row.amount_ore) for row in self.world.books.ledger]
        assert dict(ledger) == prices
        assert len(ledger) == len(prices)
        assert len(self.sealed) == len(set(self.sealed))
        assert set(self.sealed) <= prices.keys()

    @invariant()
    def sessions_move_as_they_may(self) -> None:
        for number, session in self.world.sessions.rows.items():
            old = self.before.get(number, session)
            assert session.state is old.state or session.state in MOVES[old.state]
            assert (session.connector_id, session.user_id) == (
                old.connector_id,
                old.user_id,
            )
            assert (session.meter_last_wh or 0) >= (old.meter_last_wh or 0)
            if old.state is S.CANCELLED:
                assert session == old
            if old.state is S.ENDED:
                assert (session.price_ore, session.energy_wh, session.ended_at) == (
                    old.price_ore,
                    old.energy_wh,
                    old.ended_at,
                )
        self.before = dict(self.world.sessions.rows)


Sessions.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None
)
TestSessions = Sessions.TestCase
