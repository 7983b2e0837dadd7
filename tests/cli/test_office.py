"""What commands reach of the server beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flexicharge.cli.office import Office
from flexicharge.config import read_settings
from flexicharge.errors import StartUpFailed

COGNITO = {
    "IDENTITY": "cognito",
    "AWS_REGION": "eu-west-1",
    "USER_POOL": "eu-west-1_Ab12Cd34E",
    "USER_POOL_ID": "client",
    "USER_POOL_SECRET": "secret",
}


def office(tmp_path: Path, environ: dict[str, str]) -> Office:
    database: Any = None
    return Office(read_settings(environ), database, tmp_path)


def test_with_accounts_in_cognito_no_command_signs_a_token(tmp_path: Path) -> None:
    """It would let nobody in; the message says where accounts are."""
    with pytest.raises(StartUpFailed, match="accounts are in AWS Cognito"):
        _ = office(tmp_path, COGNITO).signing_keys
    assert not list(tmp_path.iterdir())


def test_with_accounts_of_our_own_one_does(tmp_path: Path) -> None:
    """With a key that is made if there is none."""
    assert office(tmp_path, {}).signing_keys
    assert list(tmp_path.iterdir())
