"""Accounts over HTTP, in the words and shapes that the apps read."""

from __future__ import annotations

from uuid import UUID

import pytest
from twisted.internet.task import Clock

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import PASSWORD, People
from tests.rest.accounts import EMAIL, NEW, driver_token, post, refusal_of

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def identity(people: People) -> BuiltInIdentity:
    """Real accounts; nobody has one yet."""
    return people.identity


def test_a_driver_signs_up_confirms_and_signs_in(
    api: HttpClient, people: People, clock: Clock
) -> None:
    """The whole way from nothing to a token that opens the rest of the API."""
    signed_up = post(api, "sign-up", username=EMAIL, password=PASSWORD)
    assert (signed_up.status, signed_up.body) == (200, b"")
    code = people.mail.code_for(EMAIL)
    verified = post(api, "verify", username=EMAIL, code=code)
    assert (verified.status, verified.body) == (200, b"")
    signed_in = post(api, "sign-in", username=EMAIL, password=PASSWORD)
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


def test_names_are_told_when_they_are_known(api: HttpClient, people: People) -> None:
    """They are absent otherwise."""
    token = driver_token(people)
    names = {"firstName": "Astrid", "lastName": "Lind"}
    api.request("PUT", "/auth/user-information", token=token, json=names)
    body = post(api, "sign-in", username=EMAIL, password=PASSWORD).json
    assert (body["name"], body["family_name"]) == ("Astrid", "Lind")


def test_a_form_is_as_good_as_json(api: HttpClient, people: People) -> None:
    """One of the old test suites signs in with a form."""
    result_of(people.join(EMAIL))
    body = b"username=driver%40example.com&password=Passw0rd%21"
    response = api.request("POST", "/auth/sign-in", body=body, content_type=FORM)
    assert response.status == 200
    assert response.json["email"] == EMAIL


def test_other_fields_are_ignored(api: HttpClient) -> None:
    """The web pages also send the password a second time."""
    response = post(
        api, "sign-up", username=EMAIL, password=PASSWORD, confirmPassword=PASSWORD
    )
    assert response.status == 200


def test_an_error_has_the_form_of_an_aws_error(api: HttpClient, clock: Clock) -> None:
    """Its time is the server's; its id tells it from others."""
    clock.advance(0.25)
    first = post(api, "sign-in", username=EMAIL, password="x").json
    second = post(api, "sign-in", username=EMAIL, password="x").json
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
    api: HttpClient, people: People, what: str
) -> None:
    """But for time and request id the answers are the same to the byte."""
    result_of(people.join(EMAIL))
    tails = set()
    for email in (EMAIL, "nobody@example.com", "no address"):
        response = post(api, what, username=email, password="Wr0ng-one", code="000000")
        body = response.body
        for name in ("time", "requestId"):
            body = body.replace(response.json[name].encode(), b"")
        tails.add((response.status, body, response.header("content-length")))
    assert len(tails) == 1


def test_a_weak_password_is_told_what_it_lacks(api: HttpClient) -> None:
    """One app shows what follows the first 38 characters."""
    response = post(api, "sign-up", username=EMAIL, password="short")
    assert refusal_of(response) == (400, "InvalidPasswordException")
    assert response.json["message"][38:] == "Password not long enough"


def test_each_refusal_has_its_code(api: HttpClient, people: People) -> None:
    """Apps branch on it; a bad login is 400 and never 401."""
    result_of(people.join("taken@example.com"))
    post(api, "sign-up", username=EMAIL, password=PASSWORD)
    late = people.mail.code_for(EMAIL)
    wrong = "000000" if late != "000000" else "000001"
    assert [
        refusal_of(post(api, "sign-in", username=EMAIL, password=PASSWORD)),
        refusal_of(post(api, "verify", username=EMAIL, code=wrong)),
        refusal_of(post(api, "sign-up", username="x", password=PASSWORD)),
        refusal_of(
            post(api, "sign-up", username="taken@example.com", password="0ther-Word")
        ),
    ] == [
        (400, "UserNotConfirmedException"),
        (400, "CodeMismatchException"),
        (400, "InvalidParameterException"),
        (400, "UsernameExistsException"),
    ]


def test_an_old_code_has_expired(api: HttpClient, people: People, clock: Clock) -> None:
    """Its owner is told so."""
    post(api, "sign-up", username=EMAIL, password=PASSWORD)
    clock.advance(86_400.0)
    code = people.mail.code_for(EMAIL)
    response = post(api, "verify", username=EMAIL, code=code)
    assert refusal_of(response) == (400, "ExpiredCodeException")


