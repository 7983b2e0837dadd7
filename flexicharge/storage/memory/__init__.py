"""The in-memory twin of the PostgreSQL stores, with faults at a test's command.

The stores come and go with a server; their `MemoryWorld` outlives it.
"""

from flexicharge.storage.memory.accounts import MemoryAccounts
from flexicharge.storage.memory.chargers import MemoryChargers
from flexicharge.storage.memory.commands import MemoryCommands
from flexicharge.storage.memory.invoices import MemoryInvoices
from flexicharge.storage.memory.journal import MemoryJournal
from flexicharge.storage.memory.readings import MemoryReadings
from flexicharge.storage.memory.reservations import MemoryReservations
from flexicharge.storage.memory.self_tests import MemorySelfTests
from flexicharge.storage.memory.station_book import MemoryStationBook
from flexicharge.storage.memory.tags import MemoryIdTags
from flexicharge.storage.memory.tariffs import MemoryTariffs
from flexicharge.storage.memory.transactions import MemoryTransactions
from flexicharge.storage.memory.world import MemoryWorld

__all__ = [
    "MemoryAccounts",
    "MemoryChargers",
    "MemoryCommands",
    "MemoryIdTags",
    "MemoryInvoices",
    "MemoryJournal",
    "MemoryReadings",
    "MemoryReservations",
    "MemorySelfTests",
    "MemoryStationBook",
    "MemoryTariffs",
    "MemoryTransactions",
    "MemoryWorld",
]
