"""What administrators do, and what they are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.logger import capturedLogs, formatEvent

from flexicharge.errors import (
    IdentityAway,
    IdentityError,
    NameTaken,
    NotAuthorized,
    ParameterInvalid,
    PasswordTooWeak,
    UserNotFound,
)
from flexicharge.model.account import Listing
from flexicharge.model.events import SignedOut
from flexicharge.testing.deferreds import result_of
from tests.identity.cognito.aws import EMAIL, PASSWORD, POOL, SUB, There

MADE = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHOWN: dict[str, Any] = {
    "Username": SUB,
    "UserCreateDate": MADE,
    "UserLastModifiedDate": MADE,
    "Enabled": False,
    "UserStatus": "EXTERNAL_PROVIDER",
}
ATTRIBUTES = [{"Name": "sub", "Value": SUB}, {"Name": "email", "Value": EMAIL}]


def of(number: int, **attributes: str) -> dict[str, Any]:
    """Return somebody as a list shows them."""
    known = {"sub": f"sub-{number}", **attributes}
    pairs = [{"Name": name, "Value": value} for name, value in known.items()]
    return {**SHOWN, "Username": f"sub-{number}", "Attributes": pairs}


@pytest.fixture
def known(there: There) -> There:
    """A pool in which one account is known."""
    there.aws.answers["AdminGetUser"] = {**SHOWN, "UserAttributes": ATTRIBUTES}
    return there


def test_somebody_is_shown_as_aws_knows_them(known: There) -> None:
    """Status words of AWS's own are passed on."""
    person = result_of(known.identity.user(EMAIL))
    assert person.user_id == SUB
    assert person.email == EMAIL
    assert person.status == "EXTERNAL_PROVIDER"
    assert not person.enabled
    assert person.created_at == person.modified_at == MADE.timestamp()
    assert known.aws.request("AdminGetUser") == {
        "UserPoolId": POOL.pool_id,
        "Username": EMAIL,
    }


@pytest.mark.parametrize(
    ("code", "message", "error", "says"),
    [
        ("UserNotFoundException", "x", UserNotFound, "User does not exist."),
        (
            "NotAuthorizedException",
            "User password cannot be reset in the current state.",
            NotAuthorized,
            "User password cannot be reset in the current state.",
        ),
        (
            "NotAuthorizedException",
            "arn:aws:x",
            NotAuthorized,
            "A parameter cannot be used.",
        ),
        (
            "AliasExistsException",
            "x",
            NameTaken,
            "An account with the given email already exists.",
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            IdentityAway,
            "The identity provider cannot be reached.",
        ),
    ],
)
def test_a_refusal_is_told(
    there: There, code: str, message: str, error: type[IdentityError], says: str
) -> None:
    """An administrator may know who has an account; nobody sees what is AWS's own."""
    there.aws.refuse("AdminGetUser", code, message)
    with pytest.raises(error) as caught:
        result_of(there.identity.user(EMAIL))
    assert str(caught.value) == says


@pytest.mark.parametrize("given", [PASSWORD, None])
def test_somebody_is_invited(there: There, given: str | None) -> None:
    """AWS mails the password, and makes one up if none is given."""
    there.aws.answers["AdminCreateUser"] = {
        "User": {
            **SHOWN,
            "Attributes": ATTRIBUTES,
            "UserStatus": "FORCE_CHANGE_PASSWORD",
        }
    }
    person = result_of(there.identity.add_user(f" {EMAIL}", given, {"name": "Ida"}))
    assert person.status == "FORCE_CHANGE_PASSWORD"
    request = dict(there.aws.request("AdminCreateUser"))
    assert request.pop("TemporaryPassword", None) == given
    assert request == {
        "UserPoolId": POOL.pool_id,
        "Username": EMAIL,
        "DesiredDeliveryMediums": ["EMAIL"],
        "UserAttributes": [
            {"Name": "email", "Value": EMAIL},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Ida"},
        ],
    }


def test_an_administrator_is_put_into_the_group(there: There) -> None:
    """By the name AWS gave, whatever the alias."""
    there.aws.answers["AdminCreateUser"] = {"User": SHOWN}
    assert result_of(there.identity.add_admin(EMAIL, PASSWORD, {})).user_id == SUB
    assert there.aws.request("AdminAddUserToGroup") == {
        "UserPoolId": POOL.pool_id,
        "Username": SUB,
        "GroupName": "Admins",
    }
    assert not there.aws.requests("AdminDeleteUser")


def test_an_administrator_is_made_whole_or_not_at_all(there: There) -> None:
    """Without the group there is no account, and it can be tried again."""
    there.aws.answers["AdminCreateUser"] = {"User": SHOWN}
    there.aws.refuse("AdminAddUserToGroup", "ResourceNotFoundException", "Group")
    with pytest.raises(IdentityAway):
        result_of(there.identity.add_admin(EMAIL, PASSWORD, {}))
    assert there.aws.request("AdminDeleteUser")["Username"] == SUB


