"""What stands on an invoice's paper, in words: how it looks is not decided here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from flexicharge.billing.calendar import BillingCalendar
from flexicharge.model.invoice import Bill, Customer, EntryKind, InvoiceLine
from flexicharge.model.money import ORE_PER_SEK
from flexicharge.model.tariff import WH_PER_KWH

TITLE: Final = "FlexiCharge Invoice"
HEADINGS: Final = ("Session", "Start", "End", "Charger", "kWh", "SEK")
# Whoever pays by bank needs them; there are none before there is an account to pay to.
NO_NUMBER: Final = "–"
MAX_NAME: Final = 120
MAX_EMAIL: Final = 254  # RFC 5321 §4.5.3.1.3
MAX_NUMBER: Final = 400

Row = tuple[str, ...]


@frozen(kw_only=True)
class Paper:
    """A bill for a customer, as it is at a POSIX time; `notice` stands out on it."""

    bill: Bill
    customer: Customer
    calendar: BillingCalendar
    printed_at: float
    notice: str = ""

    @property
    def month(self) -> str:
        """The month it is for, as `2027-01`."""
        return str(self.bill.invoice.month)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what stands above the sessions, as (label, text); none is blank."""
        invoice = self.bill.invoice
        facts = (
            ("Customer", cut(self.customer.name, MAX_NAME)),
            ("E-mail", cut(self.customer.email, MAX_EMAIL)),
            ("Invoice number", cut(invoice.invoice_id, MAX_NUMBER)),
            ("Status", invoice.status),
            ("OCR", NO_NUMBER),
            ("Bankgiro", NO_NUMBER),
            ("As of", self.calendar.shown(self.printed_at)),
        )
        return tuple((label, text) for label, text in facts if text)

    def rows(self) -> Iterator[Row]:
        """Yield a row for each line, and one for those that are too many for a bill."""
        for line in self.bill.lines:
            yield self._row(line)
        more = self.bill.invoice.line_count - len(self.bill.lines)
        if more:
            shown_ore = sum(line.amount_ore for line in self.bill.lines)
            rest_ore = self.bill.invoice.total_ore - shown_ore
            yield "", "", "", "", f"{more} more", sek(rest_ore)

    @property
    def total(self) -> str:
        """What all lines come to, in SEK, printed or not."""
        return sek(self.bill.invoice.total_ore)

    def _row(self, line: InvoiceLine) -> Row:
        is_charge = line.kind is EntryKind.CHARGE
        return (
            str(line.session_id),
            self.calendar.shown(line.started_at),
            self.calendar.shown(line.ended_at),
            str(line.connector_id),
            kwh(line.energy_wh) if is_charge else line.kind.capitalize(),
            sek(line.amount_ore),
        )


def sek(ore: int) -> str:
    """Return öre as kronor with two decimals."""
    kronor, rest = divmod(abs(ore), ORE_PER_SEK)
    return f"{'-' if ore < 0 else ''}{kronor}.{rest:02}"


def kwh(energy_wh: int) -> str:
    """Return Wh as kWh with three decimals, which is exact."""
    return f"{energy_wh // WH_PER_KWH}.{energy_wh % WH_PER_KWH:03}"


def cut(text: str, most: int) -> str:
    """Return a text of at most so many characters; one that was longer ends in `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
