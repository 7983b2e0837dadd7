"""The tables that the in-memory stores share, and what one commit is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import Factory, define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.model.account import Account, CodePurpose
from flexicharge.model.metering import MeterReading
from flexicharge.model.tariff import HourPrice
from flexicharge.storage.memory.books import Books
from flexicharge.storage.memory.faults import Faults
from flexicharge.storage.memory.network import Network
from flexicharge.storage.memory.rows import CodeRow
from flexicharge.storage.memory.sessions import SessionTable


@define
class MemoryWorld:
    """All that would be in PostgreSQL; what it holds outlives the server's crash.

    Stores change it between two awaits only, and check before they write, so that a
    method which raises has changed nothing.
    """

    clock: IReactorTime
    faults: Faults = field(
        init=False, default=Factory(lambda self: Faults(self.clock), takes_self=True)
    )
    network: Network = field(factory=Network, init=False)
    sessions: SessionTable = field(factory=SessionTable, init=False)
    readings: dict[int, list[MeterReading]] = field(factory=dict, init=False)
    books: Books = field(factory=Books, init=False)
    tariffs: dict[int, HourPrice] = field(factory=dict, init=False)
    accounts: dict[str, Account] = field(factory=dict, init=False)
    codes: dict[tuple[str, CodePurpose], CodeRow] = field(factory=dict, init=False)

    @asynccontextmanager
    async def commit(self, method: str) -> AsyncIterator[None]:
        """Surround a store's change with the faults that are due for its method.

        Raise `DatabaseAway` before the change, or after it.
        """
        await self.faults.strike(method, before_commit=True)
        yield
        await self.faults.strike(method, before_commit=False)
