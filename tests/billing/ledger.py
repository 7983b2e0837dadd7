"""A world with charges in its ledger, for tests of what is billed."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from flexicharge.billing.calendar import BillingCalendar
from flexicharge.interfaces import IInvoiceStore
from flexicharge.model.invoice import EntryKind
from flexicharge.model.session import EndFact, EndReason, Session, StartFact
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryInvoices,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.storage.memory.rows import LedgerRow
from flexicharge.testing.deferreds import result_of

STOCKHOLM: Final = BillingCalendar(ZoneInfo("Europe/Stockholm"))
NOON: Final = 1_800_000_000.0  # 2027-01-15 09:00 in Stockholm
DAY: Final = 86_400.0


@frozen
class Ledger:
    """One charger in a world, and who charged at it."""

    world: MemoryWorld

    @property
    def invoices(self) -> IInvoiceStore:
        """What is owed in this world."""
        return MemoryInvoices(self.world)

    def charge(
        self,
        user_id: str | None,
        *,
        at: float = NOON,
        price_ore: int = 1000,
        energy_wh: int = 4000,
        is_paid: bool = False,
    ) -> Session:
        """Return a session that ended at a time, after half an hour."""
        connector_id, store = self._connector_id(), MemoryTransactions(self.world)
        session, _ = result_of(
            store.add_transaction(
                user_id, connector_id, at=at - 1900, reserved_until=at
            )
        )
        start = StartFact(
            station_id=session.station_id,
            connector_id=connector_id,
            meter_start_wh=0,
            started_at=at - 1800,
            claimed="",
        )
        result_of(store.start(start))
        end = EndFact(
            session_id=session.session_id,
            meter_stop_wh=energy_wh,
            energy_wh=energy_wh,
            price_ore=price_ore,
            ended_at=at,
            reason=EndReason.DRIVER,
        )
        result_of(store.end(end))
        if is_paid:
            result_of(store.mark_paid(session.session_id, at + 1))
        return result_of(store.get_transaction(session.session_id))

    def enter(self, session: Session, kind: EntryKind, amount_ore: int) -> None:
        """Write a refund or a correction of a session."""
        self.world.books.ledger.append(
            LedgerRow(
                session_id=session.session_id,
                kind=kind,
                amount_ore=amount_ore,
                brackets="[]",
                at=NOON,
            )
        )

    def _connector_id(self) -> int:
        chargers = MemoryChargers(self.world)
        known = result_of(chargers.get_chargers())
        if not known:
            return result_of(
                chargers.add_charger(None, "abc111", (57.78, 14.16))
            ).connector_id
        return known[0].connector_id
