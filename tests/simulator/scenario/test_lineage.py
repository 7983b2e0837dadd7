"""Files that extend each other: what holds, circles, and parents that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.simulator.scenario.complaints import ScenarioWrong
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.sources import shipped_names
from flexicharge.simulator.scenario.values import Span
from tests.simulator.scenario.conftest import Told

BASE = """\
about: The base.
lasts: 2 h
fleets:
  town:
    count: 3
    power: [11 kW, 22 kW]
    faults: {drops: 1 per day, reboots: 2 per day}
    oddities: [two-sockets, silent-reconnect]
drivers: {count: 7, unplugs: 10 %}
"""


def lines_of(path: str | Path) -> list[str]:
    """Return what is told of a file."""
    with pytest.raises(ScenarioWrong) as caught:
        load(path)
    return str(caught.value).splitlines()


def test_a_child_changes_only_what_it_says(desk: Path) -> None:
    """Key by key at every level; lists are replaced, fleets of other names added."""
    (desk / "base.yaml").write_text(BASE)
    (desk / "child.yaml").write_text(
        "extends: base.yaml\n"
        "fleets:\n"
        "  town:\n"
        "    faults: {drops: 5 per day}\n"
        "    oddities: [boot-on-reconnect]\n"
        "    power: 50 kW\n"
        "  village: {count: 1}\n"
        "drivers: {count: 8}\n"
    )
    child = load(desk / "child.yaml")
    town, village = child.fleets
    assert (child.name, child.about, child.lasts_s) == ("child", "The base.", 7200.0)
    assert (town.count, town.power_w) == (3, Span(50_000.0, 50_000.0))
    assert (town.faults.drops, town.faults.reboots) == (5.0, 2.0)
    assert town.oddities == ("boot-on-reconnect",)
    assert village.count == 1
    assert (child.drivers.count, child.drivers.unplugs) == (8, 0.1)


def test_a_table_takes_the_place_of_what_is_none(desk: Path) -> None:
    """What a parent has wrong is right once a child says it otherwise."""
    (desk / "base.yaml").write_text("fleets: 3\n")
    (desk / "child.yaml").write_text("extends: base.yaml\nfleets: {a: {count: 2}}\n")
    assert load("child.yaml").chargers == 2


def test_a_path_is_seen_from_the_file_that_has_it(desk: Path) -> None:
    """And a name without an ending is that of a shipped scenario."""
    (desk / "deep").mkdir()
    (desk / "base.yaml").write_text("extends: calm-day\nlasts: 2 h\n")
    (desk / "deep/child.yml").write_text("extends: ../base.yaml\n")
    child, calm = load("deep/child.yml"), load("calm-day")
    assert child.fleets == calm.fleets
    assert (child.name, child.lasts_s) == ("child", 7200.0)


def test_complaints_name_the_file_they_are_about(desk: Path) -> None:
    """The child's first, then those of its parents."""
    (desk / "deep").mkdir()
    (desk / "base.yaml").write_text("lasts: 1\nfleets: {a: {count: 0}}\n")
    (desk / "deep/child.yaml").write_text("cars: 1\nextends: ../base.yaml\n")
    assert [line.split(" ")[0] for line in lines_of("deep/child.yaml")] == [
        "deep/child.yaml:1:7:",
        "base.yaml:1:8:",
        "base.yaml:2:21:",
    ]


@pytest.mark.parametrize("spelled", ["rush.yaml", "./rush.yaml", "../{}/rush.yaml"])
def test_a_file_that_extends_itself_is_told(
    desk: Path, told: Told, spelled: str
) -> None:
    """However it spells its own name."""
    shown = spelled.format(desk.name).removeprefix("./")
    assert told(f"# me\nextends: {spelled.format(desk.name)}\n") == [
        "rush.yaml:2:10: extends goes round in a circle: "
        f"rush.yaml:2 → {shown}. Take one `extends` of these out."
    ]


def test_a_circle_is_told_with_all_of_its_links(desk: Path) -> None:
    """Also one of three files that does not lead through the first."""
    (desk / "other").mkdir()
    (desk / "start.yaml").write_text("lasts: 0 s\nextends: a.yaml\n")
    (desk / "a.yaml").write_text("extends: other/b.yaml\n")
    (desk / "other/b.yaml").write_text("\n\nextends: ./c.yaml\n")
    (desk / "other/c.yaml").symlink_to(desk / "c.yaml")
    (desk / "c.yaml").write_text("extends: ../other/../a.yaml\nlasts: 1 h\n")
    first, second = lines_of("start.yaml")
    assert first.startswith("start.yaml:1:8: lasts is '0 s'")
    assert second == (
        "other/c.yaml:1:10: extends goes round in a circle: start.yaml:2 → a.yaml:1 → "
        "other/b.yaml:3 → other/c.yaml:1 → a.yaml. Take one `extends` of these out."
    )


def test_a_missing_parent_is_told_and_so_is_the_rest(told: Told) -> None:
    """But not what the parent may have had."""
    assert told("extends: gone.yaml\nlasts: 0 s\n") == [
        "rush.yaml:1:10: 'gone.yaml' is not there. Mend the path.",
        "rush.yaml:2:8: lasts is '0 s', which is less than 1 s. "
        "Write a duration from 1 s to 366 d, such as `7 d`.",
    ]


def test_an_unknown_name_is_told_with_the_nearest(told: Told) -> None:
    """And with all that ship."""
    names = ", ".join(shipped_names())
    assert told("extends: rush-huor\n") == [
        "rush.yaml:1:10: 'rush-huor' is not the name of a shipped scenario. "
        f"Did you mean rush-hour? Shipped are {names}; "
        "a file of yours is written with its ending .yaml."
    ]


@pytest.mark.parametrize(
    ("extends", "told_of_it"),
    [
        ("[rush-hour]", "extends is not one name or path"),
        ("{}", "extends is not one name or path"),
        ("", "extends is not one name or path"),
    ],
)
def test_only_one_parent_is_possible(told: Told, extends: str, told_of_it: str) -> None:
    """Neither several nor none."""
    [line] = told(f"extends: {extends}\n")
    assert line.endswith(
        f": {told_of_it}. Write one name or path, such as `extends: rush-hour`."
    )


def test_a_parent_by_alias_is_told_once(told: Told) -> None:
    """And nothing that the parent may have had is missed."""
    [line] = told("extends: *other\n")
    assert line.startswith("rush.yaml:1:10: '*other' is an anchor or an alias")


def test_a_parent_that_is_no_yaml_is_told_with_its_own_place(
    desk: Path, told: Told
) -> None:
    """The child lacks fleets only because of it."""
    (desk / "base.yaml").write_text("fleets:\n\ttown\n")
    [line] = told("extends: base.yaml\n")
    assert line.startswith("base.yaml:2:1: this is not YAML")


def test_generations_have_an_end(desk: Path) -> None:
    """Sixteen are possible, and no more."""
    (desk / "f1.yaml").write_text("fleets: {a: {count: 1}}\n")
    for number in range(2, 18):
        (desk / f"f{number}.yaml").write_text(f"extends: f{number - 1}.yaml\n")
    assert load("f16.yaml").chargers == 1
    assert lines_of("f17.yaml") == [
        "f2.yaml:1:10: over 16 files extend each other. Put some of them together."
    ]
