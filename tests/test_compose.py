"""The compose file is the contract's (§1), and its server would start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flexicharge.config import DatabaseAddress, read_settings

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file."""
    services: dict[str, Any] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text("utf-8")
    )["services"]
    return services


def test_services_and_ports_are_those_clients_know(services: dict[str, Any]) -> None:
    """Both names, both ports of the back end, and PostgreSQL for this machine only."""
    assert set(services) == {"backend-app", "postgre_db"}
    assert services["backend-app"]["ports"] == ["8080:8080", "1337:1337"]
    assert services["postgre_db"]["ports"] == ["127.0.0.1:5432:5432"]


def test_the_database_has_the_known_name_and_credentials(
    services: dict[str, Any],
) -> None:
    """`postgres` / `abc123` at `postgredb`."""
    assert services["postgre_db"]["environment"] == {
        "POSTGRES_DB": "postgredb",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "abc123",
    }


def test_the_back_end_starts_with_that_environment(services: dict[str, Any]) -> None:
    """Its settings are valid and lead to the database beside it, with the demo."""
    settings = read_settings(services["backend-app"]["environment"])
    assert settings.database == DatabaseAddress(
        host="postgre_db",
        port=5432,
        name="postgredb",
        username="postgres",
        password="abc123",
    )
    assert (settings.http_port, settings.ocpp_port) == (8080, 1337)
    assert settings.demo_seed


def test_what_must_outlive_a_container_is_on_a_volume(services: dict[str, Any]) -> None:
    """Keys and mail of the back end, and the database."""
    back_end = services["backend-app"]
    data_dir = back_end["environment"]["DATA_DIR"]
    assert back_end["volumes"] == [f"backend_data:{data_dir}"]
    assert f"VOLUME {data_dir}\n" in (ROOT / "Dockerfile").read_text("utf-8")
    assert services["postgre_db"]["volumes"]


def test_an_old_env_file_does_not_move_the_container(services: dict[str, Any]) -> None:
    """What a `.env` that was copied in says of ports and database does not count."""
    environment = services["backend-app"]["environment"]
    dotenv = {"USE_LOCAL_DATABASE": "1", "PORT": "80", "DATABASE_HOST": "UNNEEDED"}
    settings = read_settings(environment, dotenv=dotenv)
    assert settings == read_settings(environment)


def test_a_populated_env_file_reaches_the_server(services: dict[str, Any]) -> None:
    """As the original had it; who has none is asked for none."""
    env_file = services["backend-app"]["env_file"]
    assert env_file == [{"path": ".env", "required": False}]
    example = (ROOT / ".env.example").read_text("utf-8")
    written = dict(
        line.partition("=")[::2]
        for line in example.splitlines()
        if line and not line.startswith("#")
    )
    own = services["backend-app"]["environment"]
    both = read_settings({**written, **own, "RUN_OCPP_TEST": "1"})
    assert both == read_settings({**own, "RUN_OCPP_TEST": "1"})
