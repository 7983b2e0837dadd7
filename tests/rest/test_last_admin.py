"""Somebody is always left who may let others in."""

from __future__ import annotations

import pytest

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import PASSWORD, People
from tests.rest.accounts import EMAIL, OFFICE, office_token, refusal_of, user_id_of


@pytest.fixture
def identity(people: People) -> BuiltInIdentity:
    """Real accounts; nobody has one yet."""
    return people.identity


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/admin/{}"),
        ("PUT", "/admin/{}/disable"),
        ("DELETE", "/admin/users/{}"),
        ("PUT", "/admin/users/{}/disable"),
        ("DELETE", "/auth/delete-user"),
        ("POST", "/auth/delete-user"),
    ],
)
def test_the_last_administrator_is_told_to_stay(
    api: HttpClient, people: People, method: str, path: str
) -> None:
    """Under either name; with another one there, they may go."""
    token = office_token(people)
    for name in (OFFICE, user_id_of(people, OFFICE)):
        answer = api.request(method, path.format(name), token=token)
        assert refusal_of(answer) == (400, "InvalidParameterException")
        assert "last administrator" in answer.json["message"]
    assert api.get("/admin", token=token).status == 200
    result_of(people.identity.make_admin(EMAIL, PASSWORD))
    assert api.request(method, path.format(OFFICE), token=token).status == 200
    assert api.get("/admin", token=token).status == 401
