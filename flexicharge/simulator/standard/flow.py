"""Energy on its way through a connector's meter into a car."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.car import Car
from flexicharge.simulator.meter import Meter


@define(eq=False)
class Flow:
    """Looked at now and then: what has flowed since the last look is counted then.

    `power_w` is what the car took at the last look.
    """

    _clock: IReactorTime
    meter: Meter = field(factory=Meter)
    power_w: float = field(default=0.0, init=False)
    _looked_at: float = field(default=0.0, init=False)

    def begin(self) -> None:
        """Count for a new charge from now on."""
        self.meter.begin()
        self._looked_at = self._clock.seconds()

    def look(self, car: Car | None, offered_w: float) -> float:
        """Let a car have what it took of an offer; return the charge's Wh so far."""
        now = self._clock.seconds()
        if car is not None:
            self.meter.count(car.charge(offered_w, now - self._looked_at))
            self.turn_on(car, offered_w)
        self._looked_at = now
        return self.meter.charged_wh

    def turn_on(self, car: Car, offered_w: float) -> None:
        """Let power flow into a car."""
        self.power_w = car.power_w(offered_w)

    def turn_off(self) -> None:
        """Let no more power flow."""
        self.power_w = 0.0
