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

    Two runs of one seed have one digest, in any process and on any machine. A line is
    only put together when somebody wants to read it.
    """

    _clock: HeapClock
    count: int = field(default=0, init=False)
    _kept: deque[tuple[float, str, bytes]] = field(
        factory=lambda: deque(maxlen=KEPT), init=False
    )
    _digest: Any = field(factory=lambda: blake2b(digest_size=16), init=False)

    def note(self, who: str, what: str | bytes) -> None:
        """Add a line."""
        text = what.encode() if isinstance(what, str) else what
        at = self._clock.rightNow
        self.count += 1
        self._digest.update(b"%f %b %b\n" % (at, who.encode(), text))
        self._kept.append((at, who, text))

    @property
    def digest(self) -> str:
        """What all lines come to."""
        return str(self._digest.hexdigest())

    @property
    def lines(self) -> list[str]:
        """The newest lines, oldest first."""
        return [_line(*kept) for kept in self._kept]

    def between(
        self, since: float, until: float, *words: str, most: int = 120
    ) -> Iterator[str]:
        """Yield the lines of a time that hold any of some words; the newest of them."""
        shown = [_line(*kept) for kept in self._kept if since <= kept[0] <= until]
        chosen = [
            line for line in shown if not words or any(word in line for word in words)
        ]
        yield from chosen[-most:]


def _line(at: float, who: str, text: bytes) -> str:
    return f"{at:.6f} {who} {text.decode(errors='replace')[:SHOWN]}"
