"""What is owed by the month, in memory: read from the ledger, and named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen
from zope.interface import implementer

from flexicharge.errors import InvoiceUnknown
from flexicharge.interfaces import IInvoiceStore
from flexicharge.model.account import GUEST
from flexicharge.model.invoice import InvoiceLine, Owed, invoice_id_of
from flexicharge.model.month import Month, MonthSpan
from flexicharge.model.session import Session, SessionState
from flexicharge.storage.memory.guards import stored_at, stored_text
from flexicharge.storage.memory.rows import LedgerRow
from flexicharge.storage.memory.world import MemoryWorld

Entry = tuple[Session, LedgerRow]


@implementer(IInvoiceStore)
@frozen
class MemoryInvoices:
    """What a world's users owe; see `IInvoiceStore` for every method."""

    _world: MemoryWorld

    async def get_last_end(
        self, before: float, user_id: str | None = None
    ) -> float | None:
        """Return when the last session that is billed ended, before a time."""
        async with self._world.commit("get_last_end"):
            ends = (ended_at for _, ended_at in self._billed(user_id))
            return max((at for at in ends if at < stored_at(before)), default=None)

    async def get_owed(
        self,
        span: MonthSpan,
        *,
        user_id: str | None = None,
        is_paid: bool | None = None,
        after: str = "",
        limit: int,
    ) -> tuple[Owed, ...]:
        """Return what users owe for a month, by user id."""
        async with self._world.commit("get_owed"):
            entries_of: dict[str, list[Entry]] = defaultdict(list)
            for session, row in self._entries(span, user_id):
                entries_of[session.user_id or ""].append((session, row))
            owed = (
                self._owed(user, span.month, entries_of[user])
                for user in sorted(entries_of)
                if user > after
            )
            return tuple(o for o in owed if is_paid in (None, o.is_paid))[:limit]

    async def get_lines(
        self, user_id: str, span: MonthSpan, limit: int
    ) -> tuple[Owed, tuple[InvoiceLine, ...]]:
        """Return what a user owes for a month, and its first lines."""
        async with self._world.commit("get_lines"):
            entries = list(self._entries(span, user_id))
            if not entries:
                raise InvoiceUnknown(invoice_id_of(user_id, span.month))
            lines = tuple(map(_line, entries[:limit]))
            return self._owed(user_id, span.month, entries), lines

    async def name_invoices(
        self, names: Mapping[tuple[str, Month], str]
    ) -> dict[tuple[str, Month], str]:
        """Give bills public ids; return those that count."""
        async with self._world.commit("name_invoices"):
            known = self._world.invoice_names
            new = {bill: name for bill, name in names.items() if bill not in known}
            for user_id, _ in new:
                stored_text(user_id)
            if len({*known.values(), *new.values()}) < len(known) + len(new):
                raise ValueError("a public id stands for one bill")
            known.update(new)
            return {bill: known[bill] for bill in names}

    async def get_named(self, public_id: str) -> tuple[str, Month]:
        """Return whose bill a UUID stands for, and of when."""
        async with self._world.commit("get_named"):
            for bill, name in self._world.invoice_names.items():
                if name == public_id:
                    return bill
            raise InvoiceUnknown(public_id)

    def _billed(self, user_id: str | None) -> Iterator[tuple[Session, float]]:
        """Yield the sessions that are billed, in the order they ended in."""
        sessions = (
            (session, session.ended_at)
            for session in self._world.sessions.rows.values()
            if session.state is SessionState.ENDED
            and session.ended_at is not None
            and session.user_id not in (None, GUEST)
            and user_id in (None, session.user_id)
            and not session.for_self_tests
        )
        yield from sorted(sessions, key=lambda pair: (pair[1], pair[0].session_id))

    def _entries(self, span: MonthSpan, user_id: str | None) -> Iterator[Entry]:
        """Yield a month's entries, a session's together."""
        rows_of: dict[int, list[LedgerRow]] = defaultdict(list)
        for row in self._world.books.ledger:
            rows_of[row.session_id].append(row)
        for session, ended_at in self._billed(user_id):
            if span.holds(ended_at):
                yield from ((session, row) for row in rows_of[session.session_id])

    def _owed(self, user_id: str, month: Month, entries: Sequence[Entry]) -> Owed:
        return Owed(
            user_id=user_id,
            month=month,
            total_ore=sum(row.amount_ore for _, row in entries),
            line_count=len(entries),
            is_paid=all(session.is_paid for session, _ in entries),
            public_id=self._world.invoice_names.get((user_id, month)),
        )


def _line(entry: Entry) -> InvoiceLine:
    session, row = entry
    return InvoiceLine(
        session_id=session.session_id,
        kind=row.kind,
        amount_ore=row.amount_ore,
        started_at=session.started_at or 0.0,
        ended_at=session.ended_at or 0.0,
        energy_wh=session.energy_wh or 0,
        connector_id=session.connector_id,
    )
