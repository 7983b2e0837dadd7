"""All the connectors of one charger, seen together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from flexicharge.model.composite_schedule import Transaction
from flexicharge.simulator.book import Book
from flexicharge.simulator.standard.outlet import Outlet
from flexicharge.simulator.truth import Charge


@frozen(eq=False)
class Panel:
    """Connectors in the order of their numbers; `_tell_own` says how the charger is."""

    outlets: Sequence[Outlet]
    _tell_own: Callable[[bool], None]

    @property
    def charges(self) -> list[Charge]:
        """What really happened, connector by connector."""
        return [charge for outlet in self.outlets for charge in outlet.charges]

    @property
    def running(self) -> tuple[Transaction, ...]:
        """What charges now, as profiles look at it."""
        return tuple(
            Transaction(
                transaction_id=outlet.transaction.charge.transaction_id or 0,
                connector_id=outlet.number,
                started_at=outlet.transaction.began_at,
            )
            for outlet in self.outlets
            if outlet.transaction is not None
        )

    def at(self, connector: int | None) -> list[Outlet]:
        """Return one connector; all of them for 0 or None."""
        return [o for o in self.outlets if connector in (None, 0, o.number)]

    def book_of(self, charge: Charge) -> Book:
        """Return what has a charge in it."""
        return next(each.book for each in self.outlets if charge in each.charges)

    def tell(
        self, connector: int | None = None, *, was_asked_for: bool = False
    ) -> None:
        """Say what the charger and its connectors are doing, or one of them."""
        if not connector:
            self._tell_own(was_asked_for)
        for outlet in self.at(connector):
            outlet.tell(anyway=True, was_asked_for=was_asked_for)

    def stop(self, reason: str) -> None:
        """End every charge, and say so."""
        for outlet in self.outlets:
            outlet.stop(reason)

    def cut_power(self, reason: str) -> None:
        """Let every connector stand in the dark."""
        for outlet in self.outlets:
            outlet.cut_power(reason)
