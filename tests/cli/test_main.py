"""One program, many commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.cli import COMMANDS, main


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it is for, and how the server itself is started."""
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "twistd -n flexicharge" in text
    for name, purpose in COMMANDS.items():
        assert name in text
        assert purpose in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has a help of its own."""
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"flexicharge {name}" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["sing"], ["token"], ["token", "a@b", "--loud"]])
def test_misuse_is_told_apart_from_failure(argv: list[str]) -> None:
    """Exit code 2 is for who typed it, 1 for what went wrong."""
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2


def test_wrong_settings_fail_a_command_too(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Commands read the settings the server reads, and say what is wrong with them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "first")
    assert main(["token", "me@example.org"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("flexicharge token: ")
    assert "PORT is 'first'" in said.err
