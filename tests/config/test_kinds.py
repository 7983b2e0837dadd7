"""How values of settings are read."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flexicharge.config import kinds
from flexicharge.config.kinds import Kind


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1.0), ("1.5", 1.5), ("-3", -3.0), (".5", 0.5), ("2e3", 2e3)],
)
def test_numbers_are_read_as_the_contract_writes_them(text: str, value: float) -> None:
    """Whole, fractional, negative and exponential notation are all numbers."""
    assert kinds.ANY_NUMBER.read(text) == value


@pytest.mark.parametrize("text", ["one", "1_000", "nan", "inf", "0x10", "1,5", "1 2"])
def test_words_are_no_numbers(text: str) -> None:
    """What merely looks like a number to Python is refused."""
    with pytest.raises(ValueError):
        kinds.ANY_NUMBER.read(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (kinds.PORT, "-1"),
        (kinds.PORT, "65536"),
        (kinds.PORT, "80.5"),
        (kinds.REMOTE_PORT, "0"),
        (kinds.number(0, 60), "60.1"),
        (kinds.milliseconds(0, 1000), "-3"),
        (kinds.one_of("serial", "password"), "Serial"),
        (kinds.ADDRESS, "localhost"),
        (kinds.NETWORKS, "10.0.0.1,proxy"),
        (kinds.WEB_ADDRESS, "charge.example.org"),
        (kinds.WEB_ADDRESS, "ftp://charge.example.org"),
        (kinds.WEB_ADDRESS, "http://charge.example.org:port"),
        (kinds.WEB_ADDRESS, "http://me:secret@charge.example.org"),
        (kinds.WEB_ADDRESS, "http://charge.example.org/?a=b"),
        (kinds.BINARIES, "here"),
        (kinds.ORGANISATION, "x" * 65),
        (kinds.ORGANISATION, "Ö" * 33),
        (kinds.ORGANISATION, "Flexi\tCharge"),
        (kinds.TIME_ZONE, "Europe"),
        (kinds.TIME_ZONE, "Europe/Atlantis"),
        (kinds.TIME_ZONE, "/etc/localtime"),
        (kinds.TIME_ZONE, "../Europe/Stockholm"),
        (kinds.TIME_ZONE, "Europe\0"),
        (kinds.TIME_ZONE, "+01:00"),
    ],
)
def test_values_outside_their_limits_are_refused(kind: Kind, text: str) -> None:
    """Every kind refuses what the server could not use."""
    with pytest.raises(ValueError):
        kind.read(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.PORT, "0", 0),
        (kinds.PORT, "8080.0", 8080),
        (kinds.milliseconds(0, 10_000), "1500", 1.5),
        (kinds.FLAG, "0", False),
        (kinds.FLAG, "-3", True),
        (kinds.ONE, "1.0", True),
        (kinds.ONE, "2", False),
        (kinds.ADDRESS, "::", "::"),
        (kinds.NETWORKS, "10.0.0.1, fd00::/8,", ("10.0.0.1", "fd00::/8")),
        (kinds.WEB_ADDRESS, "https://example.org/base/", "https://example.org/base"),
        (kinds.BINARIES, "system", "system"),
        (kinds.ORGANISATION, "Ö" * 32, "Ö" * 32),
        (kinds.TIME_ZONE, "Europe/Stockholm", ZoneInfo("Europe/Stockholm")),
        (kinds.BINARIES, "/opt/pg/bin", "/opt/pg/bin"),
    ],
)
def test_values_become_what_they_mean(kind: Kind, text: str, value: object) -> None:
    """Each kind turns text into the value the server works with."""
    assert kind.read(text) == value


def test_directories_do_not_move_with_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A relative directory stays what it was when the server started."""
    monkeypatch.chdir(tmp_path)
    assert kinds.DIRECTORY.read("data") == tmp_path / "data"
