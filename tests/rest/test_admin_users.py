"""Everybody's accounts over HTTP, for administrators."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from twisted.internet.task import Clock

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
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

JOINED = "2027-01-15T08:00:00.000Z"
WRONG_LIMITS = ("0", "61", "-1", "x", "1.5", "1e1", "9" * 30, "%D9%A3")


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


def put(api: HttpClient, token: str, who: str, **attributes: object) -> Response:
    """Change attributes of somebody."""
    body = {
        "userAttributes": [
            {"Name": name, "Value": attributes[name]} for name in attributes
        ]
    }
    return api.request("PUT", f"/admin/users/{who}", token=token, json=body)


def attributes_of(user: Any) -> dict[str, str]:
    """Return attributes by name; they are the same under both of their names."""
    assert user["Attributes"] == user["UserAttributes"]
    return {one["Name"]: one["Value"] for one in user["Attributes"]}


def emails(answer: Response) -> list[str]:
    """Return who is in a list."""
    assert answer.status == 200
    return [attributes_of(user)["email"] for user in answer.json["Users"]]


def test_everybody_is_listed(
    api: HttpClient, people: People, token: str, driver: str
) -> None:
    """GUI flattens the attributes by name, and needs a `T` in the time."""
    answer = api.get("/admin/users", token=token)
    assert answer.status == 200
    assert set(answer.json) == {"Users"}
    (found,) = [
        user for user in answer.json["Users"] if attributes_of(user)["email"] == EMAIL
    ]
    assert attributes_of(found) == {
        "sub": user_id_of(people),
        "email": EMAIL,
        "email_verified": "true",
    }
    for name in ("Attributes", "UserAttributes"):
        del found[name]
    assert found == {
        "Username": user_id_of(people),
        "UserCreateDate": JOINED,
        "UserLastModifiedDate": JOINED,
        "Enabled": True,
        "UserStatus": "CONFIRMED",
    }


def test_a_long_list_comes_in_pages(
    api: HttpClient, people: People, token: str, clock: Clock
) -> None:
    """`limit` arrives as text, which the original failed on; the last page says so."""
    for number in range(4):
        clock.advance(1.0)
        result_of(people.join(f"d{number}@example.com"))
    found, page, pages = [], "", 0
    while True:
        answer = api.get(f"/admin/users?limit=2{page}", token=token)
        found += emails(answer)
        pages += 1
        if "NextToken" not in answer.json:
            break
        page = f"&pagination_token={quote(answer.json['NextToken'])}"
    assert sorted(found) == [
        *(f"d{number}@example.com" for number in range(4)),
        "office@example.com",
    ]
    assert pages == 3


def test_a_list_is_of_those_who_are_asked_for(
    api: HttpClient, token: str, driver: str
) -> None:
    """A value is what an attribute begins with; without one everybody is meant."""
    asked = {
        "filter_attribute=email&filter_value=DRIV": [EMAIL],
        "filter_attribute=status&filter_value=Disabled": [],
        "filter_attribute=&filter_value=x": [EMAIL, "office@example.com"],
        "pagination_token=&filter_value=": [EMAIL, "office@example.com"],
    }
    for query, found in asked.items():
        answer = api.get(f"/admin/users?{query}", token=token)
        assert sorted(emails(answer)) == found, query


def test_a_list_that_cannot_be_is_refused(api: HttpClient, token: str) -> None:
    """It is told what is wrong, and never a failure of ours."""
    for query in (
        *(f"limit={limit}" for limit in WRONG_LIMITS),
        "pagination_token=made+up",
        "pagination_token=" + "x" * 2049,
        "filter_attribute=password_hash&filter_value=a",
        "filter_attribute=email&filter_value=" + "x" * 257,
    ):
        answer = api.get(f"/admin/users?{query}", token=token)
        assert refusal_of(answer) == (400, "InvalidParameterException"), query


def test_one_is_found_by_address_and_by_number(
    api: HttpClient, people: People, token: str
) -> None:
    """GUI reads the address as `username`, and `userId` as the name."""
    odd = "ida+car@example.com"
    result_of(people.join(odd))
    user_id = user_id_of(people, odd)
    for who in (odd, quote(odd), quote(odd, safe="+"), user_id, odd.upper()):
        answer = api.get(f"/admin/users/{who}", token=token)
        assert (answer.status, answer.json) == (
            200,
            {
                "username": odd,
                "userId": user_id,
                "firstName": "",
                "lastName": "",
                "phoneNumber": "",
                "streetAddress": "",
                "zipCode": "",
                "city": "",
                "country": "",
                "Enabled": True,
                "UserCreateDate": JOINED,
            },
        )


def test_a_new_user_must_change_the_password(
    api: HttpClient, people: People, token: str
) -> None:
    """GUI's names are kept, where the original dropped them."""
    body = {
        "username": EMAIL,
        "password": PASSWORD,
        "name": "Ida",
        "family_name": "Berg",
    }
    answer = api.request("POST", "/admin/users", token=token, json=body)
    assert answer.status == 201
    user = answer.json["User"]
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert (
        attributes_of(user).items()
        >= {
            "email": EMAIL,
            "name": "Ida",
            "family_name": "Berg",
        }.items()
    )
    assert PASSWORD not in answer.body.decode()
    assert PASSWORD in people.mail.sent[-1].text
    signed_in = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert signed_in.json["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_what_is_wrong_with_a_new_user_is_told(
    api: HttpClient, people: People, token: str, driver: str
) -> None:
    """GUI branches on the code, and shows what follows the colon of a weak password."""
    new = {"username": "new@example.com", "password": PASSWORD}
    answers = [
        api.request("POST", "/admin/users", token=token, json=new | wrong)
        for wrong in (
            {"username": EMAIL},
            {"password": "short"},
            {"username": "no address"},
            {"username": None},
            {"name": "two\nlines"},
            {"password": 7},
        )
    ]
    assert [refusal_of(answer) for answer in answers] == [
        (400, "UsernameExistsException"),
        (400, "InvalidPasswordException"),
        (400, "InvalidParameterException"),
        (400, "InvalidParameterException"),
        (400, "InvalidParameterException"),
        (400, "InvalidParameterException"),
    ]
    assert answers[1].json["message"].split(": ")[1] == "Password not long enough"
    people.mail.refusing = True
    answer = api.request("POST", "/admin/users", token=token, json=new)
    assert refusal_of(answer) == (400, "CodeDeliveryFailureException")
    people.mail.refusing = False
    assert api.request("POST", "/admin/users", token=token, json=new).status == 201