def test_half_an_administrator_is_told_to_the_log(there: There) -> None:
    """If it cannot be undone."""
    there.aws.answers["AdminCreateUser"] = {"User": SHOWN}
    there.aws.go_away("AdminAddUserToGroup")
    there.aws.go_away("AdminDeleteUser")
    with capturedLogs() as events, pytest.raises(IdentityAway):
        result_of(there.identity.add_admin(EMAIL, PASSWORD, {}))
    told = " ".join(str(formatEvent(event)) for event in events)
    assert f"{SUB} was to be an administrator, and is none" in told


@pytest.mark.parametrize("name", ["sub", "custom:role", "cognito:groups"])
def test_nobody_is_given_what_is_not_known_of_people(known: There, name: str) -> None:
    """Neither when they are made nor later."""
    for work in (
        known.identity.add_user(EMAIL, None, {name: "x"}),
        known.identity.change_user(EMAIL, {name: "x"}),
    ):
        with pytest.raises(ParameterInvalid):
            result_of(work)
    assert not known.aws.asked


def test_a_new_address_is_good_at_once(known: There) -> None:
    """No app can verify one, so an administrator's word has to do."""
    changes = {"email": "new@example.com", "custom:zip_code": "12345"}
    assert result_of(known.identity.change_user(EMAIL, changes)).user_id == SUB
    assert known.aws.request("AdminUpdateUserAttributes")["UserAttributes"] == [
        {"Name": "email", "Value": "new@example.com"},
        {"Name": "custom:zip_code", "Value": "12345"},
        {"Name": "email_verified", "Value": "true"},
    ]


def test_an_address_that_is_the_same_is_not_changed(known: There) -> None:
    """The admin site sends what it shows; it stays as verified as it is."""
    same = {"email": EMAIL}
    assert result_of(known.identity.change_user(EMAIL, same)).user_id == SUB
    assert not known.aws.requests("AdminUpdateUserAttributes")


def test_other_changes_verify_nothing(known: There) -> None:
    """And what is said of an address is taken as said."""
    result_of(known.identity.change_user(EMAIL, {"name": "Ida"}))
    told = {"email": "new@example.com", "email_verified": "false"}
    result_of(known.identity.change_user(EMAIL, told))
    first, second = known.aws.requests("AdminUpdateUserAttributes")
    assert first["UserAttributes"] == [{"Name": "name", "Value": "Ida"}]
    assert {"Name": "email_verified", "Value": "false"} in second["UserAttributes"]


@pytest.mark.parametrize(
    ("work", "operation", "why"),
    [
        (
            lambda it: it.remove_user(EMAIL),
            "AdminDeleteUser",
            "the account was deleted",
        ),
        (
            lambda it: it.set_enabled(EMAIL, False),
            "AdminDisableUser",
            "the account is disabled",
        ),
        (
            lambda it: it.reset_password(EMAIL),
            "AdminResetUserPassword",
            "the password was changed",
        ),
        (
            lambda it: it.set_password(EMAIL, PASSWORD),
            "AdminUserGlobalSignOut",
            "the password was changed",
        ),
    ],
)
def test_whoever_is_in_is_out_then(
    known: There, work: Any, operation: str, why: str
) -> None:
    """Live sockets and all, by the number that tokens have."""
    result_of(work(known.identity))
    assert known.aws.request(operation)["Username"] == EMAIL
    assert known.signed_out == [SignedOut(SUB, why)]
    known.signed_out.clear()
    known.aws.refuse(operation, "InternalErrorException")
    with pytest.raises(IdentityAway):
        result_of(work(known.identity))


def test_a_password_that_is_set_need_not_be_changed(known: There) -> None:
    """As AWS calls it, it is permanent."""
    result_of(known.identity.set_password(EMAIL, PASSWORD))
    assert known.aws.request("AdminSetUserPassword") == {
        "UserPoolId": POOL.pool_id,
        "Username": EMAIL,
        "Password": PASSWORD,
        "Permanent": True,
    }


def test_a_password_that_is_refused_signs_nobody_out(known: There) -> None:
    """It is the old one still."""
    known.aws.refuse("AdminSetUserPassword", "InvalidPasswordException", "policy: weak")
    with pytest.raises(PasswordTooWeak):
        result_of(known.identity.set_password(EMAIL, "weak"))
    assert known.signed_out == []


def test_who_is_let_in_again_stays_in(known: There) -> None:
    """Enabling voids no token."""
    result_of(known.identity.set_enabled(EMAIL, True))
    assert known.aws.request("AdminEnableUser")["Username"] == EMAIL
    assert known.signed_out == []


