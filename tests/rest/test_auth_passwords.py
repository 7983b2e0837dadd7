"""Passwords that were forgotten, are changed, or must be, over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from twisted.internet.task import Clock

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import PASSWORD, People
from tests.rest.accounts import (
    EMAIL,
    NEW,
    driver_token,
    office_token,
    post,
    refusal_of,
)

DONE = {"data": {}, "statusCode": 200}


@pytest.fixture
def identity(people: People) -> BuiltInIdentity:
    """Real accounts; nobody has one yet."""
    return people.identity


def forget(api: HttpClient, email: str = EMAIL) -> None:
    """Ask for a code."""
    assert api.request("POST", f"/auth/forgot-password/{email}").status == 200


def confirm(api: HttpClient, **fields: object) -> tuple[int, object]:
    """Set a new password; return the status, and the code of a refusal or the body."""
    known = {"username": EMAIL, "password": NEW} | fields
    answer = post(api, "confirm-forgot-password", **known)
    return answer.status, answer.json.get("code", answer.json)


def test_who_asks_for_a_code_is_told_where_it_goes(
    api: HttpClient, people: People
) -> None:
    """AND needs exactly 200 with an object; strangers see no whole address."""
    driver_token(people)
    answer = api.request("POST", "/auth/forgot-password/driver@example.com")
    assert (answer.status, answer.json) == (
        200,
        {
            "data": {
                "CodeDeliveryDetails": {
                    "Destination": "d***@e***",
                    "DeliveryMedium": "EMAIL",
                    "AttributeName": "email",
                }
            },
            "statusCode": 200,
        },
    )


def test_whoever_has_no_account_is_told_the_same(
    api: HttpClient, people: People
) -> None:
    """The answers differ in nothing, but only one is mailed a code."""
    driver_token(people)
    before = len(people.mail.sent)
    answers = [
        api.request("POST", f"/auth/forgot-password/{name}@example.com")
        for name in ("driver", "drover")
    ]
    assert answers[0].body == answers[1].body
    assert [letter.to for letter in people.mail.sent[before:]] == [EMAIL]


def test_an_address_may_be_escaped(api: HttpClient, people: People) -> None:
    """A plus is a plus in a path, and so is `%2B`; `%40` is the at sign."""
    odd = "driver+car@example.com"
    result_of(people.join(odd))
    for path in (odd, quote(odd), quote(odd, safe="+")):
        people.mail.sent.clear()
        forget(api, path)
        assert [letter.to for letter in people.mail.sent] == [odd]


def test_a_name_that_is_too_long_is_nobodys(api: HttpClient) -> None:
    """It is not there, and nothing is looked up."""
    answer = api.request("POST", "/auth/forgot-password/" + "x" * 513)
    assert (answer.status, answer.body) == (404, b"")


def test_a_forgotten_password_is_set_anew(api: HttpClient, people: People) -> None:
    """The old one is void, and so is the token that it was worth."""
    token = driver_token(people)
    forget(api)
    code = people.mail.code_for(EMAIL)
    assert confirm(api, confirmationCode=code) == (200, DONE)
    old = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert refusal_of(old) == (400, "NotAuthorizedException")
    assert post(api, "sign-in", username=EMAIL, password=NEW).status == 200
    assert api.get("/auth/user-information", token=token).status == 401


def test_what_is_wrong_with_a_code_is_told(
    api: HttpClient, people: People, clock: Clock
) -> None:
    """AND shows each as a code that is wrong; nothing is changed by it."""
    driver_token(people)
    forget(api)
    code = people.mail.code_for(EMAIL)
    wrong = "000000" if code != "000000" else "000001"
    found = [
        confirm(api, confirmationCode=wrong),
        confirm(api, confirmationCode=wrong, username="nobody@example.com"),
        confirm(api, confirmationCode=code, password="weak"),
    ]
    clock.advance(86_400.0)
    found.append(confirm(api, confirmationCode=code))
    assert found == [
        (400, "CodeMismatchException"),
        (400, "CodeMismatchException"),
        (400, "InvalidPasswordException"),
        (400, "ExpiredCodeException"),
    ]
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200


def change(api: HttpClient, **fields: object) -> tuple[int, object]:
    """Change a password; return the status, and the code of a refusal or the body."""
    known = {"previousPassword": PASSWORD, "newPassword": NEW} | fields
    answer = post(api, "change-password", **known)
    return answer.status, answer.json.get("code", answer.json)


def test_a_password_is_changed_with_the_token_in_the_body(
    api: HttpClient, people: People
) -> None:
    """MYP stays signed in by it, and by it alone."""
    token = driver_token(people)
    other = result_of(people.token_of(EMAIL))
    assert change(api, accessToken=token) == (200, {})
    statuses = [
        api.get("/auth/user-information", token=one).status for one in (token, other)
    ]
    assert statuses == [200, 401]
    assert post(api, "sign-in", username=EMAIL, password=NEW).status == 200


def test_what_is_wrong_with_a_change_is_400(api: HttpClient, people: People) -> None:
    """A token in a body is a parameter: that it is no good is no 401, either."""
    token = driver_token(people)
    assert [
        change(api, accessToken=token, previousPassword="Wr0ng-one"),
        change(api, accessToken=token, newPassword="weak"),
        change(api, accessToken="x.y.z"),
    ] == [
        (400, "NotAuthorizedException"),
        (400, "InvalidPasswordException"),
        (400, "NotAuthorizedException"),
    ]
    assert post(api, "sign-in", username=EMAIL, password=PASSWORD).status == 200


def invite(api: HttpClient, people: People) -> str:
    """Have an account made whose password must be changed; return its challenge."""
    body = {"username": EMAIL, "password": PASSWORD, "name": "Ida"}
    token = office_token(people)
    made = api.request("POST", "/admin/users", token=token, json=body)
    assert made.status == 201
    answer = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert (answer.status, answer.json["ChallengeName"]) == (
        400,
        "NEW_PASSWORD_REQUIRED",
    )
    session: str = answer.json["Session"]
    return session


def force(api: HttpClient, session: str, **fields: object) -> tuple[int, object]:
    """Answer a challenge; return the status, and the code of a refusal."""
    known = {"username": EMAIL, "password": NEW, "session": session} | fields
    answer = post(api, "force-change-password", **known)
    return answer.status, answer.json.get("code")


def test_a_first_password_must_be_changed(api: HttpClient, people: People) -> None:
    """The challenge is good for one answer, which is that of a sign-in."""
    session = invite(api, people)
    body = {"username": EMAIL, "password": NEW, "session": session}
    answer = post(api, "force-change-password", **body)
    assert answer.status == 200
    assert (answer.json["email"], answer.json["name"]) == (EMAIL, "Ida")
    token = answer.json["accessToken"]
    assert api.get("/auth/user-information", token=token).status == 200
    assert force(api, session, password="Third-w0rd") == (400, "NotAuthorizedException")
    assert post(api, "sign-in", username=EMAIL, password=NEW).status == 200


def test_a_challenge_has_the_form_of_an_error_as_well(
    api: HttpClient, people: People
) -> None:
    """Apps that know no challenge show its `message`; its `Session` is for the rest."""
    invite(api, people)
    answer = post(api, "sign-in", username=EMAIL, password=PASSWORD)
    assert set(answer.json) == {
        "message",
        "code",
        "time",
        "requestId",
        "statusCode",
        "retryable",
        "retryDelay",
        "ChallengeName",
        "Session",
        "ChallengeParameters",
    }
    assert answer.json["statusCode"] == 400
    assert all(
        isinstance(value, str) for value in answer.json["ChallengeParameters"].values()
    )


def test_what_is_wrong_with_an_answer_to_a_challenge_is_told(
    api: HttpClient, people: People, clock: Clock
) -> None:
    """Neither a guess nor somebody else's, nor an old one, is taken."""
    session = invite(api, people)
    result_of(people.join("other@example.com"))
    found = [
        force(api, "guess"),
        force(api, session, username="other@example.com"),
        force(api, session, password="weak"),
    ]
    clock.advance(181.0)
    found.append(force(api, session))
    assert found == [
        (400, "NotAuthorizedException"),
        (400, "NotAuthorizedException"),
        (400, "InvalidPasswordException"),
        (400, "NotAuthorizedException"),
    ]


def test_whoever_is_right_is_never_too_many(api: HttpClient, people: People) -> None:
    """That a password must be changed first does not count as a wrong one."""
    invite(api, people)
    for _ in range(101):
        answer = post(api, "sign-in", username=EMAIL, password=PASSWORD)
        assert (answer.status, "Session" in answer.json) == (400, True)


def test_no_secret_is_in_an_answer_or_in_print(api: HttpClient, people: People) -> None:
    """What was sent is in no error; what is kept of a request prints nothing of it."""
    token = driver_token(people)
    secret = "S3cret-word!"
    answers = [
        post(api, "change-password", accessToken=secret, previousPassword=secret,
             newPassword=secret),
        post(api, "change-password", accessToken=token, previousPassword=secret,
             newPassword=secret),
        post(api, "force-change-password", username=secret, password=secret,
             session=secret),
        post(api, "confirm-forgot-password", username=secret, password=secret,
             confirmationCode=secret),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [400] * 4
    assert not any(secret.encode() in answer.body for answer in answers)