def test_an_edit_is_answered_with_how_it_stands(
    api: HttpClient, people: People, token: str, driver: str
) -> None:
    """GUI needs the body; what is empty is cleared, what is not named stays."""
    who = user_id_of(people)
    put(api, token, who, name="Ida", family_name="Berg")
    answer = put(api, token, who, **{"name": "", "custom:city": "Eksjö"})
    assert answer.status == 200
    assert answer.json["Username"] == who
    assert attributes_of(answer.json) == {
        "sub": who,
        "email": EMAIL,
        "email_verified": "true",
        "family_name": "Berg",
        "custom:city": "Eksjö",
    }


def test_a_new_address_is_verified_if_an_administrator_says_so(
    api: HttpClient, token: str, driver: str
) -> None:
    """By itself it is not; whoever has it signs in with it."""
    answer = put(api, token, EMAIL, email="New@example.com")
    assert attributes_of(answer.json)["email"] == "new@example.com"
    assert attributes_of(answer.json)["email_verified"] == "false"
    answer = put(api, token, "new@example.com", email_verified="true")
    assert attributes_of(answer.json)["email_verified"] == "true"
    signed_in = post(api, "sign-in", username="new@example.com", password=PASSWORD)
    assert signed_in.status == 200


def test_an_edit_that_cannot_be_changes_nothing(
    api: HttpClient, token: str, driver: str
) -> None:
    """Such as the name that GUI may send as an address: the account stays sound."""
    invalid = (400, "InvalidParameterException")
    wrongs: list[tuple[dict[str, object], tuple[int, str]]] = [
        ({"email": "Ida Berg"}, invalid),
        ({"email": ""}, invalid),
        ({"email": "office@example.com"}, (400, "UsernameExistsException")),
        ({"sub": "0"}, invalid),
        ({"cognito:groups": "Admins"}, invalid),
        ({"password_hash": "x"}, invalid),
        ({"email_verified": "maybe"}, invalid),
        ({"phone_number": "070"}, invalid),
        ({"custom:city": "x" * 257}, invalid),
        ({"custom:country": 7}, invalid),
        ({"family_name": None}, invalid),
    ]
    for wrong, refusal in wrongs:
        answer = put(api, token, EMAIL, **{"name": "Ida"} | wrong)
        assert refusal_of(answer) == refusal, wrong
    assert api.get(f"/admin/users/{EMAIL}", token=token).json["firstName"] == ""
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200


