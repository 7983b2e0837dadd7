"""A tag that may charge, while its car is waited for."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.timers import Timers


@define(eq=False)
class Welcome:
    """Holds for one `tag` at a time; `lapsed` is told when nobody has plugged in."""

    _clock: IReactorTime
    _lapsed: Callable[[], None]
    tag: str | None = field(default=None, init=False)
    _patience: Timers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._patience = Timers(self._clock)

    def give(self, tag: str, for_s: float) -> None:
        """Let a tag charge within some seconds, 0 for as long as it takes."""
        self.tag = tag
        if for_s:
            self._patience.after(for_s, self._lapse)

    def end(self) -> None:
        """Wait for nobody any more."""
        self._patience.cancel()
        self.tag = None

    def _lapse(self) -> None:
        self.tag = None
        self._lapsed()
