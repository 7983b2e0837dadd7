"""What is fated is carried out: at seams, at commits of readings, and to bytes."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from flexicharge.errors import DatabaseAway
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.simulated.fates import Strike, Trouble
from flexicharge.testing.simulated.mischief import (
    FASTEST_S,
    SLOWEST_S,
    Mischief,
    ProcessPoints,
    Sabotaged,
)
from flexicharge.testing.simulated.process import ProcessClock
from flexicharge.testing.simulated.trace import Trace

SEAM = "ITransactionStore.end"
LONG_S = 7.0


class Fated:
    """Fates that the test writes, for each kind of opportunity."""

    def __init__(self) -> None:
        self.next: dict[str, Trouble] = {}

    def strike(self, kind: str) -> Strike | None:
        """Return what is written, once."""
        trouble = self.next.pop(kind, None)
        return None if trouble is None else Strike(1, trouble, LONG_S)


class Line:
    """As much of a line as can be broken."""

    severed = is_broken = False

    def break_off(self) -> None:
        """Note it."""
        self.is_broken = True


class Bench:
    """A process with points, and what is done to it."""

    def __init__(self) -> None:
        self.clock, self.fated, self.kills = HeapClock(), Fated(), []
        self.world, self.trace = MemoryWorld(self.clock), Trace(self.clock)
        self.process_clock = ProcessClock(self.clock)
        fates: Any = self.fated
        self.mischief = Mischief(
            self.clock, self.world, fates, self.trace, self.kill, Random(1)
        )
        self.points = ProcessPoints(self.mischief, self.process_clock)

    def kill(self, seconds: float) -> None:
        """Kill the process."""
        self.kills.append(seconds)
        self.process_clock.is_dead = True

    def fate(self, kind: str, trouble: Trouble) -> None:
        """Write what happens next."""
        self.fated.next[kind] = trouble


@pytest.fixture
def bench() -> Bench:
    """A process to which nothing happens yet."""
    return Bench()


# at seams


def test_nothing_happens_for_the_most_part(bench: Bench) -> None:
    """And what happens is noted; what a commit came to, if it is about sessions."""
    result_of(bench.points.before(SEAM, ()))
    result_of(bench.points.after(SEAM, 7))
    assert not bench.trace.lines


@pytest.mark.parametrize("seam", [SEAM, "IPricing.price"])
def test_a_slow_call_takes_its_time(bench: Bench, seam: str) -> None:
    """On the process's own clock."""
    bench.fate("before store", Trouble.SLOW)
    bench.fate("at seam", Trouble.SLOW)
    waiting = fire(bench.points.before(seam, ()))
    bench.clock.advance(LONG_S - 0.1)
    assert not waiting.called
    bench.clock.advance(0.2)
    result_of(waiting)
    assert f"slow for 7.00 s before {seam}" in bench.trace.lines[0]


@pytest.mark.parametrize("trouble", [Trouble.AWAY, Trouble.ANSWER_LOST])
def test_a_database_may_be_away(bench: Bench, trouble: Trouble) -> None:
    """For one call, which is told so."""
    bench.fate("before store", trouble)
    with pytest.raises(DatabaseAway):
        result_of(bench.points.before(SEAM, ()))


@pytest.mark.parametrize("kind", ["before store", "after store"])
def test_code_may_meet_what_it_does_not_know(bench: Bench, kind: str) -> None:
    """Before a call took effect, or after."""
    bench.fate(kind, Trouble.CRASH)
    point = bench.points.before if kind == "before store" else bench.points.after
    with pytest.raises(Sabotaged, match=SEAM):
        result_of(point(SEAM, ()))


def test_a_killed_process_never_gets_past_a_point(bench: Bench) -> None:
    """Neither that at which it was killed nor any other; nothing it waits for comes."""
    bench.fate("after store", Trouble.SLOW)
    slow = fire(bench.points.after(SEAM, None))
    bench.fate("before store", Trouble.KILL)
    killed = fire(bench.points.before(SEAM, ()))
    later = fire(bench.points.before(SEAM, ()))
    bench.clock.advance(3600)
    assert not (slow.called or killed.called or later.called)
    assert bench.kills == [LONG_S]


