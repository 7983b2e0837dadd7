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


def test_a_charger_that_the_server_plays_is_named() -> None:
    """Whoever wonders who is connected from loopback reads it here."""
    played = "Played by this server: charger testchargeralwaysconnected, 100000"
    assert played in said(read_settings({}), default_data_dir())
    settings = read_settings({"DEMO_CHARGER": "0"})
    assert played not in said(settings, default_data_dir())


def test_where_accounts_and_mail_are_is_told() -> None:
    """Without the secrets that lead there."""
    mail = {
        "SMTP_HOST": "smtp.example.org",
        "SMTP_FROM": "no-reply@example.org",
        "SMTP_USERNAME": "me",
        "SMTP_PASSWORD": "hush",
        "SMTP_SECURITY": "none",
    }
    settings = read_settings(mail)
    text = said(settings, default_data_dir())
    assert "Mail: by smtp.example.org, port 25" in text
    text += "\n".join(second_thoughts(settings))
    assert "SMTP_SECURITY=none" in text
    assert "SMTP_HOST is not set" not in text
    pool = {
        "IDENTITY": "cognito",
        "AWS_REGION": "eu-west-1",
        "USER_POOL": "eu-west-1_Ab12Cd34E",
        "USER_POOL_ID": "client",
        "USER_POOL_SECRET": "hush",
    }
    text += said(read_settings(pool), default_data_dir())
    assert "Accounts: in the Cognito user pool eu-west-1_Ab12Cd34E" in text
    assert "hush" not in text


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
            "LEGACY_OPEN": "1",
            "RUN_OCCP_TEST": "1",
        }
    )
    text = "\n".join(second_thoughts(settings))
    for setting in (
        "CHARGER_AUTH=serial",
        "USER_SOCKET_AUTH=open",
        "LEGACY_OPEN=1",
        "BYPASS_KLARNA=1",
        "SMTP_HOST is not set",
        "RUN_OCPP_TEST",
    ):
        assert setting in text


def test_a_closed_network_has_nothing_to_think_twice_about() -> None:
    """No warning that nobody can act on."""
    assert not list(second_thoughts(read_settings({"CHARGER_AUTH": "password"})))


def test_ports_that_speak_tls_are_told() -> None:
    """Each with what is needed there."""
    text = said(
        read_settings({"OCPP_TLS_PORT": "1339", "OCPP_MTLS_PORT": "1340"}),
        default_data_dir(),
    )
    assert "WebSocket over TLS: port 1339" in text
    assert "WebSocket over TLS with client certificates: port 1340" in text
    assert "over TLS" not in said(read_settings({}), default_data_dir())


def test_open_doors_for_chargers_are_thought_over_twice() -> None:
    """Strangers who are taken in, and suites that keep no secret for long."""
    told = {
        "UNKNOWN_CHARGERS": "accept",
        "OCPP_TLS_PORT": "0",
        "OCPP_TLS_STATIC_RSA": "1",
    }
    thoughts = list(second_thoughts(read_settings(told)))
    for name in ("UNKNOWN_CHARGERS=accept", "OCPP_TLS_STATIC_RSA=1"):
        assert any(thought.startswith(name) for thought in thoughts)
        usual = second_thoughts(read_settings({}))
        assert not any(thought.startswith(name) for thought in usual)