def test_a_mail_that_does_not_go_out_is_told(api: HttpClient, people: People) -> None:
    """The app can show why there is no code."""
    people.mail.refusing = True
    response = post(api, "sign-up", username=EMAIL, password=PASSWORD)
    assert refusal_of(response) == (400, "CodeDeliveryFailureException")


ASKED = {
    "sign-up": ("username", "password"),
    "verify": ("username", "code"),
    "sign-in": ("username", "password"),
    "force-change-password": ("username", "password", "session"),
    "confirm-forgot-password": ("username", "password", "confirmationCode"),
    "change-password": ("accessToken", "previousPassword", "newPassword"),
}


@pytest.mark.parametrize("what", ASKED)
def test_a_parameter_that_is_no_text_is_named(api: HttpClient, what: str) -> None:
    """Nothing that is sent makes the server fail."""
    known = {"username": EMAIL} | dict.fromkeys(ASKED[what], PASSWORD)
    for name in ASKED[what]:
        for value in (None, 7, "", ["a"], {"a": "b"}, True, "x" * 10_000):
            response = post(api, what, **known | {name: value})
            assert refusal_of(response) == (400, "InvalidParameterException")
            assert name in response.json["message"]


def test_a_body_that_is_not_json_is_a_bad_request(api: HttpClient) -> None:
    """It is told as everywhere in the API."""
    response = api.request("POST", "/auth/sign-in", body=b"{")
    assert response.status == 400
    assert response.json["code"] == "badRequest"


def test_a_database_that_is_away_is_told_as_such(
    api: HttpClient, people: People, world: MemoryWorld
) -> None:
    """Clients are asked to come back."""
    world.faults.away = True
    for what in ("sign-up", "verify", "sign-in"):
        response = post(api, what, username=EMAIL, password=PASSWORD, code="000000")
        assert (response.status, response.json) == (503, ["dbError"])
        assert response.header("retry-after")


def test_too_many_guesses_are_told_to_wait(api: HttpClient) -> None:
    """Waiting as long as it says is enough for one more."""
    for _ in range(10):
        post(api, "sign-in", username=EMAIL, password="x")
    response = post(api, "sign-in", username=EMAIL, password="x")
    assert refusal_of(response) == (429, "TooManyRequestsException")
    assert response.header("retry-after") == "30"
    assert response.json["retryable"] is True
    assert response.json["retryDelay"] == 30_000


def test_one_address_cannot_try_all_accounts(api: HttpClient, people: People) -> None:
    """A hundred failures from an address are too many, whoever they were about."""
    for number in range(100):
        response = post(api, "sign-in", username=f"u{number}@x.example", password="x")
        assert response.status == 400
    assert people.hasher.verified == 100
    whatever = {
        "username": EMAIL,
        "password": PASSWORD,
        "code": "000000",
        "confirmationCode": "000000",
        "session": "s",
        "accessToken": "t",
        "previousPassword": PASSWORD,
        "newPassword": NEW,
    }
    for path in (
        "/auth/sign-in",
        "/auth/verify",
        "/auth/sign-up",
        "/auth/force-change-password",
        "/auth/forgot-password/driver@example.com",
        "/auth/confirm-forgot-password",
        "/auth/change-password",
        "/admin/sign-in",
        "/admin/force-change-password",
    ):
        response = api.request("POST", path, json=whatever)
        assert refusal_of(response) == (429, "TooManyRequestsException"), path
        assert response.header("retry-after") == "30"
    assert people.hasher.verified == 100
    assert people.mail.sent == []


def test_waiting_for_a_while_is_enough_for_some_more(
    api: HttpClient, clock: Clock
) -> None:
    """An address regains what it used up, a hundred in ten minutes."""
    for number in range(101):
        post(api, "sign-in", username=f"u{number}@x.example", password="x")
    clock.advance(6.0)
    statuses = [
        post(api, "sign-in", username=f"v{number}@x.example", password="x").status
        for number in range(2)
    ]
    assert statuses == [400, 429]


def test_those_who_are_right_are_seldom_too_many(
    api: HttpClient, people: People
) -> None:
    """A whole company may sign in from one address; only a machine does it so often."""
    result_of(people.join(EMAIL))
    for _ in range(300):
        response = post(api, "sign-in", username=EMAIL, password=PASSWORD)
        assert response.status == 200
    people.hasher.verified = 0
    response = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert refusal_of(response) == (429, "TooManyRequestsException")
    assert people.hasher.verified == 0


def test_secrets_are_in_no_error(api: HttpClient, people: People) -> None:
    """What was sent is not sent back."""
    response = post(api, "sign-in", username=EMAIL, password="s3cret-Word")
    assert b"s3cret-Word" not in response.body
    response = post(api, "sign-up", username="s3cret-Word", password="s3cret-Word")
    assert b"s3cret-Word" not in response.body
