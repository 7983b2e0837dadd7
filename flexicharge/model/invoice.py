"""What one user owes for one calendar month, as plain values.

An invoice is the ledger's entries of the sessions that ended in its month: their
charges, and whatever was refunded or corrected since, whenever that was. Nobody is
billed so for what a guest charged, or somebody at the charger without an account:
they are not one person, and have no address.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from attrs import asdict, frozen

from flexicharge.errors import InvoiceUnknown
from flexicharge.model.month import Month

UUID_TEXT: Final = re.compile(
    "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII
)


class EntryKind(StrEnum):
    """Why an entry is in the ledger."""

    CHARGE = "charge"
    REFUND = "refund"
    CORRECTION = "correction"


@frozen(kw_only=True)
class InvoiceLine:
    """One entry of the ledger, and the session it is about.

    `amount_ore` is what is owed more because of it; a refund's is negative.
    """

    session_id: int
    kind: EntryKind
    amount_ore: int
    started_at: float
    ended_at: float
    energy_wh: int
    connector_id: int


@frozen(kw_only=True)
class Owed:
    """The sum of a user's month, its number of lines, and whether all of it is paid.

    `public_id` is None as long as nobody asked for an invoice of it.
    """

    user_id: str
    month: Month
    total_ore: int
    line_count: int
    is_paid: bool
    public_id: str | None = None

    def called(self, public_id: str) -> Invoice:
        """Return the invoice that is known by a public id."""
        return Invoice(**asdict(self, recurse=False) | {"public_id": public_id})


@frozen(kw_only=True)
class Invoice:
    """A user's bill for a month; whoever has its public id may see it."""

    user_id: str
    month: Month
    total_ore: int
    line_count: int
    is_paid: bool
    public_id: str

    @property
    def invoice_id(self) -> str:
        """Its number, which says whose it is, and of when."""
        return invoice_id_of(self.user_id, self.month)

    @property
    def status(self) -> str:
        """The contract's word: `Paid` where every session in it is."""
        return "Paid" if self.is_paid else "Unpaid"


@frozen(kw_only=True)
class InvoicePage:
    """Invoices, newest month first and then by user.

    `next_after` is the number of the last one where there are more, else None.
    """

    invoices: tuple[Invoice, ...]
    next_after: str | None = None


@frozen(kw_only=True)
class Bill:
    """An invoice with its lines in time order: all of them, or as many as fit."""

    invoice: Invoice
    lines: tuple[InvoiceLine, ...]


@frozen(kw_only=True)
class Customer:
    """Who is billed, as a bill shows them; either may be blank."""

    name: str = ""
    email: str = ""


def invoice_id_of(user_id: str, month: Month) -> str:
    """Return base64url of `userID:YYYY:MM` (contract §4.9), without padding."""
    plain = f"{user_id}:{month.year:04}:{month.number:02}"
    return urlsafe_b64encode(plain.encode("utf-8", "replace")).decode().rstrip("=")


def meant_by(invoice_id: str) -> tuple[str, Month]:
    """Return the user and the month of an invoice's number; raise `InvoiceUnknown`.

    Only the one way of writing it that `invoice_id_of` has is taken.
    """
    try:
        plain = urlsafe_b64decode(invoice_id + "=" * (-len(invoice_id) % 4)).decode()
        user_id, year, number = plain.rsplit(":", 2)
        month = Month(int(year), int(number))
    except ValueError as why:
        raise InvoiceUnknown(invoice_id) from why
    if invoice_id_of(user_id, month) != invoice_id or "\0" in user_id:
        raise InvoiceUnknown(invoice_id)
    return user_id, month


def public_id_of(text: str) -> str:
    """Return a UUID as it is stored, in lower case; raise `InvoiceUnknown`."""
    if UUID_TEXT.fullmatch(text) is None:
        raise InvoiceUnknown(text)
    return text.lower()


def by_user(invoices: Iterable[Invoice]) -> dict[str, tuple[Invoice, ...]]:
    """Return each user's invoices in the order they came, users as they first did."""
    found: dict[str, tuple[Invoice, ...]] = {}
    for invoice in invoices:
        found[invoice.user_id] = (*found.get(invoice.user_id, ()), invoice)
    return found
