"""What happened in a run, in order: frames, commits, strikes, each with its time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

from attrs import define, field

from flexicharge.testing.clock import HeapClock

KEPT: Final = 20_000
SHOWN: Final = 400


@define(eq=False)
class Trace:
    """The newest lines, and a digest of all there were.

    Two runs of one seed have one digest, in any process and on any machine.
    """

    _clock: HeapClock
    lines: deque[str] = field(factory=lambda: deque(maxlen=KEPT), init=False)
    count: int = field(default=0, init=False)
    _digest: Any = field(factory=lambda: blake2b(digest_size=16), init=False)

    def note(self, who: str, what: str) -> None:
        """Add a line."""
        line = f"{self._clock.rightNow:.6f} {who} {what[:SHOWN]}"
        self.count += 1
        self._digest.update(line.encode())
        self.lines.append(line)

    @property
    def digest(self) -> str:
        """What all lines come to."""
        return str(self._digest.hexdigest())

    def between(
        self, since: float, until: float, *words: str, most: int = 120
    ) -> Iterator[str]:
        """Yield the lines of a time that hold any of some words; the newest of them."""
        chosen = [
            line
            for line in self.lines
            if since <= float(line.partition(" ")[0]) <= until
            and (not words or any(word in line for word in words))
        ]
        yield from chosen[-most:]