def test_nothing_happens_to_nobody(there: There) -> None:
    """An account that is not there cannot be closed."""
    there.aws.refuse("AdminGetUser", "UserNotFoundException")
    for work in (
        there.identity.remove_user(EMAIL),
        there.identity.set_enabled(EMAIL, False),
        there.identity.reset_password(EMAIL),
        there.identity.set_password(EMAIL, PASSWORD),
    ):
        with pytest.raises(UserNotFound):
            result_of(work)
    assert {operation for operation, _ in there.aws.asked} == {"AdminGetUser"}


# --- lists


def test_a_page_of_everybody(there: There) -> None:
    """AWS's tokens go to and fro as they are."""
    there.aws.answers["ListUsers"] = {
        "Users": [of(1, email="a@b.se"), of(2)],
        "PaginationToken": "next+page=",
    }
    page = result_of(there.identity.users(Listing(limit=2, token="this+page=")))
    assert [person.user_id for person in page.people] == ["sub-1", "sub-2"]
    assert page.next_token == "next+page="
    assert there.aws.request("ListUsers") == {
        "UserPoolId": POOL.pool_id,
        "Limit": 2,
        "PaginationToken": "this+page=",
    }


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("email", "ida", 'email ^= "ida"'),
        ("name", 'Ida "the\\" X', 'name ^= "Ida \\"the\\\\\\" X"'),
        ("cognito:user_status", "CONF", 'cognito:user_status ^= "CONF"'),
        ("status", "d", 'status = "Disabled"'),
        ("status", "ENABLED", 'status = "Enabled"'),
    ],
)
def test_aws_filters_what_it_can(
    there: There, name: str, value: str, wanted: str
) -> None:
    """Whatever is in a value stays in it."""
    there.aws.answers["ListUsers"] = {"Users": [of(1)]}
    asked = Listing(filter_attribute=name, filter_value=value)
    assert len(result_of(there.identity.users(asked)).people) == 1
    assert there.aws.request("ListUsers")["Filter"] == wanted


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("custom:city", "växjö", ["sub-2"]),
        ("custom:city", "", ["sub-1", "sub-2", "sub-3"]),
        ("email_verified", "true", ["sub-3"]),
        ("status", "x", []),
    ],
)
def test_we_filter_what_aws_cannot(
    there: There, name: str, value: str, found: list[str]
) -> None:
    """The same can be asked of either provider."""
    there.aws.answers["ListUsers"] = {
        "Users": [
            of(1, **{"custom:city": "Jönköping"}),
            of(2, **{"custom:city": "Växjö"}),
            of(3, email_verified="true"),
        ]
    }
    asked = Listing(filter_attribute=name, filter_value=value)
    page = result_of(there.identity.users(asked))
    assert [person.user_id for person in page.people] == found
    assert "Filter" not in there.aws.request("ListUsers")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "IDA"),
        ("username", "sub-2"),
        ("status", "dis"),
        ("cognito:user_status", "external"),
    ],
)
def test_administrators_are_filtered_by_us(there: There, name: str, value: str) -> None:
    """AWS has no filter for those in a group."""
    there.aws.answers["ListUsersInGroup"] = {
        "Users": [
            {**of(1), "Enabled": True, "UserStatus": "CONFIRMED"},
            of(2, email="ida@example.com"),
        ],
        "NextToken": "more",
    }
    asked = Listing(limit=7, token="t", filter_attribute=name, filter_value=value)
    page = result_of(there.identity.admins(asked))
    assert [person.user_id for person in page.people] == ["sub-2"]
    assert page.next_token == "more"
    assert there.aws.request("ListUsersInGroup") == {
        "UserPoolId": POOL.pool_id,
        "GroupName": "Admins",
        "Limit": 7,
        "NextToken": "t",
    }


def test_pages_without_anybody_are_turned(there: There) -> None:
    """But not for ever: whoever asks can go on from there."""
    there.aws.answers["ListUsersInGroup"] = {"Users": [of(1)], "NextToken": "more"}
    asked = Listing(filter_attribute="name", filter_value="x")
    page = result_of(there.identity.admins(asked))
    assert page.people == ()
    assert page.next_token == "more"
    assert len(there.aws.requests("ListUsersInGroup")) == 10


@pytest.mark.parametrize(
    "asked",
    [
        Listing(limit=0),
        Listing(limit=61),
        Listing(filter_attribute="password"),
        Listing(filter_attribute='email ^= "" or x', filter_value="y"),
        Listing(filter_attribute="email", filter_value="x" * 257),
        Listing(token="x" * 8193),
    ],
)
def test_what_nobody_can_be_listed_by_is_refused(there: There, asked: Listing) -> None:
    """Before AWS is asked."""
    for work in (there.identity.users(asked), there.identity.admins(asked)):
        with pytest.raises(ParameterInvalid):
            result_of(work)
    assert not there.aws.asked


def test_a_token_of_no_use_is_told(there: There) -> None:
    """AWS knows its own."""
    says = "Invalid pagination token given."
    there.aws.refuse("ListUsers", "InvalidParameterException", says)
    with pytest.raises(ParameterInvalid, match=says):
        result_of(there.identity.users(Listing(token="x")))
