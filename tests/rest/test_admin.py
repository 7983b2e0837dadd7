"""Administrators' accounts over HTTP."""

from __future__ import annotations

import re

import pytest

from flexicharge.errors import IdentityAway, NotAuthorized, TooManyRequests
from flexicharge.rest.admin import RESERVED
from flexicharge.testing.http import HttpClient, Response
from tests.rest.accounts import refusal_of
from tests.rest.fakes import FakeIdentity, person

SHOWN = {
    "Username": "user-1",
    "Attributes": [
        {"Name": "sub", "Value": "user-1"},
        {"Name": "email", "Value": "ida@example.com"},
    ],
    "UserAttributes": [
        {"Name": "sub", "Value": "user-1"},
        {"Name": "email", "Value": "ida@example.com"},
    ],
    "UserCreateDate": "2027-01-15T07:59:00.000Z",
    "UserLastModifiedDate": "2027-01-15T07:59:30.000Z",
    "Enabled": True,
    "UserStatus": "CONFIRMED",
}


def send(api: HttpClient, method: str, path: str, json: object = None) -> Response:
    """Send what an administrator sends."""
    return api.request(method, path, token="admin", json=json)


def test_administrators_are_listed(api: HttpClient, identity: FakeIdentity) -> None:
    """GUI asks with a slash at the end, and reads the same as of users."""
    for path in ("/admin", "/admin/"):
        answer = send(api, "GET", path)
        assert (answer.status, answer.json) == (200, {"Users": [SHOWN]})
    asked = identity.asked[0][1]
    assert (asked.limit, asked.token, asked.filter_attribute) == (60, None, None)


def test_a_page_is_asked_for(api: HttpClient, identity: FakeIdentity) -> None:
    """What a query makes of a plus is a plus again."""
    query = "limit=10&pagination_token=a+b%2Bc&filter_attribute=name&filter_value=Ida+B"
    for path in ("/admin", "/admin/users"):
        assert send(api, "GET", f"{path}?{query}").status == 200
    for _, asked in identity.asked:
        assert (asked.limit, asked.token) == (10, "a+b+c")
        assert (asked.filter_attribute, asked.filter_value) == ("name", "Ida B")


def test_a_next_page_is_told_of(api: HttpClient) -> None:
    """Its token comes back as it was."""
    assert send(api, "GET", "/admin/users").json["NextToken"] == "next+page"


def test_one_is_shown_in_cognitos_words(
    api: HttpClient, identity: FakeIdentity
) -> None:
    """GUI looks for a `token`: nobody gets one for looking at an account."""
    answer = send(api, "GET", "/admin/ida+car%40example.com")
    assert (answer.status, answer.json) == (200, SHOWN)
    assert "token" not in answer.json
    assert identity.asked == [("user", "ida+car@example.com")]


def test_an_administrator_is_made(api: HttpClient, identity: FakeIdentity) -> None:
    """GUI sends no password, and the answer has no body."""
    body = {"name": "Ida", "family_name": "Berg", "username": "ida@example.com"}
    answer = send(api, "POST", "/admin/", body)
    assert (answer.status, answer.body) == (201, b"")
    answer = send(api, "POST", "/admin", {"username": "a@b.example", "password": "P"})
    assert (answer.status, answer.body) == (201, b"")
    names = {"name": "Ida", "family_name": "Berg"}
    assert identity.asked == [
        ("add_admin", "ida@example.com", None, names),
        ("add_admin", "a@b.example", "P", {}),
    ]


def test_an_edit_is_answered_with_how_it_stands(
    api: HttpClient, identity: FakeIdentity
) -> None:
    """GUI sends the address back with the name, and needs the body."""
    identity.person = person(enabled=False)
    body = {
        "userAttributes": [
            {"Name": "name", "Value": "Eva"},
            {"Name": "name", "Value": "Ida"},
            {"Name": "email", "Value": "ida@example.com"},
        ]
    }
    answer = send(api, "PUT", "/admin/user-1", body)
    assert (answer.status, answer.json) == (200, SHOWN | {"Enabled": False})
    changed = {"name": "Ida", "email": "ida@example.com"}
    assert identity.asked == [("change_user", "user-1", changed)]


def test_one_is_deleted_disabled_and_enabled(
    api: HttpClient, identity: FakeIdentity
) -> None:
    """All are answered with an empty object."""
    for method, path in (
        ("DELETE", "/admin/user-1"),
        ("PUT", "/admin/user-1/disable"),
        ("PUT", "/admin/user-1/enable"),
    ):
        answer = send(api, method, path)
        assert (answer.status, answer.json) == (200, {})
    assert identity.asked == [
        ("remove_user", "user-1"),
        ("set_enabled", "user-1", False),
        ("set_enabled", "user-1", True),
    ]


@pytest.mark.parametrize("name", ["chargers", "commands", "idtags", "Chargers"])
def test_the_names_of_other_collections_are_nobodys(
    api: HttpClient, identity: FakeIdentity, name: str
) -> None:
    """A user of that name would not be found there, nor changed, nor deleted.

    What is found, if anything, is of that collection.
    """
    body = {"userAttributes": [{"Name": "name", "Value": "Ida"}]}
    for method, path in (
        ("GET", f"/admin/{name}"),
        ("PUT", f"/admin/{name}"),
        ("DELETE", f"/admin/{name}"),
        ("PUT", f"/admin/{name}/enable"),
        ("PUT", f"/admin/{name}/disable"),
    ):
        assert send(api, method, path, body).status in (200, 201, 404, 405)
        assert identity.asked == []


def test_every_route_under_admin_has_its_name_kept_free(api: HttpClient) -> None:
    """So a user's name is never mistaken for a route, nor a route for a name."""
    paths = api.get("/openapi.json").json["paths"]
    firsts = {
        found[1] for path in paths if (found := re.match(r"/admin/([^{/]+)", path))
    }
    assert firsts <= RESERVED
    for name in firsts:
        assert send(api, "DELETE", f"/admin/{name}").status in (404, 405)


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (NotAuthorized("User is disabled."), (400, "NotAuthorizedException")),
        (TooManyRequests("Later."), (429, "TooManyRequestsException")),
        (IdentityAway("Away."), (503, "InternalErrorException")),
    ],
)
def test_each_provider_is_refused_by_in_one_form(
    api: HttpClient,
    identity: FakeIdentity,
    outcome: Exception,
    found: tuple[int, str],
) -> None:
    """Whatever is asked: an operator is never logged out by what a provider says."""
    identity.outcome = outcome
    for method, path, body in (
        ("GET", "/admin", None),
        ("GET", "/admin/users", None),
        ("GET", "/admin/user-1", None),
        ("POST", "/admin", {"username": "a@b.example"}),
        ("PUT", "/admin/users/user-1", {"userAttributes": []}),
        ("DELETE", "/admin/user-1", None),
        ("PUT", "/admin/user-1/enable", None),
        ("POST", "/admin/reset-user-password/user-1", None),
    ):
        answer = send(api, method, path, body)
        assert refusal_of(answer) == found, path
        assert (answer.header("retry-after") is None) == (answer.status == 400)
