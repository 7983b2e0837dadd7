"""Who is let in, and how soon a change in AWS is noticed."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.errors import IdentityAway, TokenError, TooManyRequests
from flexicharge.identity.cognito.calls import Cognito
from flexicharge.identity.cognito.presence import MAX_SEEN, Presence
from flexicharge.model.events import ACCOUNTS, SignedOut
from flexicharge.testing.deferreds import fire, result_of
from tests.identity.cognito.aws import POOL, SUB, USER, FakeAws, There


def refused(there: There, token: str) -> str:
    with pytest.raises(TokenError) as caught:
        result_of(there.identity.admit(token))
    return str(caught.value)


def test_aws_is_asked_once_in_five_seconds(there: There, clock: Clock) -> None:
    """A busy caller costs little of the pool's quota."""
    token = there.token()
    for _ in range(10):
        result_of(there.identity.admit(token))
        clock.advance(0.499)
    assert there.aws.requests("GetUser") == [{"AccessToken": token}]
    clock.advance(0.01)
    result_of(there.identity.admit(token))
    assert len(there.aws.requests("GetUser")) == 2


def test_it_can_be_asked_less_often(clock: Clock) -> None:
    """A pool's quota may not allow for more."""
    there = There(clock, check_every_s=60)
    for _ in range(60):
        result_of(there.identity.admit(there.token(jti="same", iat=1, exp=2**31)))
        clock.advance(0.99)
    assert len(there.aws.requests("GetUser")) == 1


@pytest.mark.parametrize(
    ("code", "message", "is_shut"),
    [
        ("NotAuthorizedException", "User is disabled.", True),
        ("UserNotFoundException", "User does not exist.", True),
        ("NotAuthorizedException", "Access Token has been revoked", False),
        ("PasswordResetRequiredException", "Password reset required", False),
        ("UserNotConfirmedException", "User is not confirmed.", False),
    ],
)
def test_whoever_aws_does_not_know_any_more_is_out(
    there: There, clock: Clock, code: str, message: str, is_shut: bool
) -> None:
    """Within 5 seconds; where it is about the account, its live sockets are too."""
    token = there.token()
    result_of(there.identity.admit(token))
    there.aws.refuse("GetUser", code, message)
    clock.advance(4.9)
    result_of(there.identity.admit(token))
    clock.advance(0.1)
    assert refused(there, token) == "account disabled or deleted"
    expected = [SignedOut(SUB, "account disabled or deleted")] if is_shut else []
    assert there.signed_out == expected


def test_an_answer_is_as_old_as_its_question(there: There, clock: Clock) -> None:
    """That AWS is slow does not make what it says last longer."""
    token = there.token()
    there.aws.holding = True
    asked = fire(there.identity.admit(token))
    clock.advance(3)
    there.aws.let_go()
    result_of(asked)
    there.aws.refuse("GetUser", "NotAuthorizedException", "User is disabled.")
    clock.advance(2)
    refused(there, token)


def test_requests_at_the_same_time_ask_once(there: There) -> None:
    """An app sends several when it starts."""
    token = there.token()
    there.aws.holding = True
    asked = [fire(there.identity.admit(token)) for _ in range(3)]
    there.aws.let_go()
    assert [result_of(each).user_id for each in asked] == [SUB] * 3
    assert len(there.aws.requests("GetUser")) == 1


def test_one_token_does_not_speak_for_another(there: There) -> None:
    """It may be one of them that was called back."""
    result_of(there.identity.admit(there.token(jti="a")))
    there.aws.refuse("GetUser", "NotAuthorizedException", "Access Token is revoked")
    refused(there, there.token(jti="b"))
    result_of(there.identity.admit(there.token(jti="a")))


def test_what_happens_through_us_counts_at_once(there: There) -> None:
    """Here or at another node: whoever is signed out is asked about again."""
    token = there.token()
    result_of(there.identity.admit(token))
    there.aws.refuse("GetUser", "NotAuthorizedException", "User is disabled.")
    there.bus.publish(ACCOUNTS, SignedOut("somebody else", "why"))
    result_of(there.identity.admit(token))
    there.bus.publish(ACCOUNTS, SignedOut(SUB, "why"))
    refused(there, token)


def test_an_answer_from_before_counts_for_nothing(there: There) -> None:
    """Whoever is disabled while AWS is being asked is not let in for 5 s more."""
    token = there.token()
    there.aws.holding = True
    before = fire(there.identity.admit(token))
    there.bus.publish(ACCOUNTS, SignedOut(SUB, "why"))
    there.aws.refuse("GetUser", "NotAuthorizedException", "Token is revoked")
    after = fire(there.identity.admit(token))
    there.aws.let_go()
    result_of(before)
    with pytest.raises(TokenError):
        result_of(after)
    refused(there, token)


@pytest.mark.parametrize("error", [IdentityAway("away"), TooManyRequests("busy")])
def test_without_aws_nobody_is_let_in_unseen(
    there: There, clock: Clock, error: Exception
) -> None:
    """But it is not said that a token is bad."""
    token = there.token()
    result_of(there.identity.admit(token))
    there.aws.answers["GetUser"] = error
    clock.advance(4.9)
    result_of(there.identity.admit(token))
    clock.advance(0.1)
    with pytest.raises(type(error)):
        result_of(there.identity.admit(token))
    assert there.signed_out == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TooManyRequestsException", TooManyRequests),
        ("ThrottlingException", TooManyRequests),
        ("ResourceNotFoundException", IdentityAway),
        ("InternalErrorException", IdentityAway),
    ],
)
def test_a_fault_of_aws_is_not_the_owners(
    there: There, code: str, error: type[Exception]
) -> None:
    """Only 401 signs somebody out at the admin site."""
    there.aws.refuse("GetUser", code, "arn:aws:iam::123456789012:user/x")
    with pytest.raises(error) as caught:
        result_of(there.identity.admit(there.token()))
    assert "arn" not in str(caught.value)


@pytest.mark.parametrize("answer", [{}, {"Username": 7}, {"Username": SUB, "X": 1}])
def test_an_answer_that_cannot_be_read_is_no_answer(
    there: There, answer: dict[str, Any]
) -> None:
    """Fields that nobody asked for do no harm."""
    there.aws.answers["GetUser"] = answer
    if "X" in answer:
        result_of(there.identity.admit(there.token()))
        return
    with pytest.raises(IdentityAway):
        result_of(there.identity.admit(there.token()))


def test_memory_of_owners_is_bounded(clock: Clock) -> None:
    """Of the one seen longest ago, AWS is asked again."""
    aws = FakeAws({"GetUser": USER})
    presence = Presence(Cognito(POOL, aws), clock, 5.0)
    for number in range(MAX_SEEN + 1):
        result_of(presence.check(str(number), SUB))
    asked = len(aws.asked)
    result_of(presence.check("1", SUB))
    assert len(aws.asked) == asked
    result_of(presence.check("0", SUB))
    assert len(aws.asked) == asked + 1
