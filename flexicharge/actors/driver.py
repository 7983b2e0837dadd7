"""A driver who is watching: one actor for each user socket."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from flexicharge.interfaces import IBus, IDriverLink
from flexicharge.model.events import LiveFrame, driver_topic

UNAUTHORIZED: Final = 4401  # of the range that RFC 6455 §7.4.2 leaves to applications
LONGEST_TIMER_S: Final = 86_400.0


@define(eq=False)
class DriverActor:
    """Passes a driver's live frames on; to a slow reader only the newest of a charge.

    Whatever the client sends is ignored, as it always was.
    """

    link: IDriverLink
    _bus: IBus
    _clock: IReactorTime
    _gone: Callable[[DriverActor], None]
    _newest: dict[int, bytes] = field(factory=dict, init=False)
    _deaf: Callable[[], None] = field(init=False)
    _expiry: IDelayedCall | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._deaf = self._bus.subscribe(
            driver_topic(self.link.user_id), self._live_frame
        )
        self._arm_expiry()

    def drained(self) -> None:
        """Send what was held back while the other end read too slowly."""
        newest, self._newest = self._newest, {}
        for text in newest.values():
            self.link.send(text)

    def lost(self) -> None:
        """The socket is closed."""
        self._deaf()
        if self._expiry is not None and self._expiry.active():
            self._expiry.cancel()
        self._gone(self)

    def _live_frame(self, frame: LiveFrame) -> None:
        if self.link.is_congested:
            self._newest[frame.session_id] = frame.text
        else:
            self.link.send(frame.text)

    def _arm_expiry(self) -> None:
        """Come back when the token ends, in steps: a timer must not be infinite."""
        left_s = self.link.expires_at - self._clock.seconds()
        if left_s <= 0:
            self.link.hang_up(UNAUTHORIZED, "the access token has expired")
        elif not math.isinf(left_s):
            self._expiry = self._clock.callLater(
                min(left_s, LONGEST_TIMER_S), self._arm_expiry
            )
