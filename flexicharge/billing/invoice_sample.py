"""A bill over nothing, for whoever tries out the demo."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from flexicharge.billing.calendar import BillingCalendar
from flexicharge.billing.pdf_paper import Paper
from flexicharge.model.invoice import Bill, Customer, EntryKind, Invoice, InvoiceLine
from flexicharge.model.month import Month

NOTICE: Final = "SAMPLE. The figures are made up, and nobody owes anything."
CALENDAR: Final = BillingCalendar(ZoneInfo("Europe/Stockholm"))
MONTH: Final = Month(2022, 1)
BEGAN_AT: Final = CALENDAR.span(MONTH).from_at
HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S


def _line(day: int, hours: float, energy_wh: int, amount_ore: int) -> InvoiceLine:
    started_at = BEGAN_AT + day * DAY_S + 8 * HOUR_S
    return InvoiceLine(
        session_id=day,
        kind=EntryKind.CHARGE,
        amount_ore=amount_ore,
        started_at=started_at,
        ended_at=started_at + hours * HOUR_S,
        energy_wh=energy_wh,
        connector_id=100_000,
    )


LINES: Final = (_line(3, 1.5, 16_500, 4125), _line(12, 0.5, 5_250, 1313))
SAMPLE: Final = Paper(
    bill=Bill(
        invoice=Invoice(
            user_id="sample",
            month=MONTH,
            total_ore=sum(line.amount_ore for line in LINES),
            line_count=len(LINES),
            is_paid=True,
            public_id="00000000-0000-0000-0000-000000000000",
        ),
        lines=LINES,
    ),
    customer=Customer(name="Sample Customer", email="sample@flexicharge.example"),
    calendar=CALENDAR,
    printed_at=CALENDAR.span(MONTH).until_at,
    notice=NOTICE,
)
