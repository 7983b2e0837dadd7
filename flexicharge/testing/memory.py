"""What a back end in memory stands on: the storage twin, and people's fakes."""

from __future__ import annotations

from typing import Final

from flexicharge.identity.keys import ServerKey
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
from flexicharge.model.account import Account, AccountStatus
from flexicharge.service import People, Stores
from flexicharge.service.back_end import Reach
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
from flexicharge.testing.identity import (
    InstantHasher,
    RecordingMail,
    SeededEntropy,
    key_ring,
)

SERVER_KEY: Final = ServerKey(b"k" * 32)


def memory_stores(world: MemoryWorld, reach: Reach) -> Stores:
    """Return a server's stores on a world, each as `reach` lets it be reached."""
    return Stores(
        chargers=reach(IChargerStore, MemoryChargers(world)),
        transactions=reach(ITransactionStore, MemoryTransactions(world)),
        invoices=reach(IInvoiceStore, MemoryInvoices(world)),
        readings=reach(IReadingStore, MemoryReadings(world)),
        tariffs=reach(ITariffStore, MemoryTariffs(world)),
        accounts=reach(IAccountStore, MemoryAccounts(world)),
        self_tests=reach(ISelfTestStore, MemorySelfTests(world)),
        reservations=reach(IReservationStore, MemoryReservations(world)),
        commands=reach(ICommandStore, MemoryCommands(world)),
        book=reach(IStationBook, MemoryStationBook(world)),
        tags=reach(IIdTagStore, MemoryIdTags(world)),
        journal=reach(IFrameJournal, MemoryJournal(world)),
    )


def people(entropy: SeededEntropy) -> People:
    """Return what accounts and tokens stand on, all of it known and instant."""
    return People(
        signing_keys=key_ring(),
        server_key=SERVER_KEY,
        hasher=InstantHasher(),
        mail=RecordingMail(),
        entropy=entropy,
    )


def driver_account(account_id: str, number: int, now: float) -> Account:
    """Return the confirmed account of a driver who signed up at a POSIX time."""
    return Account(
        account_id=account_id,
        email=f"driver{number}@flexicharge.example",
        password_hash="",
        status=AccountStatus.CONFIRMED,
        enabled=True,
        groups=(),
        created_at=now,
        modified_at=now,
    )
