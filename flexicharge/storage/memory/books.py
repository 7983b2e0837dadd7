"""The tables of payments, of what is owed, and of what stations said."""

from __future__ import annotations

from collections.abc import Collection

from attrs import define, evolve, field

from flexicharge.storage.memory.rows import FactRow, LedgerRow, PaymentRow


@define
class Books:
    """Payments by number; the ledger and the facts are only ever appended to.

    Only what belonged to self tests is ever dropped.
    """

    payments: dict[int, PaymentRow] = field(factory=dict, init=False)
    ledger: list[LedgerRow] = field(factory=list, init=False)
    facts: list[FactRow] = field(factory=list, init=False)
    _facts_by_key: dict[tuple[int, str], list[FactRow]] = field(
        factory=dict, init=False
    )
    _facts_of: dict[int, list[FactRow]] = field(factory=dict, init=False)
    _facts_kept: int = field(default=0, init=False)
    _payments_made: int = field(default=0, init=False)
    _payments_of: dict[int, list[int]] = field(factory=dict, init=False)

    def add_payment(self, new: PaymentRow) -> int:
        """Keep a payment and return its number.

        One kept twice, because the first answer was lost, keeps its number.
        """
        numbers = self._payments_of.setdefault(new.session_id, [])
        for payment_id in numbers:
            if self.payments[payment_id].is_same_as(new):
                break
        else:
            self._payments_made = payment_id = self._payments_made + 1
            numbers.append(payment_id)
        self.payments[payment_id] = new
        return payment_id

    def replace_payment(self, payment_id: int, new: PaymentRow) -> None:
        """Put a payment in the place of an older one of the same session, if any."""
        known = self.payments.get(payment_id)
        if known is not None and known.session_id == new.session_id:
            self.payments[payment_id] = new

    def keep_fact(self, new: FactRow) -> None:
        """Append what a station said, under the next number."""
        self._facts_kept += 1
        fact = evolve(new, fact_id=self._facts_kept)
        self.facts.append(fact)
        if fact.session_id is not None:
            self._facts_of.setdefault(fact.session_id, []).append(fact)
        if fact.key:
            place = (fact.station_id, fact.key)
            self._facts_by_key.setdefault(place, []).append(fact)

    def facts_with_key(self, station_id: int, key: str) -> tuple[FactRow, ...]:
        """Return what a station said under a key, oldest first; nothing for ''."""
        return tuple(self._facts_by_key.get((station_id, key), ()))

    def facts_of_session(self, session_id: int) -> tuple[FactRow, ...]:
        """Return what a station said of a session, oldest first."""
        return tuple(self._facts_of.get(session_id, ()))

    def drop_station(self, station_id: int, session_ids: Collection[int]) -> None:
        """Drop whatever is about a station and its sessions."""
        for session_id in session_ids:
            for payment_id in self._payments_of.pop(session_id, ()):
                del self.payments[payment_id]
            self._facts_of.pop(session_id, None)
        self.ledger = [row for row in self.ledger if row.session_id not in session_ids]
        self.facts = [fact for fact in self.facts if fact.station_id != station_id]
        for place in [one for one in self._facts_by_key if one[0] == station_id]:
            del self._facts_by_key[place]

    def newest_payment_of(self, session_id: int) -> int | None:
        """Return the highest number of a session's payments."""
        numbers = self._payments_of.get(session_id)
        return numbers[-1] if numbers else None
