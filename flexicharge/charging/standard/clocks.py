"""Stations' clocks: which of their times count, and which are of the past."""

from __future__ import annotations

from math import inf
from typing import Final

from attrs import define, field

from flexicharge.ocpp.v16.times import TRUSTED_WITHIN_S, ClockError

PLAUSIBLE_S: Final = 365 * 24 * 3600.0
AHEAD_S: Final = 300.0
PAST_AFTER_S: Final = 300.0
AGREES_WITHIN_S: Final = 30.0
APART_S: Final = 60.0


@define
class StationClock:
    """One station's clock, judged by what it says of the present.

    Times are POSIX seconds. What is more than a year off is no time at all: such a
    clock was never set.
    """

    _error: ClockError = field(factory=ClockError, init=False)
    _behind: tuple[float, float] = field(default=(inf, inf), init=False)

    def is_live_at(self, claimed_at: float | None, arrived_at: float) -> None:
        """Learn from a frame that tells of the present, as statuses do.

        Some tell since when it is so. Therefore a clock is slow only once two of them,
        a minute apart, are late by the same.
        """
        if claimed_at is None or not is_plausible(claimed_at, arrived_at):
            return
        if self._is_live(arrived_at - claimed_at, arrived_at):
            self._error = self._error.noted(claimed_at, arrived_at)

    def _is_live(self, late_s: float, arrived_at: float) -> bool:
        if late_s <= TRUSTED_WITHIN_S:
            return True
        before_s, before_at = self._behind
        agrees = abs(late_s - before_s) <= AGREES_WITHIN_S
        if not agrees:
            self._behind = (late_s, arrived_at)
        return agrees and arrived_at - before_at >= APART_S

    def when(
        self, claimed_at: float | None, arrived_at: float, *, not_before: float | None
    ) -> float:
        """Return the time that counts: the station's own, corrected, if it can be.

        That is between `not_before` and five minutes from now; otherwise the arrival,
        which is not before that either.
        """
        earliest_at = arrived_at if not_before is None else not_before
        at = self.corrected(claimed_at, arrived_at)
        if at is None or at > arrived_at + AHEAD_S:
            return max(arrived_at, earliest_at)
        if not_before is not None and at < not_before:
            return max(arrived_at, earliest_at)
        return at

    def is_past(self, claimed_at: float | None, arrived_at: float) -> bool:
        """Tell whether a frame tells of something that is over by now."""
        return self.is_before(arrived_at, claimed_at, arrived_at)

    def is_before(
        self, moment: float, claimed_at: float | None, arrived_at: float
    ) -> bool:
        """Tell whether a claimed time is surely before a moment."""
        at = self.corrected(claimed_at, arrived_at)
        return at is not None and at < moment - PAST_AFTER_S

    def corrected(self, claimed_at: float | None, arrived_at: float) -> float | None:
        """Return a station's time by our clock; None if it is no time at all."""
        if claimed_at is None or not is_plausible(claimed_at, arrived_at):
            return None
        return self._error.corrected(claimed_at)


def is_plausible(claimed_at: float | None, arrived_at: float) -> bool:
    """Tell whether a claimed time is within a year of now."""
    return claimed_at is not None and abs(claimed_at - arrived_at) <= PLAUSIBLE_S
