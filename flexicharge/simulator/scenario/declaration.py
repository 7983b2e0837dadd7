"""Every key of a scenario file, declared once: reader and page follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from flexicharge.simulator.makes import DIALECT, MAKES
from flexicharge.simulator.oddities import SILENT_RECONNECT
from flexicharge.simulator.phrasebook import PRESETS
from flexicharge.simulator.scenario.measures import (
    CHANCE,
    DURATION,
    ENERGY,
    PERCENT,
    POWER,
    PURE,
    RATE,
)
from flexicharge.simulator.scenario.sections import Key, Named, Section, Unfit
from flexicharge.simulator.scenario.several import OrNever, Several, Spread
from flexicharge.simulator.scenario.single import Flag, OneOf, Quantity, Text
from flexicharge.simulator.scenario.values import (
    DAY_S,
    EVEN,
    HOURS,
    Arrivals,
    Cars,
    Drivers,
    Faults,
    Fleet,
    Scenario,
)

PROTOCOLS: Final = {name: name for name in MAKES}
MOST_CHARGERS: Final = 100_000
MOST_FLEETS: Final = 100
MOST_ODDITIES: Final = 100
MOST_CONNECTORS: Final = 64
HOUR_S: Final = 3600.0
YEAR_S: Final = 366 * DAY_S


def _duration(least_s: float, most_s: float, example: str) -> Quantity:
    return Quantity(DURATION, least_s, most_s, example)


def _span(least_s: float, most_s: float, example: str) -> Spread:
    amount = example.strip("[").split(",")[0]
    return Spread(_duration(least_s, most_s, amount), example)


COUNT: Final = Quantity(PURE, 1, MOST_CHARGERS, "20", whole=True)
RATE_KIND: Final = Quantity(RATE, 0.0, 2400.0, "4 per day")
CHANCE_KIND: Final = Quantity(CHANCE, 0.0, 1.0, "3 %")
POWERS: Final = Spread(Quantity(POWER, 1.0, 1e6, "22 kW"), "[11 kW, 22 kW]")
ENERGIES: Final = Spread(Quantity(ENERGY, 1e3, 1e6, "50 kWh"), "[40 kWh, 90 kWh]")
PERCENTS: Final = Spread(Quantity(PERCENT, 0.0, 100.0, "20 %"), "[10 %, 60 %]")
WEIGHTS: Final = Several(
    Quantity(PURE, 0.0, 1000.0, "1"),
    HOURS,
    HOURS,
    "[0, 0, 0, 0, 0, 0, 1, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2, 5, 4, 3, 2, 1, 1, 0]",
)
ODDITY: Final = OneOf(
    {name: name for make in MAKES.values() for name in make.oddities},
    "the name of an oddity",
)

FAULTS: Final = Section(
    name="faults",
    of=Faults,
    keys=(
        Key("drops", "drops", RATE_KIND, "How often the line breaks at once."),
        Key(
            "half-opens",
            "half_opens",
            RATE_KIND,
            "How often the line dies while both ends go on believing in it.",
        ),
        Key(
            "offline",
            "offline",
            RATE_KIND,
            "How often the line cannot be had for some time.",
        ),
        Key(
            "offline-for",
            "offline_for_s",
            _span(1.0, 30 * DAY_S, "[10 m, 2 h]"),
            "For how long.",
        ),
        Key(
            "outages",
            "outages",
            Several(
                evolve(_span(0.0, YEAR_S, "[2 h, 2 h 10 m]"), always_two=True),
                0,
                100,
                "[[2 h, 2 h 10 m], [5 h, 6 h]]",
            ),
            "When none of the fleet has a line, from and to, in time since the start; "
            "then all come back at once.",
        ),
        Key(
            "reboots",
            "reboots",
            RATE_KIND,
            "How often the charger's power is cut, in mid-charge too.",
        ),
        Key(
            "reboots-in-charge",
            "reboots_in_charge",
            CHANCE_KIND,
            "How many of the charges are cut short so.",
        ),
        Key(
            "reboot-for",
            "reboot_for_s",
            _span(1.0, DAY_S, "[20 s, 2 m]"),
            "For how long the power stays away.",
        ),
        Key(
            "duplicates",
            "duplicates",
            CHANCE_KIND,
            "How many of the charger's Calls are sent twice.",
        ),
        Key(
            "slow-answers",
            "slow_answers",
            CHANCE_KIND,
            "How many of the server's Calls are answered late.",
        ),
        Key(
            "slow-answer",
            "slow_answer_s",
            _span(0.0, HOUR_S, "[2 s, 45 s]"),
            "How late that is.",
        ),
        Key(
            "lost-answers",
            "lost_answers",
            CHANCE_KIND,
            "How many of the server's Calls are never answered.",
        ),
        Key(
            "clock-skew",
            "clock_skew_s",
            _span(-YEAR_S, YEAR_S, "[-2 h, 2 h]"),
            "By how much the charger's clock is ahead, or behind if it is negative.",
        ),
    ),
)


def _fleet(fleet: Fleet) -> Iterator[Unfit]:
    """Find what chargers of a fleet's protocol cannot have."""
    protocol, make = fleet.protocol, MAKES[fleet.protocol]
    for name in fleet.oddities:
        if name not in make.oddities:
            what = f"no charger that speaks {protocol} has the oddity {name}"
            yield Unfit("oddities", what, "Write one of that protocol")
    if protocol == DIALECT and fleet.connectors > 1:
        what = f"a charger that speaks {protocol} has one connector"
        yield Unfit("connectors", what, "Take it out, or give another `protocol`")
    if protocol != DIALECT and fleet.quirks != PRESETS["plain"]:
        what = f"only chargers that speak {DIALECT} behave so"
        yield Unfit("behaves", what, "Take it out, or name single `oddities`")


