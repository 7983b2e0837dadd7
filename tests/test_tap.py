"""`twistd flexicharge` up to the point where something would be started."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.config import read_settings
from flexicharge.tap import OPTIONS, Options, makeService


def parsed(*arguments: str) -> Options:
    """Return the options of a command line."""
    options = Options()
    options.parseOptions(arguments)
    return options


def test_options_are_settings() -> None:
    """What is given on the command line outweighs the environment."""
    options = parsed("--http-port", "9000", "--data-dir", "/data", "--demo-seed=0")
    settings = read_settings({"PORT": "1"}, options=options.by_variable())
    assert settings.http_port == 9000
    assert settings.data_dir == Path("/data")
    assert not settings.demo_seed


def test_no_options_leave_everything_to_the_environment() -> None:
    """Options have no defaults of their own."""
    assert not any(parsed().by_variable().values())


def test_the_help_says_what_each_option_is_called_elsewhere() -> None:
    """Options, their variables and their defaults, in one place."""
    text = " ".join(str(Options()).split())
    for variable in OPTIONS:
        assert f"--{variable.option}=" in text
        assert f"[{variable.name};" in text


def test_wrong_settings_end_the_start_with_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All violations, wherever they were written, in one exit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SESSION_GRACE", "soon")
    (tmp_path / ".env").write_text("PING_AFTER=never\n")
    with pytest.raises(SystemExit) as caught:
        makeService(parsed("--http-port", "first"))
    message = str(caught.value.code)
    assert "PORT is 'first' in the options" in message
    assert "SESSION_GRACE is 'soon' in the environment" in message
    assert "PING_AFTER is 'never' in the .env file" in message


def test_an_unreadable_dotenv_file_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody's settings are never passed over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"\xff")
    with pytest.raises(SystemExit, match=r"\.env cannot be read"):
        makeService(parsed())
