"""What the command line of `flexicharge simulate` means."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from flexicharge.cli import main
from flexicharge.cli.simulate import check_open_files
from flexicharge.cli.simulate_options import add_arguments, scenario_of
from flexicharge.cli.simulate_pace import FASTEST, last_noon, sensible_pace
from flexicharge.cli.simulate_trouble import CannotSimulate
from flexicharge.simulator.scenario.library import load, shipped
from flexicharge.simulator.scenario.values import (
    Arrivals,
    Drivers,
    Fleet,
    Scenario,
    Span,
)


def options(*words: str) -> argparse.Namespace:
    """Return what the command line makes of some words."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def scenario(
    chargers: int = 10, *, per_day: float = 0.0, hours: float = 24.0, watches: float = 0
) -> Scenario:
    """A scenario with a reading a second."""
    return Scenario(
        name="some",
        lasts_s=hours * 3600,
        fleets=(Fleet(count=chargers, metering_every_s=1.0),),
        drivers=Drivers(watches=watches),
        arrivals=Arrivals(per_day=per_day, stay_s=Span(3600, 3600)),
    )


def test_without_words_it_is_a_newcomers_first_charge() -> None:
    """At the server of this machine."""
    args = options()
    assert scenario_of(args) == load("first-charge")
    assert (args.url, args.ws) == ("http://127.0.0.1:8080", "ws://127.0.0.1:1337")


def test_a_scenario_can_be_changed_for_one_run() -> None:
    """Chargers, drivers, and how long."""
    words = ["calm-day", "--chargers", "7", "--drivers", "3", "--for", "90m"]
    changed = scenario_of(options(*words))
    assert (changed.chargers, changed.drivers.count) == (7, 3)
    assert changed.lasts_s == 5400.0
    assert scenario_of(options("calm-day", "--for", "1 h 30 m")).lasts_s == 5400.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--for", "soon"), "soon, which is not a duration"),
        (("--for", "90"), "90, which has no unit"),
        (("--for", "0 m"), "0 m is not positive"),
        (("--seed", "a-b"), "a-b is not 1 to 20 letters and digits"),
        (("--seed", "x" * 21), "is not 1 to 20 letters and digits"),
        (("--chargers", "0"), "0 is not a whole number from 1 on"),
        (("--drivers", "many"), "many is not a whole number"),
        (("--pace", "-1"), "-1 is not positive"),
        (("--within", "0"), "0 is not positive"),
        (("--ws", "127.0.0.1"), "127.0.0.1 is not like ws://host:port"),
    ],
)
def test_nonsense_is_misuse(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    """Told before anything is tried, with exit status 2."""
    with pytest.raises(SystemExit) as caught:
        main(["simulate", *words])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With what each is about."""
    assert main(["simulate", "--list"]) == 0
    out = capsys.readouterr().out
    for name, about in shipped():
        assert name in out
        assert about in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no-such-day",), "is not the name of a shipped scenario"),
        (("./missing.yaml",), "missing.yaml"),
        (("--chargers", "10000000"), "cannot have 10000000 chargers"),
        (("--serial-file", "missing"), "the serial numbers cannot be read"),
        (("--accounts", "missing"), "the accounts cannot be read"),
    ],
)
def test_what_cannot_be_played_is_said(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    said: str,
) -> None:
    """With exit status 1, before a server is asked."""
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", *words]) == 1
    err = capsys.readouterr().err
    assert err.startswith("flexicharge simulate: ")
    assert said in err


def test_the_token_may_stay_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line outweighs it, and the help shows neither."""
    monkeypatch.setenv("FLEXICHARGE_ADMIN_TOKEN", "hush-1")
    assert options().admin_token == "hush-1"
    assert options("--admin-token", "hush-2").admin_token == "hush-2"
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert "hush" not in parser.format_help()


def test_a_scenario_is_over_in_two_minutes_if_that_makes_sense() -> None:
    """Servers keep to real time, so there is a highest speed, and a lowest."""
    assert sensible_pace(scenario(hours=1.0)) == 30.0
    assert sensible_pace(scenario(hours=24.0)) == FASTEST
    assert sensible_pace(scenario(hours=0.01)) == 1.0


def test_a_busy_scenario_is_played_as_fast_as_its_traffic_allows() -> None:
    """A thousand chargers with a reading a second are enough for one process."""
    assert sensible_pace(scenario(1000, per_day=24.0)) == 1.0
    calm, busy = scenario(400, per_day=1.0), scenario(400, per_day=12.0)
    assert 1.0 < sensible_pace(busy) < sensible_pace(calm) < FASTEST


def test_a_crowd_has_time_to_connect() -> None:
    """Five thousand need 50 seconds, which is a tenth of an hour at that speed."""
    assert sensible_pace(scenario(5000, hours=1.0)) == pytest.approx(7.2)


def test_open_files_are_counted_before_anything_is_begun() -> None:
    """One for each charger, another where drivers watch, and some to spare."""
    check_open_files(scenario(1000), allowed=1128)
    with pytest.raises(CannotSimulate, match=r"take 1128 .* may have 1127; raise that"):
        check_open_files(scenario(1000), allowed=1127)
    with pytest.raises(CannotSimulate, match="1000 chargers take 2128 open files"):
        check_open_files(scenario(1000, per_day=1.0, watches=0.1), allowed=2000)


def test_every_scenario_begins_at_noon() -> None:
    """The last one, in UTC."""
    noon = 1_800_014_400.0
    assert [last_noon(noon + late) for late in (0, 1, 86_399)] == [noon] * 3
    assert last_noon(noon - 1) == noon - 86_400


def test_the_documentation_has_every_option() -> None:
    """No option is secret, and none is made up."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    page = (Path(__file__).parents[2] / "docs/simulate.md").read_text()
    rows = re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE)
    assert set(rows) == set(re.findall(r"--[a-z-]+", parser.format_help()))
