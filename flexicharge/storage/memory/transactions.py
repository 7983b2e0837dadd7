"""Sessions, their money and what stations said of them, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from attrs import evolve, frozen
from zope.interface import implementer

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    SessionNotStartable,
    StationUnknown,
)
from flexicharge.interfaces import ITransactionStore
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import (
    FINAL,
    RUNNING,
    UNSTARTED,
    EndFact,
    EndReason,
    Said,
    Session,
    SessionState,
    StartFact,
)
from flexicharge.model.site import Protocol
from flexicharge.model.status import ConnectorStatus
from flexicharge.model.tariff import hour_of
from flexicharge.storage.memory import moves, opening
from flexicharge.storage.memory.guards import (
    stored_at,
    stored_json,
    stored_key,
    stored_text,
)
from flexicharge.storage.memory.newest import newest_of_each_kind
from flexicharge.storage.memory.rows import FactRow, LedgerRow, PaymentRow
from flexicharge.storage.memory.sessions import SessionTable, by_age
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.values import storable


@implementer(ITransactionStore)
@frozen
class MemoryTransactions:
    """The sessions of a world; see `ITransactionStore` for every method."""

    _world: MemoryWorld

    async def add_transaction(
        self,
        user_id: str | None,
        connector_id: int,
        meter_start_wh: int | None = None,
        *,
        at: float,
        reserved_until: float,
    ) -> tuple[Session, bool]:
        """Open a session on a connector; return it, and True if it is new."""
        async with self._world.commit("add_transaction"):
            due = opening.open_due(self._world, connector_id, at)
            found = due or self._sessions.open_on(connector_id)
            if found is None:
                if not self._world.may_use(user_id, connector_id):
                    raise ConnectorUnknown(connector_id)
                blank = self._blank(connector_id, at)
                session = moves.opened(blank, user_id, meter_start_wh, reserved_until)
                return self._sessions.add(session), True
            if found.user_id != user_id or found.state not in UNSTARTED:
                raise ConnectorBusy(connector_id)
            extended = moves.extended(found, reserved_until)
            return self._sessions.put(extended), due is not None

    async def get_transaction(self, transaction_id: int) -> Session:
        """Return a session; raise `SessionUnknown`."""
        async with self._world.commit("get_transaction"):
            return self._sessions.get(transaction_id)

    async def get_transactions_for_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions except cancelled ones, newest first."""
        async with self._world.commit("get_transactions_for_user"):
            return _not_cancelled(self._sessions.of_user(user_id))

    async def get_newest_for_user(self, user_id: str) -> tuple[Session, ...]:
        """Return the newest session of each kind that a user has, newest first."""
        async with self._world.commit("get_newest_for_user"):
            return newest_of_each_kind(self._sessions.of_user(user_id))

    async def get_transactions_for_charger(
        self, connector_id: int
    ) -> tuple[Session, ...]:
        """Return a connector's sessions except cancelled ones, newest first."""
        async with self._world.commit("get_transactions_for_charger"):
            if self._world.network.is_for_self_tests(connector_id):
                return ()
            return _not_cancelled(self._sessions.on_connector(connector_id))

    async def get_open_for_station(self, station_id: int) -> tuple[Session, ...]:
        """Return the sessions of a station that are not final, oldest first."""
        async with self._world.commit("get_open_for_station"):
            return self._open_at(station_id)

    async def get_latest_for_station(self, station_id: int) -> Session | None:
        """Return the newest session of a station that ever started."""
        async with self._world.commit("get_latest_for_station"):
            started = (*RUNNING, SessionState.ENDED)
            here = self._sessions.at_station(station_id)
            known = (session for session in here if session.state in started)
            return max(known, key=by_age, default=None)

    async def update_transaction_payment(
        self,
        transaction_id: int,
        payment_id: int | None = None,
        *,
        provider: str,
        client_token: str,
        provider_session_id: str,
        at: float,
    ) -> Session:
        """Keep the payment opened for a session, or replace that numbered so."""
        async with self._world.commit("update_transaction_payment"):
            session = self._sessions.get(transaction_id)
            books = self._world.books
            row = PaymentRow(
                session_id=transaction_id,
                provider=stored_text(provider),
                client_token=storable(client_token),
                provider_session_id=storable(provider_session_id),
                updated_at=stored_at(at),
            )
            if payment_id is None:
                books.add_payment(row)
            else:
                books.replace_payment(payment_id, row)
            newest = books.newest_payment_of(transaction_id)
            return self._sessions.put(evolve(session, payment_id=newest))

    async def get_payment(self, transaction_id: int) -> PaymentSession | None:
        """Return the payment that was opened last for a session, if any was."""
        async with self._world.commit("get_payment"):
            books = self._world.books
            payment_id = books.newest_payment_of(transaction_id)
            if payment_id is None:
                return None
            row = books.payments[payment_id]
            return PaymentSession(
                provider=row.provider,
                client_token=row.client_token,
                provider_session_id=row.provider_session_id,
            )

    async def update_transaction_meter(
        self, transaction_id: int, meter_wh: int
    ) -> Session:
        """Refresh the row's last register, never downwards; raise `SessionUnknown`."""
        async with self._world.commit("update_transaction_meter"):
            session = self._sessions.get(transaction_id)
            return self._sessions.put(moves.metered(session, meter_wh))

    async def mark_reserved(self, transaction_id: int) -> Session:
        """opened → reserved; any other state is returned as it is."""
        async with self._world.commit("mark_reserved"):
            session = self._sessions.get(transaction_id)
            return self._sessions.put(moves.reserved(session))

    async def begin_start(
        self, transaction_id: int, at: float, reserved_until: float
    ) -> Session:
        """opened, reserved, starting → starting; running ones stay as they are."""
        async with self._world.commit("begin_start"):
            session = self._sessions.get(transaction_id)
            if session.state in FINAL:
                raise SessionNotStartable(transaction_id)
            return self._sessions.put(moves.starting(session, at, reserved_until))

    async def return_to_reserved(self, transaction_id: int) -> Session:
        """starting → reserved; any other state is returned as it is."""
        async with self._world.commit("return_to_reserved"):
            session = self._sessions.get(transaction_id)
            return self._sessions.put(moves.reserved_again(session))

    async def start(self, fact: StartFact) -> Session:
        """Commit that a session of this connector started, and return it.

        Raise `ConnectorUnknown` where it has none and none can be opened.
        """
        async with self._world.commit("start"):
            key = stored_key(fact.key)
            if self._is_of_station(fact):
                opening.begin_or_make_way(self._world, fact)
            meant = self._meant(fact)
            if meant is None:
                blank = self._blank(fact.connector_id, fact.started_at)
                if blank.station_id != fact.station_id:
                    raise ConnectorUnknown(fact.connector_id)
                started = self._sessions.add(moves.charging(blank, fact))
            elif (started := moves.charging(meant, fact)) == meant:
                return meant
            else:
                self._sessions.put(started)
            self._say(started, ConnectorStatus.CHARGING, fact.started_at)
            self._keep_words(started, "start", fact.started_at, fact.claimed, key)
            return started

    async def begin_stop(self, transaction_id: int, at: float) -> Session:
        """charging → stopping; unstarted ones are cancelled; the rest is unchanged."""
        async with self._world.commit("begin_stop"):
            session = self._sessions.get(transaction_id)
            return self._put_and_free(moves.stopping(session, at), at)

    async def cancel(
        self,
        transaction_id: int,
        at: float,
        reason: EndReason,
        *,
        even_starting: bool = True,
    ) -> Session:
        """Cancel an unstarted session; any other state is returned as it is."""
        async with self._world.commit("cancel"):
            session = self._sessions.get(transaction_id)
            if session.state is SessionState.STARTING and not even_starting:
                return session
            return self._put_and_free(moves.cancelled(session, at, reason), at)

    async def end(self, fact: EndFact) -> tuple[Session, bool]:
        """Seal a running session; return it, and True if this call sealed it."""
        async with self._world.commit("end"):
            key = stored_key(fact.key)
            session = self._sessions.get(fact.session_id)
            sealed = moves.ended(session, fact)
            if sealed == session:
                return session, False
            charge = LedgerRow(
                session_id=fact.session_id,
                amount_ore=fact.price_ore,
                brackets=stored_json(fact.brackets),
                at=stored_at(fact.ended_at),
            )
            if not sealed.for_self_tests:
                self._world.books.ledger.append(charge)
            self._sessions.put(sealed)
            opening.use_up(self._world, sealed)
            if fact.claimed is not None:
                self._keep_words(sealed, "stop", fact.ended_at, fact.claimed, key)
            station = self._world.network.stations[sealed.station_id]
            if station.protocol is Protocol.DIALECT:
                self._say(sealed, ConnectorStatus.AVAILABLE, fact.ended_at)
            return sealed, True

    async def mark_paid(self, transaction_id: int, at: float) -> Session:
        """Note that a sealed session is paid; once paid it stays so."""
        async with self._world.commit("mark_paid"):
            session = self._sessions.get(transaction_id)
            return self._sessions.put(moves.paid(session, at))

    async def keep_fact(
        self,
        station_id: int,
        session_id: int | None,
        kind: str,
        at: float,
        claimed: str,
        *,
        key: str = "",
    ) -> None:
        """Append something a station said that changes no session but is evidence.

        Raise `StationUnknown` or `SessionUnknown`.
        """
        async with self._world.commit("keep_fact"):
            if station_id not in self._world.network.stations:
                raise StationUnknown(station_id)
            if session_id is not None:
                self._sessions.get(session_id)
            self._world.books.keep_fact(
                FactRow(
                    station_id=station_id,
                    session_id=session_id,
                    kind=stored_text(kind),
                    at=stored_at(at),
                    claimed=storable(claimed),
                    key=stored_key(key),
                )
            )

    async def said_before(
        self, station_id: int, kinds: tuple[str, ...], key: str
    ) -> Said | None:
        """Return the newest fact of a station with a key and one of some kinds."""
        async with self._world.commit("said_before"):
            found = self._world.books.facts_with_key(station_id, key)
            said = [Said(f.session_id, f.at) for f in found if f.kind in kinds]
            return said[-1] if said else None

    async def expire_reservations(self, at: float) -> tuple[Session, ...]:
        """Cancel unstarted sessions whose time is up; return them, by number."""
        async with self._world.commit("expire_reservations"):
            overdue = self._sessions.open_where(lambda s: moves.is_overdue(s, at))
            return tuple(
                self._put_and_free(moves.cancelled(session, at, EndReason.EXPIRED), at)
                for session in overdue
            )

    async def get_silent(self, since: float) -> tuple[Session, ...]:
        """Return running sessions none of whose frames came after `since`."""
        async with self._world.commit("get_silent"):
            until = stored_at(since)
            return self._sessions.open_where(
                lambda s: s.state in RUNNING and self._heard_at(s) <= until
            )

    async def get_last_reading(self, session_id: int) -> MeterReading | None:
        """Return the newest reading of a session."""
        async with self._world.commit("get_last_reading"):
            readings = self._world.readings.get(session_id)
            return readings[-1] if readings else None

    async def get_hourly_readings(self, session_id: int) -> tuple[MeterReading, ...]:
        """Return the first and last reading of each hour, in time order."""
        async with self._world.commit("get_hourly_readings"):
            edges: list[MeterReading] = []
            readings = self._world.readings.get(session_id, [])
            for _, hour in groupby(readings, key=lambda r: hour_of(r.taken_at)):
                first, *others = hour
                edges += [first, *others[-1:]]
            return tuple(edges)

    @property
    def _sessions(self) -> SessionTable:
        return self._world.sessions

    def _open_at(self, station_id: int) -> tuple[Session, ...]:
        """Return a station's sessions that are not final, oldest first."""
        here = self._sessions.at_station(station_id)
        still_open = [session for session in here if session.state not in FINAL]
        return tuple(sorted(still_open, key=by_age))

    def _blank(self, connector_id: int, at: float) -> Session:
        """Return a new session of nobody; raise `ConnectorUnknown`."""
        number = self._sessions.draw_number()
        return opening.blank(self._world, connector_id, number, at)

    def _is_of_station(self, fact: StartFact) -> bool:
        connector = self._world.network.connectors.get(fact.connector_id)
        return connector is not None and connector.station_id == fact.station_id

    def _meant(self, fact: StartFact) -> Session | None:
        """Return the session that a station says it started."""
        open_here = self._open_at(fact.station_id)
        for session in open_here:
            if session.connector_id == fact.connector_id:
                return session
        station = self._world.network.stations.get(fact.station_id)
        is_dialect = station is not None and station.protocol is Protocol.DIALECT
        return open_here[0] if is_dialect and len(open_here) == 1 else None

    def _put_and_free(self, session: Session, at: float) -> Session:
        """Put a session; one that is cancelled by now frees its connector."""
        was_open = self._sessions.get(session.session_id).state not in FINAL
        connector = self._world.network.connectors[session.connector_id]
        is_freed = was_open and session.state is SessionState.CANCELLED
        if is_freed and connector.status is ConnectorStatus.RESERVED:
            self._say(session, ConnectorStatus.AVAILABLE, at)
        return self._sessions.put(session)

    def _say(self, session: Session, word: ConnectorStatus, at: float) -> None:
        self._world.network.say(session.connector_id, word, at)

    def _keep_words(
        self, session: Session, kind: str, at: float, claimed: str, key: str
    ) -> None:
        self._world.books.keep_fact(
            FactRow(
                station_id=session.station_id,
                session_id=session.session_id,
                kind=kind,
                at=stored_at(at),
                claimed=storable(claimed),
                key=key,
            )
        )

    def _heard_at(self, session: Session) -> float:
        """Return when a running session was last heard of."""
        readings = self._world.readings.get(session.session_id, [])
        last = readings[-1].taken_at if readings else 0.0
        return max(session.started_at or 0.0, last)


def _not_cancelled(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(s for s in sessions if s.state is not SessionState.CANCELLED)
