"""From options, environment and `.env` to settings, or to everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.config import (
    DatabaseAddress,
    Settings,
    SettingsRefused,
    read_dotenv,
    read_settings,
)
from flexicharge.errors import StartUpFailed

REMOTE = {
    "DATABASE_HOST": "db.example.org",
    "DATABASE_NAME": "postgredb",
    "DATABASE_USERNAME": "postgres",
    "DATABASE_PASSWORD": "abc123",
    "BYPASS_KLARNA": "1",
}


def refused(environ: dict[str, str]) -> dict[str, str]:
    """Return the violations of an environment, as text by variable name."""
    with pytest.raises(SettingsRefused) as caught:
        read_settings(environ)
    return {violation.name: str(violation) for violation in caught.value.violations}


def test_nothing_set_is_the_demo_on_a_private_database() -> None:
    """A newcomer needs no settings at all."""
    settings = read_settings({})
    assert (settings.http_port, settings.ocpp_port) == (8080, 1337)
    assert settings.embedded_database
    assert settings.database is None
    assert settings.demo_seed
    assert settings.bypass_klarna
    assert settings.public_url == "http://localhost:8080"
    assert settings.livemetrics_interval_s == 10.0


def test_options_outweigh_the_environment_which_outweighs_dotenv() -> None:
    """The nearest to the command line wins."""
    settings = read_settings(
        {"PORT": "2", "OCPP_PORT": "2000"},
        options={"PORT": "3"},
        dotenv={"PORT": "1", "OCPP_PORT": "1000", "SESSION_GRACE": "60"},
    )
    assert settings.http_port == 3
    assert settings.ocpp_port == 2000
    assert settings.session_grace_s == 60.0


def test_a_blank_in_the_environment_hides_the_dotenv_file() -> None:
    """Setting a variable to nothing goes back to its default for one run."""
    settings = read_settings({"PORT": ""}, dotenv={"PORT": "9090"})
    assert settings.http_port == 8080


def test_blanks_and_unknown_variables_change_nothing() -> None:
    """The seed's example file leaves blanks; other programs have variables too."""
    environ = {"AWS_REGION": "", "DATABASE_HOST": " ", "KLARNA_TOKEN": "", "HOME": "/"}
    assert read_settings(environ) == read_settings({})


def test_every_violation_is_reported_at_once() -> None:
    """One start names all that is wrong, each with what was expected and a cure."""
    wrong = refused(
        {"PORT": "80a", "SESSION_GRACE": "-3", "OCPP_TEST_INTERVAL_MULTIPLIER": "twice"}
    )
    assert set(wrong) == {"PORT", "SESSION_GRACE", "OCPP_TEST_INTERVAL_MULTIPLIER"}
    assert "'80a' in the environment" in wrong["PORT"]
    assert "a port number from 0 to 65535" in wrong["PORT"]
    assert "Set PORT=8081 in the environment" in wrong["PORT"]
    assert "--http-port 8081" in wrong["PORT"]


def test_secrets_are_not_shown() -> None:
    """The password is in no representation of the settings."""
    settings = read_settings(REMOTE)
    assert "abc123" not in repr(settings)


@pytest.mark.parametrize("spelling", ["RUN_OCPP_TEST", "RUN_OCCP_TEST"])
def test_slips_of_the_contract_work(spelling: str) -> None:
    """The old README's misspelling switches the same thing."""
    assert read_settings({spelling: "1"}).ocpp_self_tests


@pytest.mark.parametrize(
    "spelling", ["OCPP_TEST_INTERVAL_MULTIPLIER", "OCPP_TEST_INTERVAL"]
)
def test_self_tests_can_be_given_time(spelling: str) -> None:
    """2 means twice as long; what is set to nothing is as usual."""
    assert read_settings({spelling: "2"}).self_test_stretch == 2
    assert read_settings({spelling: ""}).self_test_stretch == 1
    assert set(refused({spelling: "0"})) == {spelling}


def test_the_violation_of_an_alias_names_what_was_written() -> None:
    """Whoever wrote the alias finds it again in the message."""
    assert set(refused({"OCPP_TEST_INTERVAL": "x"})) == {"OCPP_TEST_INTERVAL"}


def test_a_database_host_means_that_database() -> None:
    """With a host and no word on the local database, the host's is used."""
    settings = read_settings(REMOTE)
    assert not settings.embedded_database
    assert settings.database == DatabaseAddress(
        host="db.example.org",
        port=5432,
        name="postgredb",
        username="postgres",
        password="abc123",
    )
    assert not settings.demo_seed


