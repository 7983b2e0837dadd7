"""The trace of a run: its newest lines, and what all of them come to."""

from __future__ import annotations

from flexicharge.testing.clock import HeapClock
from flexicharge.testing.simulated.trace import KEPT, Trace


def a_trace(*notes: tuple[float, str, str]) -> Trace:
    clock = HeapClock(100.0)
    trace = Trace(clock)
    for at, who, what in notes:
        clock.rightNow = at
        trace.note(who, what)
    return trace


NOTES = ((101.0, "a", "> one"), (102.5, "b", "< two"), (103.0, "a", "> three"))


def test_lines_have_their_time_and_who_it_was() -> None:
    """To the microsecond."""
    assert [*a_trace(*NOTES).lines][:2] == ["101.000000 a > one", "102.500000 b < two"]


def test_the_same_lines_have_the_same_digest() -> None:
    """And any other have another: other words, times, people, or order."""
    same = a_trace(*NOTES).digest
    assert a_trace(*NOTES).digest == same
    others = [
        NOTES[:2],
        (*NOTES[:2], (103.0, "a", "> four")),
        (*NOTES[:2], (103.000001, "a", "> three")),
        (*NOTES[:2], (103.0, "b", "> three")),
        ((101.0, "b", "< two"), (102.5, "a", "> one"), NOTES[2]),
    ]
    assert same not in [a_trace(*other).digest for other in others]


def test_old_lines_are_dropped_but_count() -> None:
    """The digest is of all there were."""
    trace = a_trace(*((1.0, "a", str(number)) for number in range(KEPT + 10)))
    assert (trace.count, len(trace.lines)) == (KEPT + 10, KEPT)
    assert trace.lines[0] == "1.000000 a 10"
    fewer = a_trace(*((1.0, "a", str(number)) for number in range(10, KEPT + 10)))
    assert fewer.lines == trace.lines
    assert fewer.digest != trace.digest


def test_long_lines_are_cut() -> None:
    """Nobody reads a thousand characters."""
    assert len(a_trace((1.0, "a", "x" * 1000)).lines[0]) < 450


def test_a_part_can_be_asked_for() -> None:
    """By time, by words, and the newest of it."""
    trace = a_trace(*NOTES)
    assert len([*trace.between(0.0, 200.0)]) == 3
    assert [*trace.between(102.0, 103.0)] == [*trace.lines][1:]
    assert [*trace.between(0.0, 200.0, " a ", "nobody")] == [
        trace.lines[0],
        trace.lines[2],
    ]
    assert [*trace.between(0.0, 200.0, most=1)] == [trace.lines[2]]
