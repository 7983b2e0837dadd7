"""Carries out what is fated: at the seams of a process, and to bytes on their way."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from flexicharge.errors import DatabaseAway
from flexicharge.model.session import Session
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.simulated.fates import Fates, Strike, Trouble
from flexicharge.testing.simulated.lines import Line
from flexicharge.testing.simulated.process import ProcessClock
from flexicharge.testing.simulated.trace import Trace

STORES: Final = (
    "IAccountStore",
    "IChargerStore",
    "IReadingStore",
    "IReservationStore",
    "ITariffStore",
    "ITransactionStore",
)
FASTEST_S: Final = 0.005
SLOWEST_S: Final = 0.120
WRITERS: Final = ("IReadingStore.add", "IReadingStore.add_values")
READS: Final = ("ITransactionStore.get_", "IReservationStore.get_")


class Sabotaged(Exception):
    """An error that nobody foresaw, thrown at an await point on purpose."""


@define(eq=False, repr=False)
class Mischief:
    """What is done to one run; `kill` ends the server's process for some seconds."""

    clock: HeapClock
    world: MemoryWorld
    fates: Fates
    trace: Trace
    kill: Callable[[float], None]
    _rng: Random
    _outages: int = field(default=0, init=False)

    def delay_s(self, line: Line) -> float | None:
        """Return how long bytes are on their way; None if they are lost."""
        delay_s = self._rng.uniform(FASTEST_S, SLOWEST_S)
        strike = self.fates.strike("on wire")
        if strike is None:
            return delay_s
        self.trace.note("!", f"{strike} on a line")
        match strike.trouble:
            case Trouble.DELAY:
                return delay_s + strike.seconds
            case Trouble.CUT:
                line.break_off()
            case Trouble.SILENCE:
                line.severed = True
            case _:
                self.kill(strike.seconds)
        return None

    def outage(self, seconds: float) -> None:
        """Take the database away for a while."""
        self._outages += 1
        self.world.faults.away = True
        self.clock.callLater(seconds, self._outage_over)

    def _outage_over(self) -> None:
        self._outages -= 1
        if not self._outages:
            self.world.faults.away = False


@define(eq=False, repr=False)
class ProcessPoints:
    """The await points of one process. A dead one never gets past any."""

    _mischief: Mischief
    _clock: ProcessClock

    async def before(self, seam: str, args: tuple[Any, ...]) -> None:
        """Let happen what is fated before a call."""
        await self._live_or_stop()
        kind = "before store" if _is_store(seam) else "at seam"
        await self._suffer(self._mischief.fates.strike(kind), f"before {seam}")

    async def after(self, seam: str, result: Any) -> None:
        """Let happen what is fated after a call."""
        await self._live_or_stop()
        if _is_store(seam):
            self._note_commit(seam, result)
            strike = self._mischief.fates.strike("after store")
        else:
            strike = self._mischief.fates.strike("at seam")
        await self._suffer(strike, f"after {seam}")

    def passing(self, seam: str, args: tuple[Any, ...]) -> None:
        """Let happen to the writer's next commit what is fated before it."""
        if seam in WRITERS and not self._clock.is_dead:
            strike = self._mischief.fates.strike("before store")
            self._hinder(strike, before_commit=True)

    def passed(self, seam: str) -> None:
        """Let happen what is fated once a reading is committed.

        An answer that is lost is that of the next commit; a kill comes at once, and
        what was answered in this moment reaches nobody.
        """
        if seam in WRITERS and not self._clock.is_dead:
            strike = self._mischief.fates.strike("after store")
            self._hinder(strike, before_commit=False)

    def _hinder(self, strike: Strike | None, *, before_commit: bool) -> None:
        if strike is None:
            return
        mischief = self._mischief
        mischief.trace.note("!", f"{strike} at a commit of readings")
        match strike.trouble:
            case Trouble.OUTAGE:
                mischief.outage(strike.seconds)
            case Trouble.KILL:
                mischief.kill(strike.seconds)
            case _:
                mischief.world.faults.fail_next("add", before_commit=before_commit)

    async def _suffer(self, strike: Strike | None, where: str) -> None:
        if strike is None:
            return
        mischief = self._mischief
        mischief.trace.note("!", f"{strike} {where}")
        match strike.trouble:
            case Trouble.SLOW:
                await deferLater(self._clock, strike.seconds)
                await self._live_or_stop()
            case Trouble.AWAY | Trouble.ANSWER_LOST:
                raise DatabaseAway(strike.trouble)
            case Trouble.OUTAGE:
                mischief.outage(strike.seconds)
            case Trouble.CRASH:
                raise Sabotaged(where)
            case _:
                mischief.kill(strike.seconds)
                await self._live_or_stop()

    async def _live_or_stop(self) -> None:
        if self._clock.is_dead:
            never: Deferred[None] = Deferred()
            self._clock.remains.append(never)
            await never

    def _note_commit(self, seam: str, result: Any) -> None:
        shown = "" if seam.startswith(READS) else _shown(result)
        if shown:
            self._mischief.trace.note("=", f"{seam}{shown}")


def _is_store(seam: str) -> bool:
    return seam.startswith(STORES)


def _shown(result: Any) -> str:
    """Return what a commit came to, as far as it is about sessions."""
    if isinstance(result, Session):
        return f" {result.session_id} {result.state} on {result.serial_number}"
    if isinstance(result, tuple):
        return "".join(_shown(each) for each in result)
    return ""
