"""When a charger's next heartbeat is due."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.timers import Ticks


@define(eq=False)
class Pulse:
    """Beats every so many seconds, until it is stopped."""

    _clock: IReactorTime
    _beat: Callable[[], None]
    _ticks: Ticks | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        """True while there is a next beat."""
        return self._ticks is not None

    def every(self, seconds: float) -> None:
        """Beat at this pace from now on, 0 for never."""
        self.stop()
        if seconds > 0:
            self._ticks = Ticks(self._clock, seconds, self._beat)
            self._ticks.start()

    def stop(self) -> None:
        """Beat no more."""
        if self._ticks is not None:
            self._ticks.stop()
        self._ticks = None
