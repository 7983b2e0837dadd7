"""Files that cannot be read, and names that are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flexicharge.simulator.scenario.complaints import ScenarioWrong
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.sources import source_of

GOOD = "fleets: {a: {count: 2}}\n"


def told_of(path: str | Path) -> str:
    """Return the one line that is told."""
    with pytest.raises(ScenarioWrong) as caught:
        load(path)
    [line] = str(caught.value).splitlines()
    return line


def test_a_file_that_is_not_there_is_told(desk: Path) -> None:
    """A path is what has an ending or a directory in it, or is a `Path`."""
    for path in ("gone.yaml", "gone.yml", "./gone", Path("gone")):
        assert told_of(path) == f"{path}: this is not there. Mend the path."


def test_a_name_that_does_not_ship_is_told_with_the_nearest(desk: Path) -> None:
    """Even if a file of that name is here, which might change what a name means."""
    (desk / "calm-dya").write_text(GOOD)
    line = told_of("calm-dya")
    assert line.startswith(
        "calm-dya: this is not the name of a shipped scenario. Did you mean calm-day? "
        "Shipped are big-day, calm-day, "
    )


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (".", "is a directory. Name a file in it."),
        ("pipe.yaml", "is not a file. Name a YAML file."),
        ("loop.yaml", "cannot be read (Too many levels of symbolic links)."),
        (f"{'x' * 300}.yaml", "cannot be read (File name too long)."),
        ("nul\0.yaml", "is no path. Name a YAML file."),
        ("large.yaml", "is too large. A scenario has at most 1048576 bytes."),
        ("latin.yaml", "is not UTF-8 in line 2. Save it as UTF-8."),
        ("utf-16.yaml", "is not UTF-8 in line 1. Save it as UTF-8."),
    ],
)
def test_what_is_no_readable_text_is_told(desk: Path, path: str, what: str) -> None:
    """At once: nothing is waited for, and nothing endless is read."""
    os.mkfifo(desk / "pipe.yaml")
    (desk / "loop.yaml").symlink_to("loop.yaml")
    (desk / "large.yaml").write_text("#" * (1 << 20) + "\n")
    (desk / "latin.yaml").write_bytes("about: x\nabout: Grön\n".encode("latin-1"))
    (desk / "utf-16.yaml").write_bytes(GOOD.encode("utf-16"))
    shown = path.replace("\0", "\\x00")
    assert told_of(Path(path)).startswith(f"{shown}: this {what}")


def test_a_name_that_does_not_print_is_escaped(desk: Path) -> None:
    """So that each complaint stays on its line."""
    (desk / "two\nlines.yaml").write_text("- a\n")
    assert told_of("two\nlines.yaml").startswith("two\\nlines.yaml:1:1: this is not a")


@pytest.mark.parametrize(
    "data",
    [GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode(), GOOD.encode()],
)
def test_a_file_of_another_editor_is_read_alike(desk: Path, data: bytes) -> None:
    """With a byte order mark, or with the ends of lines of Windows."""
    (desk / "mine.yaml").write_bytes(data)
    scenario = load("mine.yaml")
    assert (scenario.name, scenario.chargers) == ("mine", 2)


def test_a_file_of_the_greatest_size_is_read(desk: Path) -> None:
    """The bound itself is inside."""
    (desk / "large.yaml").write_text("#" * (1 << 20))
    assert len(source_of("large.yaml").text()) == 1 << 20


def test_the_ending_of_one_that_ships_is_told(desk: Path) -> None:
    """Where no file of one's own has that name."""
    assert told_of("calm-day.yaml") == (
        "calm-day.yaml: this is not there. "
        "Write calm-day, without an ending, for the one that ships."
    )
