"""A scenario as values: who is there, what they do, and what goes wrong.

Durations are seconds, rates are per charger and simulated day, chances are 0 to 1.
Nothing here draws a number: whoever plays a scenario does, from a seeded `Random`.
"""

from __future__ import annotations

from random import Random
from typing import Final

from attrs import field, frozen
from attrs.validators import ge, gt, instance_of, le, min_len

from flexicharge.simulator.phrasebook import Quirks

DAY_S: Final = 86_400.0
HOURS: Final = 24
EVEN: Final = (1.0,) * HOURS
PLAIN: Final = Quirks()


@frozen
class Span:
    """A range that a value is drawn from, both ends included."""

    low: float
    high: float

    def __attrs_post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError("a range goes upwards")

    def draw(self, rng: Random) -> float:
        """Return a value of the range."""
        return self.low if self.low == self.high else rng.uniform(self.low, self.high)


def _chance() -> float:
    value: float = field(default=0.0, validator=[ge(0.0), le(1.0)])
    return value


def _rate() -> float:
    value: float = field(default=0.0, validator=ge(0.0))
    return value


@frozen(kw_only=True)
class Faults:
    """What goes wrong with a charger and its line.

    `drops` close the line at once. `half_opens` leave both ends believing in a line
    over which nothing comes any more. `offline` is a line that cannot be had for
    `offline_for_s`; `outages` are such times of a whole fleet, in seconds since the
    start, after which all of it comes back at once. `reboots` cut the charger's power
    for `reboot_for_s`, in mid-charge too; `reboots_in_charge` is the chance that a
    charge is cut short so. `duplicates` is the chance that a Call is sent twice,
    `slow_answers` that the answer to one of the server's Calls takes `slow_answer_s`,
    `lost_answers` that it never comes.
    """

    drops: float = _rate()
    half_opens: float = _rate()
    offline: float = _rate()
    offline_for_s: Span = Span(600.0, 7200.0)
    outages: tuple[Span, ...] = ()
    reboots: float = _rate()
    reboots_in_charge: float = _chance()
    reboot_for_s: Span = Span(20.0, 120.0)
    duplicates: float = _chance()
    slow_answers: float = _chance()
    slow_answer_s: Span = Span(2.0, 45.0)
    lost_answers: float = _chance()
    clock_skew_s: Span = Span(0.0, 0.0)


NO_FAULTS: Final = Faults()


@frozen(kw_only=True)
class Fleet:
    """Chargers of one make.

    `protocol` is a word of `simulator.makes`. A make that `reconnects_after_s` some
    time (None: never, as the fielded one) keeps its charge through a lost line; what
    `queues` says offline it says later. `connectors` are those of each charger, where
    the protocol tells them apart. `keep_alive_s` is how often it pings, 0 for
    never. `oddities` are words of `simulator.oddities`.
    """

    count: int = field(validator=[instance_of(int), ge(1), le(100_000)])
    protocol: str = "flexicharge"
    power_w: Span = Span(22_000.0, 22_000.0)
    metering_every_s: float = field(default=60.0, validator=gt(0.0))
    quirks: Quirks = PLAIN
    oddities: tuple[str, ...] = ()
    reconnects_after_s: Span | None = None
    queues: bool = False
    connectors: int = field(default=1, validator=[instance_of(int), ge(1), le(64)])
    keep_alive_s: float = field(default=5.0, validator=ge(0.0))
    faults: Faults = NO_FAULTS


@frozen(kw_only=True)
class Drivers:
    """Who comes, and their habits, each the chance that a visit goes so.

    One who `abandons` reserves and walks away; one who `gives_up` stops while the
    charger still starts; an `impatient` one sends each request twice at once; one who
    `unplugs` pulls the cable and never asks the app to stop; one who `watches` has the
    live socket open; `forgets_cable` leaves no car at the cable at all; one who
    `shows_tag` begins and ends with a tag where there is a reader, without the app. A
    visitor `looks_every_s` at the running charge over HTTP, 0 for never.
    """

    count: int = field(default=10, validator=[instance_of(int), ge(1), le(100_000)])
    abandons: float = _chance()
    gives_up: float = _chance()
    impatient: float = _chance()
    unplugs: float = _chance()
    watches: float = _chance()
    forgets_cable: float = _chance()
    shows_tag: float = _chance()
    looks_every_s: float = _rate()


@frozen(kw_only=True)
class Cars:
    """The batteries that come: Wh, W, and percent of the capacity on arrival."""

    capacity_wh: Span = Span(40_000.0, 90_000.0)
    max_power_w: Span = Span(11_000.0, 150_000.0)
    percent: Span = Span(10.0, 60.0)


@frozen(kw_only=True)
class Arrivals:
    """When somebody comes to a charger, and for how long.

    `per_day` cars come to each charger a day, at times of day weighted by `by_hour`
    (24 weights, from midnight UTC). Where they come `regularly`, exactly `per_day` come
    every day, none before the one before has left. A visitor stays `stay_s`.
    """

    per_day: float = field(default=1.0, validator=ge(0.0))
    regularly: bool = False
    by_hour: tuple[float, ...] = field(default=EVEN, validator=min_len(HOURS))
    stay_s: Span = Span(3600.0, 3600.0)


@frozen(kw_only=True)
class Scenario:
    """A network of chargers and drivers, for `lasts_s` of their own time."""

    name: str
    about: str = ""
    lasts_s: float = field(default=DAY_S, validator=gt(0.0))
    fleets: tuple[Fleet, ...] = field(validator=min_len(1))
    drivers: Drivers = Drivers()
    cars: Cars = Cars()
    arrivals: Arrivals = Arrivals()

    @property
    def chargers(self) -> int:
        """How many chargers there are in all."""
        return sum(fleet.count for fleet in self.fleets)
