"""How often somebody may try: token buckets on the injected clock."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import (
    DatabaseAway,
    IdentityAway,
    NewPasswordRequired,
    ServerBusy,
    Stopping,
    TooManyRequests,
)

MAX_KEYS: Final = 10_000
SLACK_S: Final = 0.001  # what sums of POSIX seconds may be off by
EXCEEDED: Final = "Attempt limit exceeded, please try after some time."
BUSY: Final = "The server is busy, please try again."

NOT_LOOKED_AT: Final = (DatabaseAway, IdentityAway, ServerBusy, Stopping)
"""What says nothing of whether somebody was right: it was never compared."""


class RateLimit:
    """At most `tries` at once for each key; a spent one returns after its share of
    `per_s` seconds.

    Remembers `MAX_KEYS` keys. When there are more, it forgets the one used longest ago,
    which is the one that has regained most.
    """

    def __init__(self, clock: IReactorTime, tries: int, per_s: float) -> None:
        self._clock = clock
        self._tries = tries
        self._per_try_s = per_s / tries
        # When the last try taken will have returned, which says how many are out.
        self._whole_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Use up a try; raise `TooManyRequests` if there is none left."""
        now = self._clock.seconds()
        whole_at = max(self._whole_at.get(key, now), now) + self._per_try_s
        if whole_at > now + self._tries * self._per_try_s + SLACK_S:
            raise TooManyRequests(EXCEEDED)
        self._remember(key, whole_at)

    @contextmanager
    def counting(self, key: str) -> Iterator[None]:
        """Use up a try for what is done, unless nobody comes to look at it.

        Raise `TooManyRequests` if there is none left.
        """
        self.take(key)
        try:
            yield
        except NOT_LOOKED_AT:
            self.give_back(key)
            raise

    @contextmanager
    def risk(self, key: str) -> Iterator[None]:
        """Do as `counting`, but give the try back to whoever is right, too."""
        with self.counting(key):
            try:
                yield
            except NewPasswordRequired:  # it is told only after the right password
                self.give_back(key)
                raise
        self.give_back(key)

    def give_back(self, key: str) -> None:
        """Undo one `take`: it was no attack."""
        if key in self._whole_at:
            self._whole_at[key] -= self._per_try_s

    def forget(self, key: str) -> None:
        """Let a key start again with all its tries."""
        self._whole_at.pop(key, None)

    def _remember(self, key: str, whole_at: float) -> None:
        self._whole_at[key] = whole_at
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > MAX_KEYS:
            self._whole_at.popitem(last=False)


class Places:
    """At most so many pieces of work under way for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, key: str) -> Iterator[None]:
        """Take a place for what is done; raise `ServerBusy` if there is none."""
        if self._taken[key] >= self._most:
            raise ServerBusy(BUSY)
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
