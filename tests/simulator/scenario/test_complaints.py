"""What is told of a file that is wrong: its place, what it is, and the cure."""

from __future__ import annotations

import pytest

from flexicharge.simulator.makes import MAKES
from tests.simulator.scenario.conftest import Told

ALL_ODDITIES = {name: 0 for make in MAKES.values() for name in make.oddities}
FLEET_KEYS = (
    "count, protocol, connectors, power, metering-every, behaves, oddities, "
    "reconnects-after, queues, keep-alive, faults"
)
FILE_KEYS = "extends, about, lasts, fleets, drivers, cars, arrivals"
FAULT_KEYS = (
    "drops, half-opens, offline, offline-for, outages, reboots, reboots-in-charge, "
    "reboot-for, duplicates, slow-answers, slow-answer, lost-answers, clock-skew"
)
RATE = "Write a rate from 0 per day to 100 per hour, such as `4 per day`."
CHANCE = "Write a chance from 0 % to 100 %, such as `3 %`."
COUNT = "Write a whole number from 1 to 100000, such as `20`."
LASTS = "Write a duration from 1 s to 366 d, such as `7 d`."
POWER = (
    "Write a power from 1 W to 1000 kW, or a range [lowest, highest] of them, "
    "such as `[11 kW, 22 kW]`."
)
STAYS = (
    "Write a duration from 1 s to 30 d, or a range [lowest, highest] of them, "
    "such as `[30 m, 4 h]`."
)
OUTAGES = (
    "Write a list [ … ] of at most 100, each [from, to], a duration from 0 s to 366 d, "
    "such as `[[2 h, 2 h 10 m], [5 h, 6 h]]`."
)
HOURS = "[0, 0, 0, 0, 0, 0, 1, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2, 5, 4, 3, 2, 1, 1, 0]"
WEIGHTS = f"Write a list [ … ] of 24, each a number from 0 to 1000, such as `{HOURS}`."
TEXT = "Write a text of at most 300 characters, all printable, such as `A quiet day.`."
FLEETS = "Indent a name of yours under it, and under that `count: 20`."
USUAL = "Write lines of `key: value`, and odd texts in quotes."
NO_ALIAS = (
    "is an anchor or an alias, and a scenario has none. Write the value itself, or put "
    "it into a parent file for `extends`."
)


def fleet(line: str) -> str:
    """Return a file whose third line from column 5 on is a key of a fleet."""
    return f"fleets:\n  town:\n    {line}\n    count: 1\n"


def faults(line: str) -> str:
    """Return a file whose fourth line from column 7 on is a key of a fleet's faults."""
    return f"fleets:\n  town:\n    faults:\n      {line}\n    count: 1\n"


def file(lines: str) -> str:
    """Return a file that begins with some lines."""
    return f"{lines}\nfleets:\n  town:\n    count: 1\n"


def arrivals(line: str) -> str:
    """Return a file whose second line from column 3 on is a key of the arrivals."""
    return file(f"arrivals:\n  {line}")


