"""Sessions with their money share, readings and evidence, in PostgreSQL."""

from __future__ import annotations

from typing import Final

from attrs import asdict, frozen
from zope.interface import implementer

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    SessionNotStartable,
    SessionUnknown,
)
from flexicharge.interfaces import ITransactionStore
from flexicharge.model.account import GUEST
from flexicharge.model.id_tag import folded
from flexicharge.model.session import (
    FINAL,
    UNSTARTED,
    EndFact,
    EndReason,
    Session,
    StartFact,
    TaggedStart,
)
from flexicharge.storage import session_changes as change
from flexicharge.storage import session_rows as read
from flexicharge.storage.booking_changes import (
    MAKE_WAY,
    OPEN_DUE,
    OPEN_STARTED,
    USE_UP,
)
from flexicharge.storage.locks import (
    LOCK_CONNECTOR,
    LOCK_EXPIRED,
    LOCK_SESSION,
    LOCK_STATION,
    in_one_commit,
)
from flexicharge.storage.session_reads import PostgresSessionReads, only
from flexicharge.storage.session_rows import session_of
from flexicharge.storage.tagged_starts import BEGIN_TAGGED, Part
from flexicharge.storage.values import short_text, storable, stored_tag

ADD: Final = in_one_commit(
    LOCK_CONNECTOR,
    OPEN_DUE,
    change.EXTEND,
    change.OPEN,
    read.OPEN_ON_CONNECTOR_AND_WHETHER_NEW,
)
START: Final = in_one_commit(
    LOCK_STATION,
    MAKE_WAY,
    OPEN_STARTED,
    change.START,
    f"{read.READ_SESSIONS} WHERE s.session_id = ({change.MEANT})",
)
START_TAGGED: Final = in_one_commit(LOCK_STATION, BEGIN_TAGGED)
END: Final = in_one_commit(
    LOCK_SESSION, USE_UP, change.SEAL, read.BY_NUMBER_AND_WHETHER_SEALED_NOW
)
EXPIRE: Final = in_one_commit(
    LOCK_EXPIRED,
    change.EXPIRE
    + read.SESSION_COLUMNS
    + """
FROM expired s
JOIN stations st USING (station_id)
JOIN money t USING (session_id)
ORDER BY s.session_id
""",
)