def test_an_outage_lasts(bench: Bench) -> None:
    """One within another ends with the longer one."""
    bench.fate("before store", Trouble.OUTAGE)
    result_of(bench.points.before(SEAM, ()))
    bench.clock.advance(LONG_S - 1)
    bench.mischief.outage(LONG_S)
    bench.clock.advance(2)
    assert bench.world.faults.away
    bench.clock.advance(LONG_S)
    assert not bench.world.faults.away


# at commits of readings


@pytest.mark.parametrize(
    ("kind", "before_commit"), [("before store", True), ("after store", False)]
)
@pytest.mark.parametrize("trouble", [Trouble.AWAY, Trouble.SLOW, Trouble.CRASH])
def test_the_next_commit_of_readings_fails(
    bench: Bench, kind: str, before_commit: bool, trouble: Trouble
) -> None:
    """Before it took effect or after; the writer tries again."""
    bench.fate(kind, trouble)
    bench.points.passing("IReadingStore.add", ())
    bench.points.passed("IReadingStore.add")
    with pytest.raises(DatabaseAway):
        result_of(bench.world.faults.strike("add", before_commit=before_commit))


def test_a_commit_of_readings_may_meet_worse(bench: Bench) -> None:
    """An outage, or the end of its process."""
    bench.fate("before store", Trouble.OUTAGE)
    bench.fate("after store", Trouble.KILL)
    bench.points.passing("IReadingStore.add", ())
    assert bench.world.faults.away
    assert bench.kills == []
    bench.points.passed("IReadingStore.add")
    assert bench.kills == [LONG_S]


def test_what_else_passes_is_left_alone(bench: Bench) -> None:
    """And so is all that a dead process does."""
    bench.fate("before store", Trouble.OUTAGE)
    bench.points.passing("IReadingStore.settled", ())
    bench.points.passed("IReadingStore.settled")
    bench.process_clock.is_dead = True
    bench.points.passing("IReadingStore.add", ())
    bench.points.passed("IReadingStore.add")
    assert not bench.world.faults.away


# on the wire


def test_bytes_take_a_moment(bench: Bench) -> None:
    """As on any network."""
    line: Any = Line()
    delays = [bench.mischief.delay_s(line) for _ in range(100)]
    assert all(FASTEST_S <= (delay or 0) <= SLOWEST_S for delay in delays)


def test_bytes_may_be_late(bench: Bench) -> None:
    """By as much as is fated."""
    line: Any = Line()
    bench.fate("on wire", Trouble.DELAY)
    assert LONG_S < (bench.mischief.delay_s(line) or 0) < LONG_S + 1


@pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.SILENCE, Trouble.KILL])
def test_bytes_may_never_arrive(bench: Bench, trouble: Trouble) -> None:
    """Since the line is cut, or dead, or nobody is there any more."""
    line: Any = Line()
    bench.fate("on wire", trouble)
    assert bench.mischief.delay_s(line) is None
    assert (line.is_broken, line.severed, bool(bench.kills)) == (
        trouble is Trouble.CUT,
        trouble is Trouble.SILENCE,
        trouble is Trouble.KILL,
    )


# a process's clock


def test_a_dead_process_calls_nothing(bench: Bench) -> None:
    """What it had put on the clock is not made; what others had is."""
    called: list[str] = []
    bench.process_clock.callLater(1, called.append, "process")
    bench.clock.callLater(1, called.append, "world")
    [own] = bench.process_clock.getDelayedCalls()
    assert own.getTime() == 1
    bench.process_clock.is_dead = True
    bench.clock.advance(2)
    assert called == ["world"]
    assert bench.process_clock.seconds() == 2
