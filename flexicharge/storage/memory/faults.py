"""What goes wrong with the database of a `MemoryWorld`, and when."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from flexicharge.errors import DatabaseAway
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

METHODS: Final = frozenset(
    name
    for store in (
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
    for name in store.names()
)


@define
class Faults:
    """Where a commit may fail: before its change took effect, or after.

    While `away` is true every method raises `DatabaseAway`, and so does one that was
    under way when it became true: with its change made if only the answer was missing.
    """

    _clock: IReactorTime
    away: bool = False
    _wait_s: dict[bool, float] = field(factory=dict, init=False)
    _armed: list[tuple[str, bool]] = field(factory=list, init=False)

    @property
    def may_strike(self) -> bool:
        """False if nothing can go wrong with the next commit."""
        return bool(self.away or self._wait_s or self._armed)

    def fail_next(self, method: str, *, before_commit: bool) -> None:
        """Let the next call of a store's method raise `DatabaseAway`, once.

        With `before_commit` false its change takes effect and only the answer is lost.
        Calls of this pile up: twice means the next two. Raise `ValueError` for a name
        that no store has; `add` stands for the writer's next commit of readings.
        """
        if method not in METHODS:
            raise ValueError(f"no store has a method {method}")
        self._armed.append((method, before_commit))

    def slow(self, seconds: float, *, before_commit: bool = True) -> None:
        """Let every method wait on the clock before or after its change; 0 ends it."""
        self._wait_s[before_commit] = seconds

    async def strike(self, method: str, *, before_commit: bool) -> None:
        """Wait and fail as told; raise `DatabaseAway`."""
        if seconds := self._wait_s.get(before_commit):
            await deferLater(self._clock, seconds)
        if self.away:
            raise DatabaseAway(method)
        if (method, before_commit) in self._armed:
            self._armed.remove((method, before_commit))
            raise DatabaseAway(method)