FLEET: Final = Section(
    name="a fleet",
    of=Fleet,
    checks=_fleet,
    needs="`count: 20`",
    keys=(
        Key("count", "count", COUNT, "How many chargers there are."),
        Key(
            "protocol",
            "protocol",
            OneOf(PROTOCOLS),
            "What they speak; `flexicharge` is FlexiCharge's own dialect. Those of a "
            "standard come with a password, and are made for the simulation.",
        ),
        Key(
            "connectors",
            "connectors",
            Quantity(PURE, 1, MOST_CONNECTORS, "2", whole=True),
            "How many cars can charge at each at once; with the dialect one.",
        ),
        Key("power", "power_w", POWERS, "What a charger can give at most."),
        Key(
            "metering-every",
            "metering_every_s",
            _duration(0.2, DAY_S, "1 m"),
            "How often a charge is metered.",
        ),
        Key(
            "behaves",
            "quirks",
            OneOf(PRESETS),
            "Whose manners they have: those of the documentation, of the fielded "
            "FlexiCharge charger, or of its development version.",
        ),
        Key(
            "oddities",
            "oddities",
            Several(ODDITY, 0, MOST_ODDITIES, f"[{SILENT_RECONNECT}]", distinct=True),
            "What else is odd about them.",
        ),
        Key(
            "reconnects-after",
            "reconnects_after_s",
            OrNever(_span(0.0, DAY_S, "[5 s, 1 m]"), None),
            "How long after a lost line they connect again; with never, somebody has "
            "to switch them off and on. Those of a standard never stay away: unless "
            "told they come after 5 s to 1 m.",
        ),
        Key(
            "queues",
            "queues",
            Flag(),
            "Whether they say later what they could not say without a line. Those of a "
            "standard do.",
        ),
        Key(
            "keep-alive",
            "keep_alive_s",
            OrNever(_duration(1.0, DAY_S, "30 s"), 0.0),
            "How often they ping the server.",
        ),
        Key("faults", "faults", FAULTS, "What goes wrong with them."),
    ),
)

