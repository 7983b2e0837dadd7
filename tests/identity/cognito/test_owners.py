"""What people do about themselves, where AWS does not make it easy."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.errors import (
    IdentityError,
    NotAuthorized,
    ParameterInvalid,
    PasswordTooWeak,
    TokenError,
    TooManyRequests,
)
from flexicharge.model.events import SignedOut
from flexicharge.testing.deferreds import result_of
from tests.identity.cognito.aws import EMAIL, PASSWORD, SUB, There


def test_whoami_asks_aws_every_time(there: There) -> None:
    """What was just changed shows at once, and counts as having been seen."""
    token = there.token()
    for name in ("Ida", "Eva"):
        there.aws.answers["GetUser"] = {
            "Username": SUB,
            "UserAttributes": [
                {"Name": "sub", "Value": SUB},
                {"Name": "email", "Value": EMAIL},
                {"Name": "name", "Value": name},
                {"Name": "family_name", "Value": ""},
                {"Name": "custom:of_others", "Value": "secret"},
            ],
        }
        person = result_of(there.identity.whoami(token))
        assert person.user_id == SUB
        assert person.attributes == {"sub": SUB, "email": EMAIL, "name": name}
    result_of(there.identity.admit(token))
    assert len(there.aws.requests("GetUser")) == 2


def test_whoami_wants_a_token_of_the_pool(there: There) -> None:
    """AWS would answer for any of its pools."""
    with pytest.raises(TokenError):
        result_of(there.identity.whoami(there.token(client_id="another")))
    assert not there.aws.asked


def test_attributes_are_changed(there: There) -> None:
    """As they were given, blanks too: an app sends those for what it does not know."""
    token = there.token()
    result_of(there.identity.change_me(token, {"name": "Ida", "custom:city": ""}))
    assert there.aws.request("UpdateUserAttributes") == {
        "AccessToken": token,
        "UserAttributes": [
            {"Name": "name", "Value": "Ida"},
            {"Name": "custom:city", "Value": ""},
        ],
    }


def test_no_change_is_no_call(there: There) -> None:
    """AWS would refuse an empty list."""
    assert result_of(there.identity.change_me(there.token(), {})).user_id == SUB
    assert not there.aws.requests("UpdateUserAttributes")


@pytest.mark.parametrize("name", ["email", "email_verified", "sub", "custom:role"])
def test_nobody_changes_what_is_not_theirs(there: There, name: str) -> None:
    """An app client may be allowed to write more than people are."""
    with pytest.raises(ParameterInvalid):
        result_of(there.identity.change_me(there.token(), {name: "x"}))
    assert not there.aws.asked


@pytest.mark.parametrize(
    ("code", "message", "error", "says"),
    [
        (
            "InvalidParameterException",
            "Invalid phone number format.",
            ParameterInvalid,
            "Invalid phone number format.",
        ),
        (
            "NotAuthorizedException",
            "Access Token has been revoked",
            TokenError,
            "account disabled or deleted",
        ),
    ],
)
def test_a_refused_change_is_told(
    there: There, code: str, message: str, error: type[Exception], says: str
) -> None:
    """In AWS's own words where they are about what was sent."""
    there.aws.refuse("UpdateUserAttributes", code, message)
    with pytest.raises(error, match=says):
        result_of(there.identity.change_me(there.token(), {"phone_number": "x"}))


def test_a_password_is_changed(there: There) -> None:
    """Live sockets hear of it; the token stays good."""
    token = there.token()
    result_of(there.identity.change_password(token, PASSWORD, "N3w-Passw0rd"))
    assert there.aws.request("ChangePassword") == {
        "AccessToken": token,
        "PreviousPassword": PASSWORD,
        "ProposedPassword": "N3w-Passw0rd",
    }
    assert there.signed_out == [SignedOut(SUB, "the password was changed")]
    result_of(there.identity.admit(token))


@pytest.mark.parametrize(
    ("code", "message", "error", "says"),
    [
        (
            "NotAuthorizedException",
            "Incorrect username or password.",
            NotAuthorized,
            "Incorrect username or password.",
        ),
        (
            "NotAuthorizedException",
            "Access Token has expired",
            TokenError,
            "account disabled or deleted",
        ),
        (
            "InvalidPasswordException",
            "Password did not conform with policy: Password not long enough",
            PasswordTooWeak,
            "Password did not conform with policy: Password not long enough",
        ),
        (
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
            TooManyRequests,
            "Attempt limit exceeded, please try after some time.",
        ),
    ],
)
def test_a_password_that_is_not_changed_is_told(
    there: There, code: str, message: str, error: type[IdentityError], says: str
) -> None:
    """A wrong previous one is not a bad token."""
    there.aws.refuse("ChangePassword", code, message)
    with pytest.raises(error) as caught:
        result_of(there.identity.change_password(there.token(), "wrong", "new"))
    assert str(caught.value) == says
    assert there.signed_out == []


def test_an_account_is_deleted(there: There) -> None:
    """By its owner: whoever else is in with it is out."""
    token = there.token()
    result_of(there.identity.delete_me(token))
    assert there.aws.request("DeleteUser") == {"AccessToken": token}
    assert there.signed_out == [SignedOut(SUB, "the account was deleted")]
    there.aws.refuse("GetUser", "UserNotFoundException", "User does not exist.")
    with pytest.raises(TokenError):
        result_of(there.identity.admit(token))


@pytest.mark.parametrize(
    "work",
    [
        lambda identity, token: identity.change_me(token, {"name": "x"}),
        lambda identity, token: identity.change_password(token, "a", "b"),
        lambda identity, token: identity.delete_me(token),
        lambda identity, token: identity.whoami(token),
    ],
)
def test_whoever_is_disabled_changes_nothing(there: There, work: Any) -> None:
    """Even if a token of theirs has time left."""
    there.aws.refuse("GetUser", "NotAuthorizedException", "User is disabled.")
    with pytest.raises(TokenError):
        result_of(work(there.identity, there.token()))
    assert {operation for operation, _ in there.aws.asked} == {"GetUser"}
