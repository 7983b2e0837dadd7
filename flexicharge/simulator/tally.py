"""What a simulation counts while it runs, in little memory however long that is."""

from __future__ import annotations

from collections import Counter
from math import ceil, log
from typing import Final

from attrs import define, field

_SHORTEST_S: Final = 1e-5
_STEP: Final = log(1.1)  # a bucket is a tenth wider than the one below


@define(eq=False)
class Waits:
    """How long something took, in seconds: exact count and longest, percentiles within
    a tenth."""

    count: int = field(default=0, init=False)
    longest_s: float = field(default=0.0, init=False)
    _buckets: Counter[int] = field(factory=Counter, init=False)

    def add(self, seconds: float) -> None:
        """Count one wait."""
        self.count += 1
        self.longest_s = max(self.longest_s, seconds)
        self._buckets[ceil(log(max(seconds, _SHORTEST_S) / _SHORTEST_S) / _STEP)] += 1

    def percentile(self, percent: float) -> float:
        """Return what so many of a hundred waits did not exceed; 0 without any."""
        left = self.count * percent / 100
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return min(_SHORTEST_S * 1.1**bucket, self.longest_s)
        return 0.0


@define(eq=False)
class Tally:
    """Figures of a whole simulation.

    `now` is how many chargers are connected, charging … at this moment; `total` counts
    what has happened, in Wh and öre where it is energy and money; `mishaps` what went
    wrong, in the words a person would be told; `waits` how long answers took, by what
    was asked.
    """

    now: Counter[str] = field(factory=Counter, init=False)
    total: Counter[str] = field(factory=Counter, init=False)
    mishaps: Counter[str] = field(factory=Counter, init=False)
    waits: dict[str, Waits] = field(factory=dict, init=False)

    def took(self, what: str, seconds: float) -> None:
        """Note how long an answer took."""
        waits = self.waits.get(what)
        if waits is None:
            waits = self.waits[what] = Waits()
        waits.add(seconds)
