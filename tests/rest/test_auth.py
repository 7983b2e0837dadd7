"""Accounts over HTTP, in the words and shapes that the apps read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from twisted.internet.task import Clock

from flexicharge.model.account import ADMINS
from flexicharge.rest.auth import AuthApi
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.storage.memory.accounts import MemoryAccounts
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def people(clock: Clock, world: MemoryWorld) -> People:
    """Nobody yet, with mail that can be read."""
    return People(clock, MemoryAccounts(world))


@pytest.fixture
def auth(people: People, clock: Clock) -> HttpClient:
    """A client of the accounts' API."""
    api = AuthApi(people.identity, people.entropy, clock)
    return HttpClient(http_site(Door([api.app]), clock))


def post(auth: HttpClient, what: str, **fields: object) -> Response:
    return auth.request("POST", f"/auth/{what}", json=fields)


def refusal_of(response: Response) -> tuple[int, str]:
    """Return status and code of an error; check the form of all the rest of it."""
    body: dict[str, Any] = response.json
    assert response.header("content-type") == "application/json; charset=utf-8"
    assert set(body) == {
        "message",
        "code",
        "time",
        "requestId",
        "statusCode",
        "retryable",
        "retryDelay",
    }
    assert isinstance(body["message"], str)
    assert body["statusCode"] == response.status
    return response.status, body["code"]


def test_a_driver_signs_up_confirms_and_signs_in(
    auth: HttpClient, people: People, clock: Clock
) -> None:
    """The whole way from nothing to a token that opens the rest of the API."""
    signed_up = post(auth, "sign-up", username=EMAIL, password=PASSWORD)
    assert (signed_up.status, signed_up.body) == (200, b"")
    code = people.mail.code_for(EMAIL)
    verified = post(auth, "verify", username=EMAIL, code=code)
    assert (verified.status, verified.body) == (200, b"")
    signed_in = post(auth, "sign-in", username=EMAIL, password=PASSWORD)
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    assert signed_in.status == 200
    token = signed_in.json.pop("accessToken")
    body = {
        name: signed_in.json[name] for name in signed_in.json if name != "accessToken"
    }
    assert body == {
        "email": EMAIL,
        "username": account.account_id,
        "user_id": account.account_id,
    }
    assert people.tokens.read(token, clock.seconds()).user_id == account.account_id


def test_names_are_told_when_they_are_known(
    auth: HttpClient, people: People, world: MemoryWorld
) -> None:
    """They are absent otherwise."""
    result_of(people.join(EMAIL))
    (account,) = world.accounts.values()
    named = evolve(account, name="Astrid", family_name="Lind", groups=(ADMINS,))
    world.accounts[account.account_id] = named
    body = post(auth, "sign-in", username=EMAIL, password=PASSWORD).json
    assert (body["name"], body["family_name"]) == ("Astrid", "Lind")


def test_a_form_is_as_good_as_json(auth: HttpClient, people: People) -> None:
    """One of the old test suites signs in with a form."""
    result_of(people.join(EMAIL))
    body = b"username=driver%40example.com&password=Passw0rd%21"
    response = auth.request("POST", "/auth/sign-in", body=body, content_type=FORM)
    assert response.status == 200
    assert response.json["email"] == EMAIL


def test_other_fields_are_ignored(auth: HttpClient) -> None:
    """The web pages also send the password a second time."""
    response = post(
        auth, "sign-up", username=EMAIL, password=PASSWORD, confirmPassword=PASSWORD
    )
    assert response.status == 200


def test_an_error_has_the_form_of_an_aws_error(auth: HttpClient, clock: Clock) -> None:
    """Its time is the server's; its id tells it from others."""
    clock.advance(0.25)
    first = post(auth, "sign-in", username=EMAIL, password="x").json
    second = post(auth, "sign-in", username=EMAIL, password="x").json
    assert str(UUID(first["requestId"])) == first["requestId"] != second["requestId"]
    del first["requestId"]
    assert first == {
        "message": "Incorrect username or password.",
        "code": "NotAuthorizedException",
        "time": "2027-01-15T08:00:00.250Z",
        "statusCode": 400,
        "retryable": False,
        "retryDelay": 0,
    }


@pytest.mark.parametrize("what", ["sign-in", "verify"])
def test_unknown_accounts_and_wrong_words_look_alike(
    auth: HttpClient, people: People, what: str
) -> None:
    """But for time and request id the answers are the same to the byte."""
    result_of(people.join(EMAIL))
    tails = set()
    for email in (EMAIL, "nobody@example.com", "no address"):
        response = post(auth, what, username=email, password="Wr0ng-one", code="000000")
        body = response.body
        for name in ("time", "requestId"):
            body = body.replace(response.json[name].encode(), b"")
        tails.add((response.status, body, response.header("content-length")))
    assert len(tails) == 1


