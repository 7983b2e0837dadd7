"""When a scenario begins, and how fast it is played if nobody says how fast."""

from __future__ import annotations

from math import floor
from typing import Final

from flexicharge.simulator.scenario.values import DAY_S, Fleet, Scenario

NOON_S: Final = DAY_S / 2
PLAYED_IN_S: Final = 120.0
# The server's own deadlines run in real time. What a driver or a charger waits a minute
# for, such as a charge that was asked for, still has a second then.
FASTEST: Final = 60.0
FRAMES_PER_S: Final = 500.0
FRAMES_PER_VISIT: Final = 20.0
HANDSHAKES_PER_S: Final = 100.0
CONNECTED_IN: Final = 0.1


def sensible_pace(scenario: Scenario) -> float:
    """Return how many seconds of a scenario should pass in a real one, 1 or more.

    It is then over in two minutes, unless that is faster than servers react, is more
    traffic than one process should make, or would not have everybody connected in the
    first tenth of it.
    """
    connecting_s = scenario.chargers / HANDSHAKES_PER_S
    wanted = min(
        scenario.lasts_s / PLAYED_IN_S,
        scenario.lasts_s * CONNECTED_IN / connecting_s,
        FASTEST,
    )
    frames_per_s = sum(_frames_per_s(fleet, scenario) for fleet in scenario.fleets)
    if frames_per_s:
        wanted = min(wanted, FRAMES_PER_S / frames_per_s)
    return max(1.0, floor(wanted * 10) / 10)


def last_noon(now: float) -> float:
    """Return the last noon in UTC.

    Every scenario begins then, whenever it is played: who comes at which hour would
    otherwise not be the same in another run of its seed.
    """
    return now - (now - NOON_S) % DAY_S


def _frames_per_s(fleet: Fleet, scenario: Scenario) -> float:
    """Return how much a fleet says and is asked, in each second of the scenario."""
    arrivals = scenario.arrivals
    visits_per_s = arrivals.per_day / DAY_S
    stay_s = (arrivals.stay_s.low + arrivals.stay_s.high) / 2
    charging = min(1.0, visits_per_s * stay_s)
    each = charging / fleet.metering_every_s + visits_per_s * FRAMES_PER_VISIT
    return fleet.count * each