DRIVERS: Final = Section(
    name="drivers",
    of=Drivers,
    keys=(
        Key("count", "count", COUNT, "How many accounts there are."),
        Key("abandons", "abandons", CHANCE_KIND, "Reserves, and walks away."),
        Key(
            "gives-up", "gives_up", CHANCE_KIND, "Stops while the charge still starts."
        ),
        Key("impatient", "impatient", CHANCE_KIND, "Sends each request twice at once."),
        Key(
            "unplugs",
            "unplugs",
            CHANCE_KIND,
            "Pulls the cable, and never asks the app to stop.",
        ),
        Key("watches", "watches", CHANCE_KIND, "Has the live socket open."),
        Key(
            "forgets-cable", "forgets_cable", CHANCE_KIND, "Leaves no car at the cable."
        ),
        Key(
            "shows-tag",
            "shows_tag",
            CHANCE_KIND,
            "Begins and ends with a tag, without the app, where chargers read any.",
        ),
        Key(
            "looks-every",
            "looks_every_s",
            OrNever(_duration(1.0, DAY_S, "5 m"), 0.0),
            "How often the app asks how the charge goes.",
        ),
    ),
)

CARS: Final = Section(
    name="cars",
    of=Cars,
    keys=(
        Key("capacity", "capacity_wh", ENERGIES, "What a full battery holds."),
        Key("max-power", "max_power_w", POWERS, "What a car takes at most."),
        Key("percent", "percent", PERCENTS, "How full it is when it comes."),
    ),
)


def _arrivals(arrivals: Arrivals) -> Iterator[Unfit]:
    """Find visitors in each other's way, and hours without a meaning."""
    if not any(arrivals.by_hour):
        yield Unfit("by-hour", "by-hour is nothing but 0", "Give an hour a weight")
    if not arrivals.regularly:
        return
    if arrivals.by_hour != EVEN:
        what = "by-hour means nothing where cars come regularly"
        yield Unfit("by-hour", what, "Take it out, or write `regularly: no`")
    busy_s = arrivals.per_day * arrivals.stay_s.high
    if busy_s > DAY_S:
        what = f"regular visits take {DURATION.write(round(busy_s))} of each day"
        yield Unfit("rate", what, "Lower `rate` or `stays`, or write `regularly: no`")


ARRIVALS: Final = Section(
    name="arrivals",
    of=Arrivals,
    checks=_arrivals,
    keys=(
        Key("rate", "per_day", RATE_KIND, "How many cars come to each charger."),
        Key(
            "regularly",
            "regularly",
            Flag(),
            "Whether exactly so many come, at even distances, and none before the one "
            "before has left. Otherwise they come by chance.",
        ),
        Key(
            "by-hour",
            "by_hour",
            WEIGHTS,
            "How much is going on in each hour of the day, from midnight UTC.",
            otherwise="all hours alike",
        ),
        Key(
            "stays",
            "stay_s",
            _span(1.0, 30 * DAY_S, "[30 m, 4 h]"),
            "How long a visitor stays.",
        ),
    ),
)


def _scenario(scenario: Scenario) -> Iterator[Unfit]:
    if scenario.chargers > MOST_CHARGERS:
        what = f"the fleets have {scenario.chargers} chargers, over {MOST_CHARGERS}"
        yield Unfit("fleets", what, "Lower the `count` of some")


SCENARIO: Final = Section(
    name="a scenario",
    of=Scenario,
    needs=f"`fleets:`, under it a name of yours, and under that {FLEET.needs}",
    checks=_scenario,
    keys=(
        Key(
            "extends",
            "",
            Text("rush-hour"),
            "A scenario that holds for everything that is not written here: the name "
            "of a shipped one, or the path of a file, as seen from this one.",
            otherwise="nothing",
        ),
        Key(
            "about",
            "about",
            Text("A quiet day."),
            "What the scenario is for.",
            otherwise="nothing",
        ),
        Key(
            "lasts", "lasts_s", _duration(1.0, YEAR_S, "7 d"), "For how long it plays."
        ),
        Key(
            "fleets",
            "fleets",
            Named(FLEET, MOST_FLEETS),
            "Chargers of one make each, under a name of yours.",
        ),
        Key("drivers", "drivers", DRIVERS, "Who comes, and their habits."),
        Key("cars", "cars", CARS, "What they come with."),
        Key("arrivals", "arrivals", ARRIVALS, "When they come."),
    ),
)
SECTIONS: Final = (SCENARIO, FLEET, FAULTS, DRIVERS, CARS, ARRIVALS)