def test_a_weak_password_is_told_what_it_lacks(auth: HttpClient) -> None:
    """One app shows what follows the first 38 characters."""
    response = post(auth, "sign-up", username=EMAIL, password="short")
    assert refusal_of(response) == (400, "InvalidPasswordException")
    assert response.json["message"][38:] == "Password not long enough"


def test_each_refusal_has_its_code(auth: HttpClient, people: People) -> None:
    """Apps branch on it; a bad login is 400 and never 401."""
    post(auth, "sign-up", username=EMAIL, password=PASSWORD)
    late = people.mail.code_for(EMAIL)
    wrong = "000000" if late != "000000" else "000001"
    assert [
        refusal_of(post(auth, "sign-in", username=EMAIL, password=PASSWORD)),
        refusal_of(post(auth, "verify", username=EMAIL, code=wrong)),
        refusal_of(post(auth, "sign-up", username="x", password=PASSWORD)),
        refusal_of(post(auth, "sign-up", username=EMAIL, password="0ther-Word")),
    ] == [
        (400, "UserNotConfirmedException"),
        (400, "CodeMismatchException"),
        (400, "InvalidParameterException"),
        (400, "UsernameExistsException"),
    ]


def test_an_old_code_has_expired(
    auth: HttpClient, people: People, clock: Clock
) -> None:
    """Its owner is told so."""
    post(auth, "sign-up", username=EMAIL, password=PASSWORD)
    clock.advance(86_400.0)
    code = people.mail.code_for(EMAIL)
    response = post(auth, "verify", username=EMAIL, code=code)
    assert refusal_of(response) == (400, "ExpiredCodeException")


def test_a_mail_that_does_not_go_out_is_told(auth: HttpClient, people: People) -> None:
    """The app can show why there is no code."""
    people.mail.refusing = True
    response = post(auth, "sign-up", username=EMAIL, password=PASSWORD)
    assert refusal_of(response) == (400, "CodeDeliveryFailureException")


@pytest.mark.parametrize("value", [None, 7, "", ["a"], {"a": "b"}, True])
@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("sign-up", "username"),
        ("sign-up", "password"),
        ("verify", "username"),
        ("verify", "code"),
        ("sign-in", "username"),
        ("sign-in", "password"),
    ],
)
def test_a_parameter_that_is_no_text_is_named(
    auth: HttpClient, what: str, name: str, value: object
) -> None:
    """Nothing that is sent makes the server fail."""
    fields = {"username": EMAIL, "password": PASSWORD, "code": "000000", name: value}
    response = post(auth, what, **fields)
    assert refusal_of(response) == (400, "InvalidParameterException")
    assert name in response.json["message"]


def test_a_body_that_is_not_json_is_a_bad_request(auth: HttpClient) -> None:
    """It is told as everywhere in the API."""
    response = auth.request("POST", "/auth/sign-in", body=b"{")
    assert response.status == 400
    assert response.json["code"] == "badRequest"


def test_a_database_that_is_away_is_told_as_such(
    auth: HttpClient, people: People, world: MemoryWorld
) -> None:
    """Clients are asked to come back."""
    world.faults.away = True
    for what in ("sign-up", "verify", "sign-in"):
        response = post(auth, what, username=EMAIL, password=PASSWORD, code="000000")
        assert (response.status, response.json) == (503, ["dbError"])
        assert response.header("retry-after")


def test_too_many_guesses_are_told_to_wait(auth: HttpClient) -> None:
    """Waiting as long as it says is enough for one more."""
    for _ in range(10):
        post(auth, "sign-in", username=EMAIL, password="x")
    response = post(auth, "sign-in", username=EMAIL, password="x")
    assert refusal_of(response) == (429, "TooManyRequestsException")
    assert response.header("retry-after") == "30"
    assert response.json["retryable"] is True
    assert response.json["retryDelay"] == 30_000


def test_one_address_cannot_try_all_accounts(auth: HttpClient, people: People) -> None:
    """A hundred failures from an address are too many, whoever they were about."""
    for number in range(100):
        response = post(auth, "sign-in", username=f"u{number}@x.example", password="x")
        assert response.status == 400
    assert people.hasher.verified == 100
    for what in ("sign-in", "verify", "sign-up"):
        response = post(auth, what, username=EMAIL, password=PASSWORD, code="000000")
        assert response.status == 429
    assert people.hasher.verified == 100


def test_those_who_are_right_are_never_too_many(
    auth: HttpClient, people: People
) -> None:
    """A whole company may sign in from one address."""
    result_of(people.join(EMAIL))
    for _ in range(150):
        response = post(auth, "sign-in", username=EMAIL, password=PASSWORD)
        assert response.status == 200


def test_secrets_are_in_no_error(auth: HttpClient, people: People) -> None:
    """What was sent is not sent back."""
    response = post(auth, "sign-in", username=EMAIL, password="s3cret-Word")
    assert b"s3cret-Word" not in response.body
    response = post(auth, "sign-up", username="s3cret-Word", password="s3cret-Word")
    assert b"s3cret-Word" not in response.body
