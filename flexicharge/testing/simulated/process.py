"""One life of the server: all that it has in memory, until it is killed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Factory
from twisted.web.server import Site
from zope.interface import implementer

from flexicharge.config import Settings
from flexicharge.service import BackEnd, Stores
from flexicharge.service.back_end import Reach
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.certificates import known_authority
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.identity import SeededEntropy
from flexicharge.testing.memory import memory_stores, people


@implementer(IReactorTime)
class ProcessClock:
    """A process's view of the time; of one that is dead, no call is made any more.

    `remains` is what a dead process's coroutines hang on. While that is kept, none of
    them is finalised in the middle of what happens later.
    """

    def __init__(self, clock: HeapClock) -> None:
        self._clock, self.is_dead = clock, False
        self.remains: list[object] = []

    def seconds(self) -> float:
        """Return the POSIX time."""
        return self._clock.rightNow

    def callLater(
        self,
        delay: float,
        callable: Callable[..., object],  # noqa: A002  # as Twisted names it
        *args: object,
        **kw: object,
    ) -> IDelayedCall:
        """Call something later, if the process still lives then."""
        return self._clock.callLater(delay, self._call, callable, args, kw)

    def getDelayedCalls(self) -> Sequence[IDelayedCall]:
        """Return the calls of this process that wait."""
        calls: Sequence[Any] = self._clock.getDelayedCalls()
        return [call for call in calls if call.func == self._call]

    def _call(self, callable_: Any, args: Any, kw: Any) -> None:
        if self.is_dead:
            self.remains.append((callable_, args, kw))
        else:
            callable_(*args, **kw)


@define(eq=False, repr=False)
class Process:
    """A server on a world that outlives it. `reach` puts proxies around its seams."""

    world: MemoryWorld
    settings: Settings
    clock: ProcessClock
    entropy: SeededEntropy
    reach: Reach
    sweep_every_s: float
    back_end: BackEnd = field(init=False)
    stores: Stores = field(init=False)
    is_listening: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        reach = self.reach
        self.stores = memory_stores(self.world, reach)
        self.back_end = BackEnd(
            clock=self.clock,
            settings=self.settings,
            stores=self.stores,
            people=people(self.entropy),
            authority=known_authority(self.settings, self.clock, self.entropy),
            probe=self.stores.chargers.get_charge_points,
            reach=reach,
            sweep_every_s=self.sweep_every_s,
        )

    @property
    def gateway(self) -> Factory | None:
        """What listens on port 1337, if anything does."""
        return self.back_end.gateway if self.is_listening else None

    @property
    def site(self) -> Site | None:
        """What listens on port 8080, if anything does."""
        return self.back_end.site if self.is_listening else None

    def start(self) -> Deferred[None]:
        """Start as the service does; fire when it listens."""
        return Deferred.fromCoroutine(self._start())

    def die(self) -> None:
        """Have no effect on anything any more; nobody is told."""
        self.clock.is_dead, self.is_listening = True, False
        self.stores.readings.close()

    async def _start(self) -> None:
        await self.back_end.recover()
        self.back_end.start()
        self.is_listening = True
