"""Sessions, their money and what stations said of them, in memory."""

from __future__ import annotations

from attrs import evolve, frozen
from zope.interface import implementer

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    SessionNotStartable,
    StationUnknown,
)
from flexicharge.interfaces import ITransactionStore
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
from flexicharge.model.status import ConnectorStatus
from flexicharge.storage.memory import moves, opening, tagged_starts
from flexicharge.storage.memory.guards import (
    stored_at,
    stored_json,
    stored_key,
    stored_text,
)
from flexicharge.storage.memory.rows import FactRow, LedgerRow, PaymentRow
from flexicharge.storage.memory.session_reads import MemorySessionReads
from flexicharge.storage.values import storable


@implementer(ITransactionStore)
@frozen
class MemoryTransactions(MemorySessionReads):
    """The sessions of a world; see `ITransactionStore` for every method."""

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

    async def start_tagged(
        self, fact: TaggedStart
    ) -> tuple[Session, tuple[Session, ...]]:
        """Commit that energy flows on a standard station; return the session.

        Also those that had to make way.
        """
        async with self._world.commit("start_tagged"):
            again = tagged_starts.said_before(self._world, fact)
            if again is not None:
                return again, ()
            begun, cancelled = tagged_starts.begin(self._world, fact)
            if not begun.aside:
                self._say(begun, ConnectorStatus.CHARGING, fact.arrived_at)
            return begun, cancelled

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
                said_at = fact.ended_at if fact.arrived_at is None else fact.arrived_at
                self._keep_words(sealed, "stop", said_at, fact.claimed, key)
            station = self._world.network.stations[sealed.station_id]
            if station.protocol is Protocol.DIALECT and not sealed.aside:
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

    async def expire_reservations(self, at: float) -> tuple[Session, ...]:
        """Cancel unstarted sessions whose time is up; return them, by number."""
        async with self._world.commit("expire_reservations"):
            overdue = self._sessions.open_where(lambda s: moves.is_overdue(s, at))
            return tuple(
                self._put_and_free(moves.cancelled(session, at, EndReason.EXPIRED), at)
                for session in overdue
            )

    def _blank(self, connector_id: int, at: float) -> Session:
        """Return a new session of nobody; raise `ConnectorUnknown`."""
        number = self._sessions.draw_number()
        return opening.blank(self._world, connector_id, number, at)

    def _is_of_station(self, fact: StartFact) -> bool:
        connector = self._world.network.connectors.get(fact.connector_id)
        return connector is not None and connector.station_id == fact.station_id

    def _meant(self, fact: StartFact) -> Session | None:
        """Return the session that a station says it started."""
        open_here = [s for s in self._open_at(fact.station_id) if not s.aside]
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
