"""What people see and change of their own account over HTTP."""

from __future__ import annotations

import pytest

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from flexicharge.testing.identity import PASSWORD, People
from tests.rest.accounts import EMAIL, driver_token, post, refusal_of, user_id_of

NOTHING_KNOWN = {
    "username": EMAIL,
    "firstName": "",
    "lastName": "",
    "phoneNumber": "",
    "streetAddress": "",
    "zipCode": "",
    "city": "",
    "country": "",
}
ALL_KNOWN = {
    "firstName": "Ida",
    "lastName": "Berg",
    "phoneNumber": "+46700000000",
    "streetAddress": "Hamngatan 1",
    "zipCode": "553 18",
    "city": "Jönköping",
    "country": "Sweden",
}


@pytest.fixture
def identity(people: People) -> BuiltInIdentity:
    """Real accounts; nobody has one yet."""
    return people.identity


@pytest.fixture
def token(people: People) -> str:
    """The token of a driver who has just signed up."""
    return driver_token(people)


def put(api: HttpClient, token: str, **fields: object) -> Response:
    """Change what is known."""
    return api.request("PUT", "/auth/user-information", token=token, json=fields)


def known(api: HttpClient, token: str) -> object:
    """Return what is known."""
    answer = api.get("/auth/user-information", token=token)
    assert answer.status == 200
    return answer.json


def test_what_is_not_known_is_an_empty_text(api: HttpClient, token: str) -> None:
    """AND and MYP read all eight keys; `username` is the address."""
    assert known(api, token) == NOTHING_KNOWN


def test_what_is_said_is_known(api: HttpClient, token: str) -> None:
    """Each key comes back as it was sent; the answer is 204 without a body."""
    answer = put(api, token, **ALL_KNOWN)
    assert (answer.status, answer.body) == (204, b"")
    assert known(api, token) == {"username": EMAIL} | ALL_KNOWN


def test_what_is_left_out_stays_and_what_is_empty_is_cleared(
    api: HttpClient, token: str
) -> None:
    """AND sends empty texts for what was not filled in; null says nothing."""
    put(api, token, **ALL_KNOWN)
    put(api, token, firstName="Eva", lastName="", phoneNumber="", city=None)
    changed = {"firstName": "Eva", "lastName": "", "phoneNumber": ""}
    assert known(api, token) == {"username": EMAIL} | ALL_KNOWN | changed


def test_a_form_will_do(api: HttpClient, token: str) -> None:
    """All that can be said is text."""
    answer = api.request(
        "PUT",
        "/auth/user-information",
        token=token,
        body=b"firstName=Ida&city=",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status == 204
    assert known(api, token) == NOTHING_KNOWN | {"firstName": "Ida"}


def test_what_cannot_be_used_changes_nothing(api: HttpClient, token: str) -> None:
    """The rest of what was sent is not taken, either."""
    wrongs: list[dict[str, object]] = [
        {"phoneNumber": "070-000"},
        {"phoneNumber": "+1234567890123456"},
        {"phoneNumber": "+46700000000\n"},
        {"zipCode": "x" * 33},
        {"city": "x" * 257},
        {"city": "two\nlines"},
        {"country": 7},
        {"lastName": ["Berg"]},
    ]
    for wrong in wrongs:
        answer = put(api, token, **{"firstName": "Ida"} | wrong)
        assert refusal_of(answer) == (400, "InvalidParameterException"), wrong
    assert known(api, token) == NOTHING_KNOWN


def test_nobody_makes_themselves_anything_else(
    api: HttpClient, people: People, token: str
) -> None:
    """Only what is asked for is taken, by whichever of its names it is sent."""
    before = result_of(people.accounts.get_account_by_email(EMAIL))
    answer = put(
        api,
        token,
        username="boss@example.com",
        email="boss@example.com",
        sub="0",
        userId="0",
        groups=["Admins"],
        email_verified="true",
        enabled=False,
        family_name="Boss",
        **{"cognito:groups": ["Admins"], "custom:city": "Boss"},
    )
    assert answer.status == 204
    assert known(api, token) == NOTHING_KNOWN
    after = result_of(people.accounts.get_account_by_email(EMAIL))
    assert (after.account_id, after.groups) == (before.account_id, ())
    assert api.get("/admin", token=token).status == 403


def test_without_a_good_token_it_is_nobodys(
    api: HttpClient, people: People, token: str
) -> None:
    """Damaged ones and none at all are 401, whatever is sent with them."""
    for method, path in (
        ("GET", "/auth/user-information"),
        ("PUT", "/auth/user-information"),
        ("POST", "/auth/delete-user"),
        ("DELETE", "/auth/delete-user"),
    ):
        for bad in (token[:-4] + "AAAA", "damaged", None):
            answer = api.request(method, path, token=bad, json={"firstName": 7})
            assert (answer.status, answer.json["code"]) == (401, "unauthorizedError")
    assert user_id_of(people)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_whoever_leaves_is_gone(
    api: HttpClient, people: People, token: str, method: str
) -> None:
    """The original ended its own process; it documented the one, and had the other."""
    answer = api.request(method, "/auth/delete-user", token=token)
    assert (answer.status, answer.json) == (200, {})
    assert api.get("/auth/user-information", token=token).status == 401
    signed_in = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert refusal_of(signed_in) == (400, "NotAuthorizedException")
    result_of(people.join(EMAIL))
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200
