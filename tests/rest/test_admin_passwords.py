"""Passwords that administrators void or set over HTTP."""

from __future__ import annotations

import pytest

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import PASSWORD, People
from tests.rest.accounts import (
    EMAIL,
    NEW,
    driver_token,
    office_token,
    post,
    refusal_of,
    user_id_of,
)

SETTING = ("/admin/set-user-password", "/admin/set-admin-password")


@pytest.fixture
def identity(people: People) -> BuiltInIdentity:
    """Real accounts."""
    return people.identity


@pytest.fixture
def token(people: People) -> str:
    """The token of an administrator."""
    return office_token(people)


@pytest.fixture
def driver(people: People) -> str:
    """The token of a driver."""
    return driver_token(people)


def test_a_reset_voids_a_password_until_its_owner_sets_another(
    api: HttpClient, people: People, token: str, driver: str
) -> None:
    """GUI names the user by address; the code that is mailed is the way back in."""
    path = f"/admin/reset-user-password/{EMAIL}"
    answer = api.request("POST", path, token=token)
    assert (answer.status, answer.json) == (200, {})
    assert api.get("/auth/user-information", token=driver).status == 401
    refused = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert refusal_of(refused) == (400, "PasswordResetRequiredException")
    set_anew = post(
        api,
        "confirm-forgot-password",
        username=EMAIL,
        password=NEW,
        confirmationCode=people.mail.code_for(EMAIL),
    )
    assert set_anew.status == 200
    assert post(api, "sign-in", username=EMAIL, password=NEW).status == 200


@pytest.mark.parametrize("path", SETTING)
def test_a_password_that_is_set_need_not_be_changed(
    api: HttpClient, people: People, token: str, driver: str, path: str
) -> None:
    """The status is 200 though the body says 201; a user's number will do as well."""
    for who, password in ((EMAIL, NEW), (user_id_of(people), "Third-w0rd")):
        body = {"username": who, "password": password}
        answer = api.request("POST", path, token=token, json=body)
        assert (answer.status, answer.json) == (200, {"data": {}, "statusCode": 201})
        assert post(api, "sign-in", username=EMAIL, password=password).status == 200
    assert api.get("/auth/user-information", token=driver).status == 401


@pytest.mark.parametrize("path", SETTING)
def test_a_failure_is_told_as_one(
    api: HttpClient, token: str, driver: str, path: str
) -> None:
    """The original said 200 to everything for administrators' passwords."""
    known = {"username": EMAIL, "password": NEW}
    answers = [
        api.request("POST", path, token=token, json=known | wrong)
        for wrong in (
            {"password": "weak"},
            {"username": "nobody@example.com"},
            {"username": None},
            {"password": ""},
        )
    ]
    assert [refusal_of(answer) for answer in answers] == [
        (400, "InvalidPasswordException"),
        (400, "UserNotFoundException"),
        (400, "InvalidParameterException"),
        (400, "InvalidParameterException"),
    ]
    assert b"weak" not in answers[0].body
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200