@pytest.mark.parametrize(
    ("seed", "charger", "is_played"),
    [("1", "", True), ("0", "", False), ("0", "1", True), ("1", "0", False)],
)
def test_the_demo_charger_goes_with_the_demo_network(
    seed: str, charger: str, is_played: bool
) -> None:
    """Unless it is said otherwise."""
    settings = read_settings({"DEMO_SEED": seed, "DEMO_CHARGER": charger})
    assert settings.demo_charger is is_played


def test_the_private_database_ignores_the_other_ones_address() -> None:
    """The original's CI filled `DATABASE_*` with a word and used the local one."""
    unneeded = dict.fromkeys((*REMOTE, "DATABASE_PORT"), "UNNEEDED")
    environ = unneeded | {"USE_LOCAL_DATABASE": "1", "BYPASS_KLARNA": "1"}
    assert read_settings(environ).database is None


def test_an_incomplete_address_is_refused_whole() -> None:
    """Everything that is missing for a database elsewhere is named in one go."""
    wrong = refused({"USE_LOCAL_DATABASE": "0", "BYPASS_KLARNA": "1"})
    assert set(wrong) == {
        "DATABASE_HOST",
        "DATABASE_NAME",
        "DATABASE_USERNAME",
        "DATABASE_PASSWORD",
    }
    assert "USE_LOCAL_DATABASE=1" in wrong["DATABASE_HOST"]


@pytest.mark.parametrize(
    "environ",
    [
        REMOTE | {"BYPASS_KLARNA": ""},
        {"KLARNA_TOKEN": "name:password"},
    ],
)
def test_charging_for_free_must_be_asked_for_where_money_is_in_reach(
    environ: dict[str, str],
) -> None:
    """A database elsewhere or a Klarna token may not end in free energy by accident."""
    assert set(refused(environ)) == {"BYPASS_KLARNA"}


def test_collecting_money_is_refused_for_now() -> None:
    """This version cannot do it and says so."""
    wrong = refused({"BYPASS_KLARNA": "0"})
    assert "only 1 is available for now" in wrong["BYPASS_KLARNA"]


@pytest.mark.parametrize("interfaces", [{}, {"HTTP_INTERFACE": "127.0.0.1"}])
def test_one_port_cannot_serve_both(interfaces: dict[str, str]) -> None:
    """HTTP and WebSocket each need a port."""
    assert set(refused(interfaces | {"PORT": "1337"})) == {"OCPP_PORT"}


def test_one_port_on_two_addresses_is_two_ports() -> None:
    """On addresses of their own the two may have the same number."""
    environ = {"HTTP_INTERFACE": "127.0.0.1", "OCPP_INTERFACE": "127.0.0.2"}
    assert read_settings(environ | {"PORT": "1337"}).ocpp_port == 1337


def test_any_free_port_may_be_asked_for_twice() -> None:
    """0 is not a port that could be taken."""
    settings = read_settings({"PORT": "0", "OCPP_PORT": "0"})
    assert (settings.http_port, settings.ocpp_port) == (0, 0)


def test_bound_ports_show_in_the_default_address() -> None:
    """Who asked for any port gets an address with the one there is."""
    settings = read_settings({"PORT": "0"}).listening_on(40000, 40001)
    assert (settings.http_port, settings.ocpp_port) == (40000, 40001)
    assert settings.public_url == "http://localhost:40000"


def test_bound_ports_leave_a_given_address_alone() -> None:
    """The address people were told stays the address people were told."""
    environ = {"PORT": "0", "PUBLIC_URL": "https://charge.example.org"}
    settings = read_settings(environ).listening_on(40000, 40001)
    assert settings.public_url == "https://charge.example.org"


def test_a_dotenv_file_is_read_as_it_stands(tmp_path: Path) -> None:
    """A dollar sign in a password is no variable."""
    (tmp_path / ".env").write_text("DATABASE_PASSWORD=a$HOME\nPORT=81\nEMPTY=\n")
    found = read_dotenv(tmp_path)
    assert found["DATABASE_PASSWORD"] == "a$HOME"
    assert read_settings({}, dotenv=found).http_port == 81


def test_no_dotenv_file_is_no_settings(tmp_path: Path) -> None:
    """The file is optional."""
    assert read_dotenv(tmp_path) == {}


def test_an_unreadable_dotenv_file_stops_the_start(tmp_path: Path) -> None:
    """Going on without somebody's settings would be worse."""
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(StartUpFailed, match=r"\.env cannot be read"):
        read_dotenv(tmp_path)


def test_settings_are_frozen() -> None:
    """Nothing changes settings behind a reader's back."""
    with pytest.raises(AttributeError):
        read_settings({}).http_port = 1  # type: ignore[misc]  # what is being tested
    assert isinstance(read_settings({}), Settings)
