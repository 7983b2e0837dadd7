"""How long a server's answers took, in real seconds."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from flexicharge.simulator.tally import Tally, Waits


@frozen
class Answers:
    """All answers to what was asked in one way."""

    what: str
    _waits: Waits
    _pace: float

    @property
    def count(self) -> int:
        """How many there were."""
        return self._waits.count

    @property
    def longest_s(self) -> float:
        """What the slowest took."""
        return self._waits.longest_s / self._pace

    def percentile_s(self, percent: float) -> float:
        """Return what so many of a hundred did not exceed."""
        return self._waits.percentile(percent) / self._pace


def answers_of(tally: Tally, pace: float) -> Iterator[Answers]:
    """Yield how long answers took, by what was asked, in the order of the alphabet.

    Apps ask over HTTP, whose method and path have a space between them, and time it on
    the real clock; chargers send actions, and have the scenario's clock only.
    """
    for what, waits in sorted(tally.waits.items()):
        yield Answers(what, waits, 1.0 if " " in what else pace)