@implementer(ITransactionStore)
@frozen
class PostgresTransactions(PostgresSessionReads):
    """The sessions that survive a restart; see `ITransactionStore` for every method."""

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
        params = {
            "user_id": user_id,
            "connector_id": connector_id,
            "meter_start_wh": meter_start_wh,
            "at": at,
            "reserved_until": reserved_until,
        }
        rows = await self._database.query(ADD, params)
        if not rows:
            raise ConnectorUnknown(connector_id)
        session = session_of(rows[0])
        if session.user_id != user_id or session.state not in UNSTARTED:
            raise ConnectorBusy(connector_id)
        return session, rows[0][-1]

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
        return await self._change(
            transaction_id,
            change.ADD_PAYMENT if payment_id is None else change.REPLACE_PAYMENT,
            payment_id=payment_id,
            provider=provider,
            client_token=storable(client_token),
            provider_session_id=storable(provider_session_id),
            at=at,
        )

    async def update_transaction_meter(
        self, transaction_id: int, meter_wh: int
    ) -> Session:
        """Refresh the row's last register, never downwards; raise `SessionUnknown`."""
        return await self._change(
            transaction_id, change.REFRESH_METER, meter_wh=meter_wh
        )

    async def mark_reserved(self, transaction_id: int) -> Session:
        """opened → reserved; any other state is returned as it is."""
        return await self._change(transaction_id, change.MARK_RESERVED)

    async def begin_start(
        self, transaction_id: int, at: float, reserved_until: float
    ) -> Session:
        """opened, reserved, starting → starting; running ones stay as they are."""
        session = await self._change(
            transaction_id, change.BEGIN_START, at=at, reserved_until=reserved_until
        )
        if session.state in FINAL:
            raise SessionNotStartable(transaction_id)
        return session

    async def return_to_reserved(self, transaction_id: int) -> Session:
        """starting → reserved; any other state is returned as it is."""
        return await self._change(transaction_id, change.RETURN_TO_RESERVED)

    async def start(self, fact: StartFact) -> Session:
        """Commit that a session of this connector started, and return it."""
        params = {
            **asdict(fact),
            "at": fact.started_at,
            "claimed": storable(fact.claimed),
        }
        rows = await self._database.query(START, params)
        if not rows:
            raise ConnectorUnknown(fact.connector_id)
        return session_of(rows[0])

    async def start_tagged(
        self, fact: TaggedStart
    ) -> tuple[Session, tuple[Session, ...]]:
        """Commit that energy flows on a standard station; return the session.

        Also those that had to make way.
        """
        id_tag = stored_tag(fact.id_tag)
        params = {
            **asdict(fact),
            "at": fact.arrived_at,
            "claimed": storable(fact.claimed),
            "id_tag": id_tag,
            "folded_tag": folded(id_tag),
            "flags": list(dict.fromkeys(fact.flags)),
        }
        rows = await self._database.query(START_TAGGED, params)
        if not rows:
            raise ConnectorUnknown(fact.connector_id)
        parts = [(session_of(row), Part(row[-1])) for row in rows]
        begun = [session for session, part in parts if part is Part.BEGUN]
        if not begun:
            raise ConnectorBusy(fact.connector_id)
        moved = (session for session, part in parts if part is Part.MOVED)
        return begun[0], tuple(moved)

    async def begin_stop(self, transaction_id: int, at: float) -> Session:
        """charging → stopping; unstarted ones are cancelled; the rest is unchanged."""
        return await self._change(
            transaction_id,
            in_one_commit(change.CANCEL, change.BEGIN_STOP),
            at=at,
            reason=EndReason.DRIVER,
            even_starting=True,
        )

    async def cancel(
        self,
        transaction_id: int,
        at: float,
        reason: EndReason,
        *,
        even_starting: bool = True,
    ) -> Session:
        """Cancel an unstarted session; any other state is returned as it is."""
        return await self._change(
            transaction_id,
            change.CANCEL,
            at=at,
            reason=reason,
            even_starting=even_starting,
        )

    async def end(self, fact: EndFact) -> tuple[Session, bool]:
        """Seal a running session; return it, and True if this call sealed it."""
        claimed = None if fact.claimed is None else storable(fact.claimed)
        params = {
            **asdict(fact),
            "flags": list(dict.fromkeys(fact.flags)),
            "claimed": claimed,
            "said_at": fact.ended_at if fact.arrived_at is None else fact.arrived_at,
            "id_tag": stored_tag(fact.id_tag),
            "stop_reason": short_text(fact.stop_reason),
            "guest": GUEST,
        }
        rows = await self._database.query(END, params)
        if not rows:
            raise SessionUnknown(fact.session_id)
        return session_of(rows[0]), rows[0][-1]

    async def mark_paid(self, transaction_id: int, at: float) -> Session:
        """Note that a sealed session is paid; once paid it stays so."""
        return await self._change(transaction_id, change.MARK_PAID, at=at)

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
        """Append something a station said that changes no session but is evidence."""
        params = {
            "station_id": station_id,
            "session_id": session_id,
            "kind": kind,
            "at": at,
            "claimed": storable(claimed),
            "key": key,
        }
        await self._database.query(change.KEEP_FACT, params)

    async def expire_reservations(self, at: float) -> tuple[Session, ...]:
        """Cancel unstarted sessions whose time is up; return them, by number."""
        return await self._read(EXPIRE, at=at)

    async def _change(self, session_id: int, sql: str, **params: object) -> Session:
        """Return a session as it is after a change, which may not have applied."""
        found = await self._read(
            in_one_commit(LOCK_SESSION, sql, read.BY_NUMBER),
            session_id=session_id,
            **params,
        )
        return only(found, session_id)
