"""How administrators come in over HTTP."""

from __future__ import annotations

import pytest

from flexicharge.errors import IdentityAway, NewPasswordRequired
from flexicharge.testing.http import HttpClient
from tests.rest.accounts import refusal_of
from tests.rest.fakes import DRIVER, FakeIdentity

CREDENTIALS = {"username": "ida@example.com", "password": "Passw0rd!"}
ANSWER = CREDENTIALS | {"session": "s3ssion"}


def test_an_administrator_signs_in(api: HttpClient, identity: FakeIdentity) -> None:
    """GUI reads the token and the name; the provider knows at which door it was."""
    answer = api.request("POST", "/admin/sign-in", json=CREDENTIALS)
    assert (answer.status, answer.json) == (
        200,
        {
            "accessToken": "driver",
            "email": "ida@example.com",
            "username": DRIVER.user_id,
            "user_id": DRIVER.user_id,
        },
    )
    assert identity.asked == [("sign_in", *CREDENTIALS.values(), True)]


def test_a_challenge_is_answered_at_the_same_door(
    api: HttpClient, identity: FakeIdentity
) -> None:
    """The answer is that of a sign-in."""
    answer = api.request("POST", "/admin/force-change-password", json=ANSWER)
    assert (answer.status, answer.json["accessToken"]) == (200, "driver")
    assert identity.asked == [("change_forced_password", *ANSWER.values(), True)]


def test_gui_is_asked_for_a_new_password(
    api: HttpClient, identity: FakeIdentity
) -> None:
    """It looks for `Session`, whatever else there is."""
    identity.outcome = NewPasswordRequired("s3ssion", {"requiredAttributes": "[]"})
    answer = api.request("POST", "/admin/sign-in", json=CREDENTIALS)
    assert answer.status == 400
    assert answer.json["Session"] == "s3ssion"
    assert answer.json["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert answer.json["ChallengeParameters"] == {"requiredAttributes": "[]"}


@pytest.mark.parametrize("path", ["/admin/sign-in", "/admin/force-change-password"])
def test_a_provider_that_is_away_is_told_as_such(
    api: HttpClient, identity: FakeIdentity, path: str
) -> None:
    """It is neither the operator's fault nor the end of a session."""
    identity.outcome = IdentityAway("The identity provider cannot be reached.")
    answer = api.request("POST", path, json=ANSWER)
    assert refusal_of(answer) == (503, "InternalErrorException")
    assert answer.header("retry-after") == "30"