def test_attributes_of_another_form_are_refused(
    api: HttpClient, token: str, driver: str
) -> None:
    """Nothing that is sent makes the server fail."""
    for attributes in (
        None,
        "name",
        {"Name": "name", "Value": "Ida"},
        ["name"],
        [{"Name": ["name"], "Value": "Ida"}],
        [{"Value": "Ida"}],
        [{"Name": "name"}],
        [{"Name": "name", "Value": "Ida"}] * 51,
    ):
        body = {"userAttributes": attributes}
        answer = api.request("PUT", f"/admin/users/{EMAIL}", token=token, json=body)
        assert refusal_of(answer) == (400, "InvalidParameterException")


def test_whoever_is_disabled_is_out_until_enabled(
    api: HttpClient, token: str, driver: str
) -> None:
    """Their token is void at once, and stays so; the list shows it."""

    def switch(way: str) -> Response:
        return api.request("PUT", f"/admin/users/{EMAIL}/{way}", token=token)

    answer = switch("disable")
    assert (answer.status, answer.json) == (200, {})
    assert api.get("/auth/user-information", token=driver).status == 401
    shown = api.get(f"/admin/users/{EMAIL}", token=token).json
    assert shown["Enabled"] is False
    refused = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert refusal_of(refused) == (400, "NotAuthorizedException")
    answer = switch("enable")
    assert (answer.status, answer.json) == (200, {})
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200
    assert api.get("/auth/user-information", token=driver).status == 401


def test_whoever_is_deleted_is_gone(api: HttpClient, token: str, driver: str) -> None:
    """Their token is void at once; a second time there is nobody."""
    answer = api.request("DELETE", f"/admin/users/{EMAIL}", token=token)
    assert (answer.status, answer.json) == (200, {})
    assert api.get("/auth/user-information", token=driver).status == 401
    answer = api.request("DELETE", f"/admin/users/{EMAIL}", token=token)
    assert refusal_of(answer) == (400, "UserNotFoundException")


NAMING = [
    ("GET", "/admin/users/{}"),
    ("PUT", "/admin/users/{}"),
    ("DELETE", "/admin/users/{}"),
    ("PUT", "/admin/users/{}/enable"),
    ("PUT", "/admin/users/{}/disable"),
    ("POST", "/admin/reset-user-password/{}"),
    ("GET", "/admin/{}"),
    ("PUT", "/admin/{}"),
    ("DELETE", "/admin/{}"),
    ("PUT", "/admin/{}/enable"),
    ("PUT", "/admin/{}/disable"),
]


def test_whoever_is_not_there_is_400(api: HttpClient, token: str) -> None:
    """As AWS has it; a name longer than any is not there at all."""
    body = {"userAttributes": [{"Name": "name", "Value": "Ida"}]}
    for method, path in NAMING:
        for nobody in ("nobody@example.com", "nobody", "a%40b%40c"):
            answer = api.request(method, path.format(nobody), token=token, json=body)
            assert refusal_of(answer) == (400, "UserNotFoundException"), path
        answer = api.request(method, path.format("x" * 513), token=token, json=body)
        assert (answer.status, answer.body) == (404, b""), path


def test_only_administrators_may(api: HttpClient, driver: str) -> None:
    """401 is about tokens alone, as GUI logs out on it; others are told 403."""
    body = {"username": EMAIL, "password": NEW, "userAttributes": []}
    for method, path in (
        *((method, path.format(EMAIL)) for method, path in NAMING),
        ("GET", "/admin/users?limit=0"),
        ("POST", "/admin/users"),
        ("GET", "/admin?limit=0"),
        ("POST", "/admin"),
        ("POST", "/admin/set-user-password"),
        ("POST", "/admin/set-admin-password"),
    ):
        for bad in (None, "damaged"):
            answer = api.request(method, path, token=bad, json=body)
            assert (answer.status, answer.json["code"]) == (401, "unauthorizedError")
        answer = api.request(method, path, token=driver, json=body)
        assert (answer.status, answer.body) == (403, b"Insufficient scope"), path
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200
