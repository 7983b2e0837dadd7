"""The in-memory stores keep the contract that PostgreSQL's keep."""

from __future__ import annotations

import pytest
from attrs import frozen
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.interfaces import (
    IAccountStore,
    IChargerStore,
    ICommandStore,
    IFrameJournal,
    IIdTagStore,
    IInvoiceStore,
    IReadingStore,
    IReservationStore,
    ISelfTestStore,
    IStationBook,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.model.invoice import EntryKind
from flexicharge.storage.memory import (
    MemoryAccounts,
    MemoryChargers,
    MemoryCommands,
    MemoryIdTags,
    MemoryInvoices,
    MemoryJournal,
    MemoryReadings,
    MemoryReservations,
    MemorySelfTests,
    MemoryStationBook,
    MemoryTariffs,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.storage.memory.rows import LedgerRow
from flexicharge.testing.deferreds import result_of

from .contract.catalogue import each_case
from .contract.stores import T0, Case, Stores


@frozen
class MemoryArrangement:
    """Reaches into the tables of a world."""

    _world: MemoryWorld

    async def add_connector(self, station_id: int, number: int) -> int:
        return self._world.network.add_connector(station_id, number).connector_id

    async def draw_sessions_from(self, number: int) -> None:
        self._world.sessions.next_number = number

    async def draw_connectors_from(self, number: int) -> None:
        self._world.network.next_connector_number = number

    async def charges(self, session_id: int) -> list[int]:
        ledger = self._world.books.ledger
        return [row.amount_ore for row in ledger if row.session_id == session_id]

    async def facts(self, station_id: int) -> list[tuple[str, int | None, str]]:
        return [
            (fact.kind, fact.session_id, fact.claimed)
            for fact in self._world.books.facts
            if fact.station_id == station_id
        ]

    async def self_test_rows(self) -> dict[str, int]:
        world = self._world
        station = world.network.self_test_station
        ours = {
            session.session_id
            for session in world.sessions.rows.values()
            if station and session.station_id == station.station_id
        }
        found = {
            "sessions": len(ours),
            "readings": sum(len(world.readings.get(number, ())) for number in ours),
            "facts": sum(f.station_id == station.station_id for f in world.books.facts)
            if station
            else 0,
            "payments": sum(
                row.session_id in ours for row in world.books.payments.values()
            ),
            "ledger": sum(row.session_id in ours for row in world.books.ledger),
            "accounts": len(world.self_test_accounts & world.accounts.keys()),
            "codes": sum(key[0] in world.self_test_accounts for key in world.codes),
        }
        return {table: count for table, count in found.items() if count}

    async def self_test_station(self) -> tuple[str, bytes | None, bool]:
        station = self._world.network.self_test_station
        assert station is not None
        connectors = self._world.network.connectors_of(station.station_id)
        return station.serial_number, station.credential, bool(connectors)

    async def secrets_of(self, serial_number: str) -> tuple[bytes | None, bytes | None]:
        station = self._world.network.station_called(serial_number)
        assert station is not None
        return station.credential, station.next_credential

    async def add_ledger_entry(
        self, session_id: int, kind: str = "correction", amount_ore: int = 1
    ) -> None:
        row = LedgerRow(
            session_id=session_id,
            kind=EntryKind(kind),
            amount_ore=amount_ore,
            brackets="[]",
            at=T0,
        )
        self._world.books.ledger.append(row)


@pytest.fixture
def stores() -> Stores:
    """The in-memory stores of an empty world."""
    clock = Clock()
    clock.advance(T0)
    world = MemoryWorld(clock)
    return Stores(
        chargers=MemoryChargers(world),
        transactions=MemoryTransactions(world),
        readings=MemoryReadings(world),
        tariffs=MemoryTariffs(world),
        accounts=MemoryAccounts(world),
        self_tests=MemorySelfTests(world),
        reservations=MemoryReservations(world),
        invoices=MemoryInvoices(world),
        commands=MemoryCommands(world),
        book=MemoryStationBook(world),
        tags=MemoryIdTags(world),
        journal=MemoryJournal(world),
        arrange=MemoryArrangement(world),
    )


@each_case
def test_memory_keeps_the_contract(case: Case, stores: Stores) -> None:
    """Every case of the suite holds, at once and without a reactor."""
    result_of(case(stores))


def test_memory_provides_what_it_declares(stores: Stores) -> None:
    """Every method of every interface is there, with its signature."""
    verifyObject(IChargerStore, stores.chargers)
    verifyObject(ITransactionStore, stores.transactions)
    verifyObject(IReadingStore, stores.readings)
    verifyObject(ITariffStore, stores.tariffs)
    verifyObject(IAccountStore, stores.accounts)
    verifyObject(ISelfTestStore, stores.self_tests)
    verifyObject(IReservationStore, stores.reservations)
    verifyObject(IInvoiceStore, stores.invoices)
    verifyObject(ICommandStore, stores.commands)
    verifyObject(IStationBook, stores.book)
    verifyObject(IIdTagStore, stores.tags)
    verifyObject(IFrameJournal, stores.journal)
