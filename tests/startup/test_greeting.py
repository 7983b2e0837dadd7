"""What an operator reads first."""

from __future__ import annotations

from pathlib import Path

from flexicharge.config import Settings, read_settings
from flexicharge.startup.database import OpenDatabase
from flexicharge.startup.greeting import introduction, second_thoughts
from flexicharge.storage.embedded import default_data_dir


def said(settings: Settings, data_dir: Path, *, seeded: bool = False) -> str:
    """Return the introduction as one text."""
    database = OpenDatabase(
        dsn="password=hush", postgres=None, data_dir=data_dir, where="db on example.org"
    )
    return "\n".join(introduction(settings, database, seeded))


def test_newcomers_read_where_everything_is() -> None:
    """Ports, database, data, and the next thing to try."""
    text = said(read_settings({}), default_data_dir(), seeded=True)
    assert "HTTP: port 8080, for people at http://localhost:8080" in text
    assert "WebSocket: port 1337" in text
    assert "Database: db on example.org" in text
    assert f"Data directory: {default_data_dir()}" in text
    assert "The demo network is in (now, into an empty database)" in text
    assert text.endswith("flexicharge demo")
    assert "hush" not in text


def test_the_demonstration_is_told_what_it_cannot_guess() -> None:
    """The command that is shown works for this very server."""
    environ = {"PORT": "9000", "OCPP_INTERFACE": "::1", "HTTP_INTERFACE": "0.0.0.0"}
    text = said(read_settings(environ), Path("/srv/my data"))
    assert text.endswith(
        "flexicharge demo --url http://127.0.0.1:9000 --ws ws://[::1]:1337 "
        "--outbox '/srv/my data/outbox'"
    )
    assert "HTTP: port 9000 on 0.0.0.0" in text


def test_without_the_demo_network_no_demonstration_is_proposed() -> None:
    """It would find no charger."""
    text = said(read_settings({"DEMO_SEED": "0"}), default_data_dir())
    assert "flexicharge demo" not in text


def test_loud_settings_are_loud() -> None:
    """Each setting that lets strangers in, or money go, is mentioned at every start."""
    settings = read_settings(
        {
            "DATABASE_HOST": "db.example.org",
            "DATABASE_NAME": "db",
            "DATABASE_USERNAME": "me",
            "DATABASE_PASSWORD": "hush",
            "BYPASS_KLARNA": "1",
            "USER_SOCKET_AUTH": "open",
            "RUN_OCCP_TEST": "1",
        }
    )
    text = "\n".join(second_thoughts(settings))
    for setting in (
        "CHARGER_AUTH=serial",
        "USER_SOCKET_AUTH=open",
        "BYPASS_KLARNA=1",
        "RUN_OCPP_TEST",
    ):
        assert setting in text


def test_a_closed_network_has_nothing_to_think_twice_about() -> None:
    """No warning that nobody can act on."""
    assert not list(second_thoughts(read_settings({"CHARGER_AUTH": "password"})))
