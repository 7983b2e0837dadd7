"""A car at the cable: how full it is, and how fast it takes what it is offered."""

from __future__ import annotations

from math import exp, log
from typing import Final

from attrs import define, field
from attrs.validators import ge, gt, le

TAPER_FROM: Final = 0.8  # of the capacity; up to there a battery takes full power
POWER_LEFT_WHEN_FULL: Final = 0.1  # of the maximum power, just before it is full
_SLOPE: Final = (1 - POWER_LEFT_WHEN_FULL) / (1 - TAPER_FROM)
SECONDS_PER_HOUR: Final = 3600.0


@define(kw_only=True)
class Car:
    """A battery of `capacity_wh` that holds `stored_wh` and takes `max_power_w`.

    Above 80 % the power that it takes falls in a straight line down to a tenth of the
    maximum, and a full battery takes none.
    """

    capacity_wh: float = field(default=50_000.0, validator=gt(0))
    max_power_w: float = field(default=150_000.0, validator=gt(0))
    stored_wh: float = field(default=18_000.0, validator=ge(0))

    def __attrs_post_init__(self) -> None:
        le(self.capacity_wh)(self, Car.__attrs_attrs__.stored_wh, self.stored_wh)

    @property
    def percent(self) -> int:
        """How full the battery is, 0 to 100; 100 only when it is really full."""
        return int(100 * self.stored_wh / self.capacity_wh)

    def power_w(self, offered_w: float) -> float:
        """Return the power in W that the car takes right now of what is offered."""
        if self.stored_wh >= self.capacity_wh:
            return 0.0
        return min(offered_w, self.max_power_w * self._share(self.stored_wh))

    def charge(self, offered_w: float, seconds: float) -> float:
        """Take energy for some seconds; return how many Wh it was."""
        before_wh, hours = self.stored_wh, seconds / SECONDS_PER_HOUR
        flat_w = min(offered_w, self.max_power_w)
        if flat_w <= 0:
            return 0.0
        flat_h = min(hours, max(0.0, self._knee_wh(flat_w) - before_wh) / flat_w)
        stored_wh = before_wh + flat_w * flat_h
        stored_wh = self._tapered(stored_wh, hours - flat_h)
        self.stored_wh = min(stored_wh, self.capacity_wh)
        return self.stored_wh - before_wh

    def _share(self, stored_wh: float) -> float:
        """Return the part of the maximum power that a charge level allows."""
        return min(1.0, 1 - _SLOPE * (stored_wh / self.capacity_wh - TAPER_FROM))

    def _knee_wh(self, flat_w: float) -> float:
        """Return the charge level from which on less than `flat_w` is taken."""
        level = TAPER_FROM + (1 - flat_w / self.max_power_w) / _SLOPE
        return self.capacity_wh * min(1.0, level)

    def _tapered(self, stored_wh: float, hours: float) -> float:
        """Return the charge level after some hours on the falling line.

        There the share of the power shrinks exponentially: its slope is itself.
        """
        if hours <= 0 or stored_wh >= self.capacity_wh:
            return stored_wh
        share = self._share(stored_wh)
        rate_per_h = _SLOPE * self.max_power_w / self.capacity_wh
        full_after_h = log(share / POWER_LEFT_WHEN_FULL) / rate_per_h
        if hours >= full_after_h:
            return self.capacity_wh
        drop = share - share * exp(-rate_per_h * hours)
        return stored_wh + drop / _SLOPE * self.capacity_wh
