"""The generated files agree with the declaration."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values

from flexicharge.config import (
    CognitoPool,
    DatabaseAddress,
    MailServer,
    Settings,
    read_settings,
)
from flexicharge.config.declaration import Variable, variables_of
from flexicharge.config.page import example_file, settings_page

ROOT = Path(__file__).parents[2]
DECLARED = [
    variable
    for declaration in (Settings, DatabaseAddress, CognitoPool, MailServer)
    for _, variable in variables_of(declaration)
]


def test_the_settings_page_is_up_to_date() -> None:
    """`python -m flexicharge.config page > docs/settings.md` would change nothing."""
    assert (ROOT / "docs/settings.md").read_text("utf-8") == settings_page()


def test_the_example_file_is_up_to_date() -> None:
    """`python -m flexicharge.config example > .env.example` would change nothing."""
    assert (ROOT / ".env.example").read_text("utf-8") == example_file()


def test_the_example_file_copied_as_it_is_changes_nothing() -> None:
    """The old instructions say to copy it, and that starts the demo."""
    copied = dotenv_values(stream=StringIO(example_file()), interpolate=False)
    assert read_settings({}, dotenv=copied) == read_settings({})


@pytest.mark.parametrize(
    "name",
    [
        "PORT", "USE_LOCAL_DATABASE", "DATABASE_NAME", "DATABASE_USERNAME",
        "DATABASE_PASSWORD", "DATABASE_HOST", "AWS_REGION", "USER_POOL", "USER_POOL_ID",
        "USER_POOL_SECRET", "KLARNA_TOKEN", "BYPASS_KLARNA", "RUN_OCPP_TEST",
        "OCPP_TEST_INTERVAL_MULTIPLIER", "LIVEMETRICS_DB_UPDATE_INTERVAL", "TEST_URL",
        "TEST_USER_USERNAME", "TEST_USER_PASSWORD",
    ],
)  # fmt: skip
def test_all_variables_of_the_contract_are_known(name: str) -> None:
    """Contract §1, each on the page and in the example file."""
    assert f"| `{name}`" in settings_page()
    assert f"\n{name}=" in example_file()


@pytest.mark.parametrize("variable", DECLARED, ids=lambda variable: variable.name)
def test_what_is_proposed_is_accepted(variable: Variable) -> None:
    """A cure that is followed cures; every setting has one to propose."""
    proposal = variable.example or variable.default
    assert proposal
    variable.kind.read(proposal)


@pytest.mark.parametrize("variable", DECLARED, ids=lambda variable: variable.name)
def test_only_settings_without_a_secret_are_options(variable: Variable) -> None:
    """The command line of a process is there for everybody to read."""
    assert not (variable.secret and variable.option)
