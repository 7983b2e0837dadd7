"""The tables of payments, of what is owed, and of what stations said."""

from __future__ import annotations

from attrs import define, field

from flexicharge.storage.memory.rows import FactRow, LedgerRow, PaymentRow


@define
class Books:
    """Payments by number; the ledger and the facts are only ever appended to."""

    payments: dict[int, PaymentRow] = field(factory=dict, init=False)
    ledger: list[LedgerRow] = field(factory=list, init=False)
    facts: list[FactRow] = field(factory=list, init=False)

    def add_payment(self, new: PaymentRow) -> int:
        """Keep a payment and return its number.

        One kept twice, because the first answer was lost, keeps its number.
        """
        known = (no for no, row in self.payments.items() if row.is_same_as(new))
        payment_id = next(known, len(self.payments) + 1)
        self.payments[payment_id] = new
        return payment_id

    def replace_payment(self, payment_id: int, new: PaymentRow) -> None:
        """Put a payment in the place of an older one of the same session, if any."""
        known = self.payments.get(payment_id)
        if known is not None and known.session_id == new.session_id:
            self.payments[payment_id] = new

    def newest_payment_of(self, session_id: int) -> int | None:
        """Return the highest number of a session's payments."""
        rows = self.payments.items()
        return max(
            (no for no, row in rows if row.session_id == session_id), default=None
        )