WRONG = {
    "unknown key": (
        fleet("powr: 22 kW"),
        "3:5: a fleet has no key 'powr'. Did you mean power? "
        f"Known here are {FLEET_KEYS}.",
    ),
    "oddity of another protocol": (
        fleet("oddities: [times-of-1970]"),
        "3:15: no charger that speaks flexicharge has the oddity times-of-1970. "
        "Write one of that protocol.",
    ),
    "two cables of the dialect": (
        fleet("connectors: 2"),
        "3:17: a charger that speaks flexicharge has one connector. Take it out, or "
        "give another `protocol`.",
    ),
    "manners of another protocol": (
        fleet("protocol: ocpp1.6\n    behaves: fielded"),
        "4:14: only chargers that speak flexicharge behave so. Take it out, or name "
        "single `oddities`.",
    ),
    "key like no other": (
        file("'weather\t': fine"),
        f"1:1: a scenario has no key 'weather\\t'. Known here are {FILE_KEYS}.",
    ),
    "endless key": (
        file(f"? {'k' * 2000}\n: 1"),
        f"1:3: a scenario has no key '{'k' * 40}…'. Known here are {FILE_KEYS}.",
    ),
    "underscore": (
        fleet("metering_every: 1 m"),
        "3:5: a fleet has no key 'metering_every'. Did you mean metering-every? "
        f"Known here are {FLEET_KEYS}.",
    ),
    "merge key": (
        file("<<: {lasts: 1 d}"),
        f"1:1: a scenario has no key '<<'. Known here are {FILE_KEYS}.",
    ),
    "chance over one": (
        faults("duplicates: 120 %"),
        f"4:19: duplicates is '120 %', which is more than 100 %. {CHANCE}",
    ),
    "chance as a whole number": (
        faults("duplicates: 3"),
        f"4:19: duplicates is '3', which is more than 100 %. {CHANCE}",
    ),
    "chance with another unit": (
        faults("duplicates: 3 percent"),
        f"4:19: duplicates is '3 percent', which is not a chance. {CHANCE}",
    ),
    "negative chance": (
        faults("duplicates: -1 %"),
        f"4:19: duplicates is '-1 %', which is less than 0 %. {CHANCE}",
    ),
    "rate without a unit": (
        faults("drops: 4"),
        f"4:14: drops is '4', which has no unit. {RATE}",
    ),
    "rate that is too high": (
        faults("drops: 101 per hour"),
        f"4:14: drops is '101 per hour', which is more than 100 per hour. {RATE}",
    ),
    "negative duration": (
        file("lasts: -5 m"),
        f"1:8: lasts is '-5 m', which is less than 1 s. {LASTS}",
    ),
    "duration without a unit": (
        file("lasts: 90"),
        f"1:8: lasts is '90', which has no unit. {LASTS}",
    ),
    "duration with a unit of its own": (
        file("lasts: 5 min"),
        f"1:8: lasts is '5 min', which is not a duration in d, h, m or s. {LASTS}",
    ),
    "duration for ever": (
        file(f"lasts: {'9' * 50} d"),
        f"1:8: lasts is '{'9' * 40}…', which is more than 366 d. {LASTS}",
    ),
    "duration that is an essay": (
        file(f"lasts: {'9' * 70} d"),
        f"1:8: lasts is '{'9' * 40}…', which is not a duration in d, h, m or s. "
        f"{LASTS}",
    ),
    "no value": (file("lasts:"), f"1:7: lasts has no value. {LASTS}"),
    "list for a value": (
        file("lasts: [1 d]"),
        f"1:8: lasts is a list, which is not a duration. {LASTS}",
    ),
    "table for a value": (
        file("lasts: {d: 1}"),
        f"1:8: lasts is a table, which is not a duration. {LASTS}",
    ),
    "count of nothing": (
        "fleets:\n  town:\n    count: 0\n",
        f"3:12: count is '0', which is less than 1. {COUNT}",
    ),
    "half a charger": (
        "fleets:\n  town:\n    count: 1.5\n",
        f"3:12: count is '1.5', which is not a whole number. {COUNT}",
    ),
    "too many chargers": (
        "fleets:\n  town:\n    count: 100001\n",
        f"3:12: count is '100001', which is more than 100000. {COUNT}",
    ),
    "too many chargers in all": (
        "fleets:\n  a:\n    count: 60000\n  b:\n    count: 60000\n",
        "2:3: the fleets have 120000 chargers, over 100000. Lower the `count` of some.",
    ),
    "range that goes downwards": (
        fleet("power: [60 kW, 10 kW]"),
        "3:12: power is a list, which goes downwards. Write [10 kW, 60 kW].",
    ),
    "range of three": (
        fleet("power: [1 kW, 2 kW, 3 kW]"),
        f"3:12: power is a list, which has 3 ends, and not two. {POWER}",
    ),
    "two powers": (
        fleet("power: 1 kW 500 W"),
        f"3:12: power is '1 kW 500 W', which is not a power in kW or W. {POWER}",
    ),
    "wrong end of a range": (
        fleet("power: [1 kW, 2]"),
        f"3:19: power is '2', which has no unit. {POWER}",
    ),
    "table in a range": (
        fleet("power: [1 kW, {}]"),
        f"3:19: power is a table, which is not a power. {POWER}",
    ),
    "outage without an end": (
        faults("outages: [2 h, 3 h]"),
        f"4:17: outages is '2 h', which is not two of them. {OUTAGES}",
    ),
    "outages that are no list": (
        faults("outages: 2 h"),
        f"4:16: outages is '2 h', which is not a list. {OUTAGES}",
    ),
    "unknown preset": (
        fleet("behaves: feilded"),
        "3:14: behaves is 'feilded', which is unknown. Did you mean fielded? "
        "Known are plain, fielded, development.",
    ),
    "unknown protocol": (
        fleet("protocol: telex"),
        "3:15: protocol is 'telex', which is unknown. Known are flexicharge, ocpp1.6.",
    ),
    "protocol that is no word": (
        fleet("protocol: []"),
        "3:15: protocol is a list, which is not one of the words. "
        "Write flexicharge or ocpp1.6.",
    ),
    "unknown oddity": (
        fleet("oddities: [two-socks]"),
        "3:16: oddities is 'two-socks', which is unknown. Did you mean two-sockets? "
        f"Known are {', '.join(ALL_ODDITIES)}.",
    ),
    "oddity twice": (
        fleet("oddities: [two-sockets, two-sockets]"),
        "3:29: oddities is 'two-sockets', which is here twice. Write it once.",
    ),
    "neither yes nor no": (
        fleet("queues: perhaps"),
        "3:13: queues is 'perhaps', which is not yes or no. Write yes or no.",
    ),
    "zero for never": (
        fleet("keep-alive: 0 s"),
        "3:17: keep-alive is '0 s', which is less than 1 s. "
        "Write never, or a duration from 1 s to 1 d, such as `30 s`.",
    ),
    "text that goes on": (
        file(f"about: {'a' * 301}"),
        f"1:8: about is '{'a' * 40}…', which has 301 characters. {TEXT}",
    ),
    "text that does not print": (
        file('about: "a\\eb\\ud800"'),
        f"1:8: about is 'a\\x1bb\\ud800', which does not print. {TEXT}",
    ),
    "hours that are not a day's": (
        arrivals("by-hour: [1, 2]"),
        f"2:12: by-hour is a list, which is 2 long. {WEIGHTS}",
    ),
    "hour without a number": (
        arrivals(f"by-hour: [noon{', 1' * 23}]"),
        f"2:13: by-hour is 'noon', which is not a number. {WEIGHTS}",
    ),
    "day without an hour": (
        arrivals(f"by-hour: [0{', 0' * 23}]"),
        "2:12: by-hour is nothing but 0. Give an hour a weight.",
    ),
    "regular visits that overlap": (
        arrivals("stays: 6 h\n  regularly: yes\n  rate: 5 per day"),
        "4:9: regular visits take 1 d 6 h of each day. "
        "Lower `rate` or `stays`, or write `regularly: no`.",
    ),
    "regular visits that take days": (
        arrivals("regularly: yes\n  stays: 25 h"),
        "2:3: regular visits take 1 d 1 h of each day. "
        "Lower `rate` or `stays`, or write `regularly: no`.",
    ),
    "regular visits by hour": (
        arrivals(f"by-hour: {HOURS}\n  regularly: yes"),
        "2:12: by-hour means nothing where cars come regularly. "
        "Take it out, or write `regularly: no`.",
    ),
    "nobody there": (
        "lasts: 1 d\n",
        "1:1: a scenario needs fleets. Add `fleets:`, under it a name of yours, and "
        "under that `count: 20`.",
    ),
    "fleet of no size": (
        "fleets:\n  town:\n    power: 22 kW\n",
        "3:5: a fleet needs count. Add `count: 20`.",
    ),
    "fleets without a name": (
        "fleets:\n  - count: 20\n",
        f"2:3: fleets is a list, which is not a table of names. {FLEETS}",
    ),
    "no fleets under fleets": (
        "fleets: {}\n",
        f"1:9: fleets is a table, which is not a table of names. {FLEETS}",
    ),
    "fleet that is a number": (
        "fleets:\n  town: 20\n",
        "2:9: 'town' is '20', which is not a table of keys. "
        f"Indent under it what you need of {FLEET_KEYS}.",
    ),
    "fleet without a name": (
        "fleets:\n  '': {count: 1}\n",
        "2:3: '' is no name for a fleet. "
        "Write one of at most 40 characters, all printable.",
    ),
    "faults that are a number": (
        fleet("faults: 3"),
        "3:13: faults is '3', which is not a table of keys. "
        f"Indent under it what you need of {FAULT_KEYS}.",
    ),
    "more fleets than one counts": (
        "fleets: {" + ", ".join(f"f{n}: {{count: 1}}" for n in range(101)) + "}",
        "1:9: fleets has 101 names. Write at most 100.",
    ),
    "same key twice": (
        file("lasts: 1 d\nlasts: 2 d"),
        "2:1: 'lasts' is here for the second time. Keep this one or that of line 1.",
    ),
    "list for a key": (
        file("? [a]\n: b"),
        "1:3: a key is one word. Write `key: value`.",
    ),
    "tab": (
        "fleets:\n\ttown:\n",
        "2:1: this is not YAML: found character '\\t' that cannot start any token. "
        "Use spaces in place of tabs.",
    ),
    "two colons": (
        file("about: a: b"),
        "1:9: this is not YAML: mapping values are not allowed here. "
        "Put a text that has a colon into quotes.",
    ),
    "percent first": (
        file("about: %a"),
        "1:8: this is not YAML: found character '%' that cannot start any token. "
        "Put the text into quotes.",
    ),
    "no colon": (
        "lasts 1 d\nfleets:\n",
        "2:7: this is not YAML: mapping values are not allowed here. "
        "Put a text that has a colon into quotes.",
    ),
    "escape too high": (
        file('about: "\\UFFFFFFFF"'),
        f"1:11: this is not YAML. {USUAL}",
    ),
    "escape a little too high": (
        file('about: "\\U00110000"'),
        f"1:11: this is not YAML. {USUAL}",
    ),
    "unknown escape": (
        file('about: "\\y"'),
        f"1:10: this is not YAML: found unknown escape character 'y'. {USUAL}",
    ),
    "two documents": (
        file("lasts: 1 d") + "---\nlasts: 2 d\n",
        "5:1: a second document begins here. "
        "Keep one scenario to a file, and take the line `---` out.",
    ),
    "empty": ("", "1:1: the file is empty. Describe `fleets` in it."),
    "only a comment": (
        "# soon\n",
        "1:1: the file is empty. Describe `fleets` in it.",
    ),
    "only a dash": ("---\n", "2:1: the file is empty. Describe `fleets` in it."),
    "list": (
        "- a\n",
        "1:1: this is not a table of keys and values. "
        "Begin with a line such as `lasts: 1 d`.",
    ),
    "word": (
        "hello\n",
        "1:1: this is not a table of keys and values. "
        "Begin with a line such as `lasts: 1 d`.",
    ),
    "alias of the whole": (
        "&all [*all]\n",
        f"1:1: '&all' {NO_ALIAS}",
        f"1:7: '*all' {NO_ALIAS}",
        "1:1: this is not a table of keys and values. "
        "Begin with a line such as `lasts: 1 d`.",
    ),
    "recursive alias": (
        "fleets: &all\n  town: *all\n",
        f"1:9: '&all' {NO_ALIAS}",
        f"2:9: '*all' {NO_ALIAS}",
    ),
    "alias for a key": (
        file("? *a\n: 1"),
        f"1:3: '*a' {NO_ALIAS}",
    ),
    "alias for a value": (
        fleet("faults: *a\n    queues: *b\n    power: [*c, 1 kW]"),
        f"3:13: '*a' {NO_ALIAS}",
        f"4:13: '*b' {NO_ALIAS}",
        f"5:13: '*c' {NO_ALIAS}",
    ),
    "tag": (
        fleet("faults: !!python/object:os.system {}"),
        "3:13: 'tag:yaml.org,2002:python/object:os.syste…' is a tag, and a scenario "
        "has none. Take it out.",
    ),
    "tag on the whole": (
        "!mine {}",
        "1:1: '!mine' is a tag, and a scenario has none. Take it out.",
    ),
    "bottomless": (
        "[" * 100_000,
        "1:10: too much is nested here. "
        "A scenario has at most 8 levels, 10000 values.",
    ),
    "endless": (
        "- a\n" * 10_000,
        "10000:3: too much is nested here. "
        "A scenario has at most 8 levels, 10000 values.",
    ),
    "character that is none": (
        file("lasts: 1 d\nabout: a\x00b"),
        "2:9: a character that no text has, '\\x00'. Take it out.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_with_its_place_and_the_cure(
    told: Told, what: str
) -> None:
    """One line for each thing, and nothing that follows from another."""
    text, *lines = WRONG[what]
    assert sorted(told(text)) == sorted(f"rush.yaml:{line}" for line in lines)


def test_all_that_is_wrong_is_told_at_once_from_the_top(told: Told) -> None:
    """One run is enough to mend a file."""
    lines = told(
        "lasts: 0 s\n"
        "fleets:\n"
        "  town:\n"
        "    colour: green\n"
        "    faults: {drops: 1, lost-answers: 2}\n"
        "lasts: 1 d\n"
        "drivers: {count: 0}\n"
    )
    assert [line.split(": ")[0] for line in lines] == [
        "rush.yaml:1:8",
        "rush.yaml:4:5",
        "rush.yaml:4:5",
        "rush.yaml:5:21",
        "rush.yaml:5:38",
        "rush.yaml:6:1",
        "rush.yaml:7:18",
    ]
