"""What is owed by the month, in PostgreSQL: read from the ledger, and named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.errors import InvoiceUnknown
from flexicharge.interfaces import IDatabase, IInvoiceStore
from flexicharge.interfaces.stores import Row
from flexicharge.model.account import GUEST
from flexicharge.model.invoice import EntryKind, InvoiceLine, Owed, invoice_id_of
from flexicharge.model.month import Month, MonthSpan
from flexicharge.storage.values import is_storable

FROM_SESSIONS: Final = """
FROM sessions s
JOIN stations st USING (station_id)
"""
WITH_ENTRIES: Final = """
JOIN transactions t USING (session_id)
JOIN ledger_entries l USING (session_id)
LEFT JOIN monthly_invoices i ON i.user_id = s.user_id AND i.month = %(month)s::date
"""
IS_BILLED: Final = """
WHERE s.state = 'ended' AND s.user_id IS NOT NULL AND s.user_id <> %(guest)s
    AND NOT st.for_self_tests
    AND (%(user_id)s::text IS NULL OR s.user_id = %(user_id)s)
"""
IN_MONTH: Final = """
    AND s.ended_at >= to_timestamp(%(from_at)s)
    AND s.ended_at < to_timestamp(%(until_at)s)
"""

LAST_END_COLUMN: Final = "SELECT extract(epoch FROM s.ended_at)::float8"
LAST_END: Final = (
    LAST_END_COLUMN
    + FROM_SESSIONS
    + IS_BILLED
    + """
    AND s.ended_at < to_timestamp(%(before)s)
ORDER BY s.ended_at DESC LIMIT 1
"""
)
OWED_COLUMNS: Final = """
SELECT s.user_id, sum(l.amount_ore)::bigint, count(*), bool_and(t.is_paid), i.public_id
"""
OWED: Final = (
    OWED_COLUMNS
    + FROM_SESSIONS
    + WITH_ENTRIES
    + IS_BILLED
    + IN_MONTH
    + """
    AND s.user_id COLLATE "C" > %(after)s
GROUP BY s.user_id, i.public_id
HAVING %(is_paid)s::boolean IS NULL OR bool_and(t.is_paid) = %(is_paid)s
ORDER BY s.user_id COLLATE "C" LIMIT %(limit)s
"""
)
LINE_COLUMNS: Final = """
SELECT s.user_id, sum(l.amount_ore) OVER ()::bigint, count(*) OVER (),
    bool_and(t.is_paid) OVER (), i.public_id,
    s.session_id, l.kind, l.amount_ore, extract(epoch FROM s.started_at)::float8,
    extract(epoch FROM s.ended_at)::float8, s.energy_wh, s.connector_id
"""
LINES: Final = (
    LINE_COLUMNS
    + FROM_SESSIONS
    + WITH_ENTRIES
    + IS_BILLED
    + IN_MONTH
    + """
ORDER BY s.ended_at, s.session_id, l.entry_id LIMIT %(limit)s
"""
)

# Two that name the same bill wait for one another, and both are told what it is called:
# that is what writing a row's own value back is for.
NAME: Final = """
INSERT INTO monthly_invoices (user_id, month, public_id)
SELECT user_id, month, public_id
FROM unnest(%(user_ids)s::text[], %(months)s::date[], %(public_ids)s::uuid[])
    AS new (user_id, month, public_id)
ORDER BY user_id, month
ON CONFLICT (user_id, month) DO UPDATE SET public_id = monthly_invoices.public_id
RETURNING user_id, month, public_id::text
"""
NAMED: Final = """
SELECT user_id, month FROM monthly_invoices WHERE public_id = %(public_id)s::uuid
"""


@implementer(IInvoiceStore)
@frozen
class PostgresInvoices:
    """What users owe; see `IInvoiceStore` for every method."""

    _database: IDatabase

    async def get_last_end(
        self, before: float, user_id: str | None = None
    ) -> float | None:
        """Return when the last session that is billed ended, before a time."""
        if user_id is not None and not is_storable(user_id):
            return None
        params = {"before": before, "user_id": user_id, "guest": GUEST}
        rows = await self._database.query(LAST_END, params)
        return rows[0][0] if rows else None

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
        params = {
            **_of_month(span),
            "user_id": user_id,
            "is_paid": is_paid,
            "after": after,
            "limit": limit,
        }
        rows = await self._database.query(OWED, params)
        return tuple(_owed(row, span.month) for row in rows)

    async def get_lines(
        self, user_id: str, span: MonthSpan, limit: int
    ) -> tuple[Owed, tuple[InvoiceLine, ...]]:
        """Return what a user owes for a month, and its first lines."""
        if not is_storable(user_id):
            raise InvoiceUnknown(invoice_id_of(user_id, span.month))
        params = {**_of_month(span), "user_id": user_id, "limit": limit}
        rows = await self._database.query(LINES, params)
        if not rows:
            raise InvoiceUnknown(invoice_id_of(user_id, span.month))
        return _owed(rows[0], span.month), tuple(map(_line, rows))

    async def name_invoices(
        self, names: Mapping[tuple[str, Month], str]
    ) -> dict[tuple[str, Month], str]:
        """Give bills public ids; return those that count."""
        params = {
            "user_ids": [user_id for user_id, _ in names],
            "months": [_first_day(month) for _, month in names],
            "public_ids": list(names.values()),
        }
        rows = await self._database.query(NAME, params)
        return {
            (user_id, Month(day.year, day.month)): public_id
            for user_id, day, public_id in rows
        }

    async def get_named(self, public_id: str) -> tuple[str, Month]:
        """Return whose bill a UUID stands for, and of when."""
        rows = await self._database.query(NAMED, {"public_id": public_id})
        if not rows:
            raise InvoiceUnknown(public_id)
        user_id, day = rows[0]
        return user_id, Month(day.year, day.month)


def _of_month(span: MonthSpan) -> dict[str, object]:
    return {
        "month": _first_day(span.month),
        "from_at": span.from_at,
        "until_at": span.until_at,
        "guest": GUEST,
    }


def _first_day(month: Month) -> date:
    return date(month.year, month.number, 1)


def _owed(row: Row, month: Month) -> Owed:
    return Owed(
        user_id=row[0],
        month=month,
        total_ore=row[1],
        line_count=row[2],
        is_paid=row[3],
        public_id=row[4],
    )


def _line(row: Row) -> InvoiceLine:
    return InvoiceLine(
        session_id=row[5],
        kind=EntryKind(row[6]),
        amount_ore=row[7],
        started_at=row[8],
        ended_at=row[9],
        energy_wh=row[10],
        connector_id=row[11],
    )
