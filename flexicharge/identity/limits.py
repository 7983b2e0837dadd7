"""How often somebody may try: token buckets on the injected clock."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import TooManyRequests

MAX_KEYS: Final = 10_000
SLACK_S: Final = 0.001  # what sums of POSIX seconds may be off by
EXCEEDED: Final = "Attempt limit exceeded, please try after some time."


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
