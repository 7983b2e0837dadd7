"""The tables that the in-memory stores share, and what one commit is."""

from __future__ import annotations

from collections import deque

from attrs import Factory, define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces.journal import JournalledFrame
from flexicharge.model.account import Account, CodePurpose
from flexicharge.model.id_tag import IdTag
from flexicharge.model.metering import MeterReading
from flexicharge.model.month import Month
from flexicharge.model.station_command import StationCommand
from flexicharge.model.tariff import HourPrice
from flexicharge.storage.memory.bookings import BookingTable
from flexicharge.storage.memory.books import Books
from flexicharge.storage.memory.faults import Faults
from flexicharge.storage.memory.meter_values import MeterValueTable
from flexicharge.storage.memory.network import Network
from flexicharge.storage.memory.notebooks import Notebooks
from flexicharge.storage.memory.rows import CodeRow
from flexicharge.storage.memory.sessions import SessionTable


@define(repr=False)
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
    bookings: BookingTable = field(factory=BookingTable, init=False)
    readings: dict[int, list[MeterReading]] = field(factory=dict, init=False)
    meter_values: MeterValueTable = field(factory=MeterValueTable, init=False)
    books: Books = field(factory=Books, init=False)
    commands: dict[str, StationCommand] = field(factory=dict, init=False)
    notebooks: Notebooks = field(factory=Notebooks, init=False)
    frames: dict[int, deque[JournalledFrame]] = field(factory=dict, init=False)
    last_frame: int = field(default=0, init=False)
    tags: dict[str, IdTag] = field(factory=dict, init=False)  # by folded text
    tariffs: dict[int, HourPrice] = field(factory=dict, init=False)
    invoice_names: dict[tuple[str, Month], str] = field(factory=dict, init=False)
    accounts: dict[str, Account] = field(factory=dict, init=False)
    self_test_accounts: set[str] = field(factory=set, init=False)
    codes: dict[tuple[str, CodePurpose], CodeRow] = field(factory=dict, init=False)

    def may_use(self, user_id: str | None, connector_id: int) -> bool:
        """Tell whether a user and a connector are both for self tests, or neither."""
        is_tester = user_id in self.self_test_accounts
        return self.network.is_for_self_tests(connector_id) == is_tester

    def commit(self, method: str) -> Commit:
        """Return what surrounds a store's change with the faults due for its method.

        It raises `DatabaseAway` before the change, or after it.
        """
        return Commit(self.faults, method)


class Commit:
    """One commit; a change that raises is none, and has no answer to lose.

    There are hundreds of thousands in a simulated week, so it is written out.
    """

    __slots__ = ("_faults", "_method")

    def __init__(self, faults: Faults, method: str) -> None:
        self._faults, self._method = faults, method

    async def __aenter__(self) -> None:
        if self._faults.may_strike:
            await self._faults.strike(self._method, before_commit=True)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._faults.may_strike:
            await self._faults.strike(self._method, before_commit=False)
