"""What strangers are told: nothing about who has an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from zope.interface.verify import verifyObject

from flexicharge.errors import (
    AccountUnconfirmed,
    CodeMismatch,
    IdentityAway,
    IdentityError,
    MailNotSent,
    NameTaken,
    NewPasswordRequired,
    NotAuthorized,
    ParameterInvalid,
    PasswordResetRequired,
    PasswordTooWeak,
    ServerBusy,
    TooManyRequests,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.events import SignedOut
from flexicharge.testing.deferreds import result_of
from tests.identity.cognito.aws import (
    EMAIL,
    PASSWORD,
    POOL,
    SECRET,
    SUB,
    There,
    signed_in,
)

NOBODY = "UserNotFoundException"
Work = Callable[[There], Awaitable[Any]]


def sign_in(there: There) -> Awaitable[Any]:
    return there.identity.sign_in(EMAIL, PASSWORD)


def answer_challenge(there: There) -> Awaitable[Any]:
    return there.identity.change_forced_password(EMAIL, PASSWORD, "session")


def verify(there: There) -> Awaitable[Any]:
    return there.identity.verify(EMAIL, "123456")


def forget(there: There) -> Awaitable[Any]:
    return there.identity.forgot_password(EMAIL)


def remember(there: There) -> Awaitable[Any]:
    return there.identity.confirm_forgot_password(EMAIL, "123456", PASSWORD)


OPERATION = {
    sign_in: "InitiateAuth",
    answer_challenge: "RespondToAuthChallenge",
    verify: "ConfirmSignUp",
    forget: "ForgotPassword",
    remember: "ConfirmForgotPassword",
}


def outcome(there: There, work: Work) -> object:
    """Return what a stranger can tell of something: the error, or what is returned."""
    try:
        return result_of(work(there))
    except IdentityError as why:
        return type(why), str(why)


def test_it_is_an_identity(there: There) -> None:
    """As the rest of the server sees it, there is no difference."""
    assert verifyObject(IIdentity, there.identity)
    assert result_of(there.identity.published_keys()) == ()


# --- signing up


def test_whoever_signs_up_proves_that_we_are_the_app(there: There) -> None:
    """With the hash of the app client's secret, which itself is never sent."""
    result_of(there.identity.sign_up(f" {EMAIL} ", PASSWORD))
    assert there.aws.request("SignUp") == {
        "ClientId": POOL.client_id,
        "SecretHash": POOL.secret_hash(EMAIL),
        "Username": EMAIL,
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}],
    }
    assert SECRET not in str(there.aws.asked)


@pytest.mark.parametrize(
    ("code", "message", "error", "says"),
    [
        (
            "UsernameExistsException",
            "User already exists",
            NameTaken,
            "An account with the given email already exists.",
        ),
        (
            "InvalidPasswordException",
            "Password did not conform with policy: Password not long enough",
            PasswordTooWeak,
            "Password did not conform with policy: Password not long enough",
        ),
        (
            "InvalidPasswordException",
            "Password did not conform with password policy: Password not long enough",
            PasswordTooWeak,
            "Password did not conform with policy: Password not long enough",
        ),
        (
            "InvalidPasswordException",
            "arn:aws:cognito",
            PasswordTooWeak,
            "Password did not conform with policy: "
            "Password does not meet the requirements",
        ),
        (
            "InvalidParameterException",
            "Invalid email address format.",
            ParameterInvalid,
            "Invalid email address format.",
        ),
        (
            "InvalidParameterException",
            f"Value {PASSWORD} at 'password' failed",
            ParameterInvalid,
            "A parameter cannot be used.",
        ),
        (
            "UserLambdaValidationException",
            "PreSignUp failed with error\nonly for staff.",
            ParameterInvalid,
            "PreSignUp failed with error only for staff.",
        ),
        (
            "CodeDeliveryFailureException",
            "x",
            MailNotSent,
            "The verification code could not be sent.",
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/x is not authorized",
            IdentityAway,
            "The identity provider cannot be reached.",
        ),
    ],
)
def test_a_refused_sign_up_is_told(
    there: There, code: str, message: str, error: type[IdentityError], says: str
) -> None:
    """In a form that the apps know (contract §4.4), and without what is AWS's own."""
    there.aws.refuse("SignUp", code, message)
    with pytest.raises(error) as caught:
        result_of(there.identity.sign_up(EMAIL, PASSWORD))
    assert type(caught.value) is error
    assert str(caught.value) == says


# --- signing in


@pytest.mark.parametrize(
    ("office", "operation", "flow", "pool"),
    [
        (False, "InitiateAuth", "USER_PASSWORD_AUTH", {}),
        (
            True,
            "AdminInitiateAuth",
            "ADMIN_USER_PASSWORD_AUTH",
            {"UserPoolId": POOL.pool_id},
        ),
    ],
)
def test_either_site_signs_in_its_own_way(
    there: There, office: bool, operation: str, flow: str, pool: dict[str, str]
) -> None:
    """What comes of it is what the ID token says, and the access token."""
    there.aws.answers[operation] = signed_in("token", name="Ida", unknown=[1])
    found = result_of(there.identity.sign_in(EMAIL, PASSWORD, office=office))
    assert there.aws.request(operation) == {
        **pool,
        "ClientId": POOL.client_id,
        "AuthFlow": flow,
        "AuthParameters": {
            "USERNAME": EMAIL,
            "PASSWORD": PASSWORD,
            "SECRET_HASH": POOL.secret_hash(EMAIL),
        },
    }
    assert found.access_token == "token"
    assert found.person.user_id == SUB
    assert found.person.attributes == {
        "sub": SUB,
        "email": EMAIL,
        "email_verified": "true",
        "name": "Ida",
    }
    assert "token" not in repr(found).replace("access_token", "")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"ChallengeName": "SMS_MFA", "Session": "s", "ChallengeParameters": {}},
    ],
)
def test_what_no_app_can_answer_is_no_sign_in(
    there: There, answer: dict[str, Any]
) -> None:
    """A second factor is not among what the apps know."""
    there.aws.answers["InitiateAuth"] = answer
    with pytest.raises(NotAuthorized, match="more than a password"):
        result_of(sign_in(there))


@pytest.mark.parametrize(
    "tokens",
    [
        {"AccessToken": "a"},
        {"AccessToken": "a", "IdToken": "x"},
        {"AccessToken": "a", "IdToken": "a.@.c"},
        {"AccessToken": "a", "IdToken": "a.bm8gSlNPTg.c"},
        {"AccessToken": "a", "IdToken": "a.e30.c"},
    ],
)
def test_tokens_that_cannot_be_read_are_none(
    there: There, tokens: dict[str, str]
) -> None:
    """A server that stands in for AWS may be broken."""
    there.aws.answers["InitiateAuth"] = {"AuthenticationResult": tokens}
    with pytest.raises(IdentityAway):
        result_of(sign_in(there))


def test_a_forced_change_comes_with_its_challenge(there: There) -> None:
    """The session is for whoever signed in, and for no log."""
    there.aws.answers["InitiateAuth"] = {
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": "the-session",
        "ChallengeParameters": {"USER_ID_FOR_SRP": SUB},
    }
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(sign_in(there))
    assert caught.value.session == "the-session"
    assert caught.value.parameters == {"USER_ID_FOR_SRP": SUB}
    assert "the-session" not in str(caught.value)
    there.aws.answers["RespondToAuthChallenge"] = signed_in("token")
    changed = there.identity.change_forced_password(
        EMAIL, "N3w-Passw0rd", "the-session"
    )
    assert result_of(changed).access_token == "token"
    assert there.aws.request("RespondToAuthChallenge") == {
        "ClientId": POOL.client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": "the-session",
        "ChallengeResponses": {
            "USERNAME": EMAIL,
            "NEW_PASSWORD": "N3w-Passw0rd",
            "SECRET_HASH": POOL.secret_hash(EMAIL),
        },
    }


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("UserNotConfirmedException", AccountUnconfirmed),
        ("PasswordResetRequiredException", PasswordResetRequired),
        ("TooManyRequestsException", TooManyRequests),
        ("ResourceNotFoundException", IdentityAway),
    ],
)
def test_why_somebody_cannot_sign_in_is_told(
    there: There, code: str, error: type[Exception]
) -> None:
    """Where the password was right, or it is not about the account."""
    there.aws.refuse("InitiateAuth", code)
    with pytest.raises(error):
        result_of(sign_in(there))


def test_a_pool_that_does_not_allow_passwords_is_the_operators_to_mend(
    there: There,
) -> None:
    """Whoever signs in cannot help it; the log says what to look at."""
    there.aws.refuse(
        "InitiateAuth",
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
    )
    with capturedLogs() as events, pytest.raises(IdentityAway):
        result_of(sign_in(there))
    (told,) = [str(formatEvent(event)) for event in events]
    assert "InitiateAuth: InvalidParameterException" in told
    assert "allows signing in with a password" in told


def test_a_parameter_that_is_missing_is_the_callers(there: There) -> None:
    """It is told in AWS's words."""
    says = "Missing required parameter PASSWORD"
    there.aws.refuse("InitiateAuth", "InvalidParameterException", says)
    with pytest.raises(ParameterInvalid, match=says):
        result_of(there.identity.sign_in(EMAIL, ""))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NotAuthorizedException", "Invalid session for the user, session is expired."),
        ("CodeMismatchException", "Invalid session, it can only be used once."),
        ("InvalidParameterException", "1 validation error: Value at 'session' failed"),
    ],
)
def test_a_session_that_is_no_good_is_told_in_one_way(
    there: There, code: str, message: str
) -> None:
    """Whatever is wrong with it."""
    there.aws.refuse("RespondToAuthChallenge", code, message)
    with pytest.raises(NotAuthorized, match="session is expired"):
        result_of(answer_challenge(there))


def test_a_weak_new_password_is_told(there: There) -> None:
    """The session was good, so that is no secret."""
    there.aws.refuse(
        "RespondToAuthChallenge", "InvalidPasswordException", "policy: too short"
    )
    with pytest.raises(PasswordTooWeak, match="policy: too short"):
        result_of(answer_challenge(there))


# --- strangers learn nothing


@pytest.mark.parametrize(
    ("work", "code", "message"),
    [
        (sign_in, "NotAuthorizedException", "Incorrect username or password."),
        (sign_in, "NotAuthorizedException", "User is disabled."),
        (sign_in, "NotAuthorizedException", "Password attempts exceeded"),
        (answer_challenge, "NotAuthorizedException", "Invalid session"),
        (verify, "CodeMismatchException", "Invalid verification code"),
        (verify, "ExpiredCodeException", "Invalid code, request a code again."),
        (verify, "NotAuthorizedException", "Current status is CONFIRMED"),
        (verify, "AliasExistsException", "Already exists."),
        (verify, "TooManyFailedAttemptsException", "Too many"),
        (forget, "", "a code is sent"),
        (forget, "NotAuthorizedException", "User is disabled."),
        (forget, "InvalidParameterException", "Cannot reset password for the user"),
        (forget, "LimitExceededException", "Attempt limit exceeded"),
        (forget, "UserNotConfirmedException", "User is not confirmed."),
        (forget, "CodeDeliveryFailureException", "Unable to deliver"),
        (forget, "InvalidEmailRoleAccessPolicyException", "no access to SES"),
        (forget, "UnexpectedLambdaException", "CustomMessage failed"),
        (forget, "UserLambdaValidationException", "CustomMessage failed"),
        (forget, "SomethingNewException", "x"),
        (remember, "CodeMismatchException", "Invalid verification code"),
        (remember, "ExpiredCodeException", "Invalid code, request a code again."),
        (remember, "LimitExceededException", "Attempt limit exceeded"),
        (remember, "NotAuthorizedException", "User is disabled."),
    ],
)
def test_an_account_that_exists_sounds_like_one_that_does_not(
    clock: Clock, work: Work, code: str, message: str
) -> None:
    """Whatever AWS would tell about it (design §7.10)."""
    known, unknown = There(clock), There(clock)
    if code:
        known.aws.refuse(OPERATION[work], code, message)
    unknown.aws.refuse(OPERATION[work], NOBODY, "User does not exist.")
    assert outcome(known, work) == outcome(unknown, work)


def test_a_weak_password_is_told_whether_there_is_an_account_or_not(
    clock: Clock,
) -> None:
    """Of accounts that exist, AWS looks at it first."""
    known, unknown = There(clock), There(clock)
    known.aws.refuse(
        "ConfirmForgotPassword",
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    )
    unknown.aws.refuse("ConfirmForgotPassword", NOBODY)

    def weakly(there: There) -> Awaitable[Any]:
        return there.identity.confirm_forgot_password(EMAIL, "123456", "weak")

    assert outcome(known, weakly) == outcome(unknown, weakly)


@pytest.mark.parametrize(
    "code", ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"]
)
def test_a_pool_that_asks_for_more_tells_nothing_by_it(clock: Clock, code: str) -> None:
    """A password that keeps to our rules is a wrong code, for known and unknown."""
    known, unknown = There(clock), There(clock)
    known.aws.refuse("ConfirmForgotPassword", code, "policy: Password not long enough")
    unknown.aws.refuse("ConfirmForgotPassword", "CodeMismatchException")
    told = outcome(known, remember)
    assert told == outcome(unknown, remember)
    assert told == (
        CodeMismatch,
        "Invalid verification code provided, please try again.",
    )


def test_why_no_code_was_mailed_is_in_the_log(there: There) -> None:
    """Only the operator can mend it; nobody is named there."""
    there.aws.refuse("ForgotPassword", "InvalidEmailRoleAccessPolicyException", EMAIL)
    with capturedLogs() as events:
        result_of(forget(there))
    (told,) = [str(formatEvent(event)) for event in events]
    assert "ForgotPassword: InvalidEmailRoleAccessPolicyException" in told
    assert EMAIL not in told


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TooManyRequestsException", ServerBusy),
        ("ThrottlingException", ServerBusy),
        ("ResourceNotFoundException", IdentityAway),
        ("InternalErrorException", IdentityAway),
    ],
)
def test_what_is_about_no_account_is_told_to_who_forgot(
    there: There, code: str, error: type[Exception]
) -> None:
    """It would be the same for everybody."""
    there.aws.refuse("ForgotPassword", code)
    with pytest.raises(error):
        result_of(forget(there))


@pytest.mark.parametrize("work", [verify, forget, remember])
def test_what_is_malformed_is_told(there: There, work: Work) -> None:
    """AWS looks at that before it looks for an account."""
    says = "1 validation error detected: Value at 'username' failed to satisfy"
    there.aws.refuse(OPERATION[work], "InvalidParameterException", says)
    assert outcome(there, work) == (ParameterInvalid, says)


@pytest.mark.parametrize("work", list(OPERATION))
def test_an_outage_is_told_as_such(there: There, work: Work) -> None:
    """Nobody takes it for an answer."""
    there.aws.go_away(OPERATION[work])
    with pytest.raises(IdentityAway):
        result_of(work(there))
    there.aws.refuse(OPERATION[work], "AccessDeniedException")
    with pytest.raises(IdentityAway):
        result_of(work(there))


def test_a_hint_at_an_address_is_made_of_what_was_typed(there: There) -> None:
    """AWS's own would be different for those it does not know."""
    there.aws.answers["ForgotPassword"] = {
        "CodeDeliveryDetails": {"Destination": "+*******9934"}
    }
    delivery = result_of(there.identity.forgot_password("ida@example.com"))
    assert delivery.destination == "i***@e***"


# --- limits


@pytest.mark.parametrize(
    ("work", "tries", "after_s"),
    [
        (sign_in, 100, 3),
        (answer_challenge, 100, 3),
        (verify, 5, 180),
        (remember, 5, 180),
    ],
)
@pytest.mark.parametrize("code", ["NotAuthorizedException", NOBODY])
def test_guessing_is_limited_for_known_and_unknown_alike(
    there: There, clock: Clock, code: str, work: Work, tries: int, after_s: float
) -> None:
    """Before AWS counts, which does so for accounts that exist alone."""
    there.aws.refuse(OPERATION[work], code)
    for _ in range(tries):
        with pytest.raises((NotAuthorized, CodeMismatch)):
            result_of(work(there))
    with pytest.raises(TooManyRequests):
        result_of(work(there))
    assert len(there.aws.requests(OPERATION[work])) == tries
    clock.advance(after_s)
    with pytest.raises((NotAuthorized, CodeMismatch)):
        result_of(work(there))


def test_five_mails_a_day(there: There, clock: Clock) -> None:
    """Nobody's mailbox is flooded through us."""
    for _ in range(5):
        result_of(forget(there))
    with pytest.raises(TooManyRequests):
        result_of(there.identity.forgot_password(f" {EMAIL.upper()}"))
    result_of(there.identity.forgot_password("somebody@else.example"))
    clock.advance(86_400 / 5)
    result_of(forget(there))


def test_an_outage_costs_no_try(there: There) -> None:
    """Nobody looked at the password."""
    there.aws.go_away("InitiateAuth")
    for _ in range(20):
        with pytest.raises(IdentityAway):
            result_of(sign_in(there))


def test_whoever_signs_in_may_do_so_often(there: There) -> None:
    """Only wrong passwords count."""
    there.aws.answers["InitiateAuth"] = signed_in("token")
    for _ in range(20):
        result_of(sign_in(there))


# --- a password set anew


def test_a_new_password_signs_everybody_out(there: There) -> None:
    """Whoever took the old one may be signed in."""
    there.aws.answers["AdminGetUser"] = {"Username": SUB}
    result_of(remember(there))
    assert there.aws.request("ConfirmForgotPassword")["ConfirmationCode"] == "123456"
    assert there.aws.request("AdminUserGlobalSignOut") == {
        "UserPoolId": POOL.pool_id,
        "Username": EMAIL,
    }
    assert there.signed_out == [SignedOut(SUB, "the password was changed")]


def test_a_new_password_is_set_even_if_nobody_can_be_signed_out(there: There) -> None:
    """The server's credentials may not allow it: the code is used up by then."""
    there.aws.refuse("AdminGetUser", "AccessDeniedException")
    with capturedLogs() as events:
        result_of(remember(there))
    told = " ".join(str(formatEvent(event)) for event in events)
    assert "tokens outlive a password: IdentityAway" in told
    assert there.signed_out == []


# --- what nobody may see


def test_no_secret_is_in_any_error_or_log(there: There) -> None:
    """AWS may repeat what it was sent."""
    secrets = (PASSWORD, POOL.secret_hash(EMAIL), "123456", SECRET)
    for operation in OPERATION.values():
        for code in ("InvalidParameterException", "AccessDeniedException"):
            for secret in secrets:
                said = f"1 validation error detected: {secret} arn:aws:x"
                there.aws.refuse(operation, code, said)
                with capturedLogs() as events:
                    told = str([outcome(there, work) for work in OPERATION])
                told += " ".join(str(formatEvent(event)) for event in events)
                assert not any(secret in told for secret in (*secrets, "arn:"))


@pytest.mark.parametrize(
    "work",
    [
        lambda it, long: it.sign_up(long, PASSWORD),
        lambda it, long: it.sign_in(EMAIL, long),
        lambda it, long: it.sign_in(long, PASSWORD),
        lambda it, long: it.change_forced_password(EMAIL, PASSWORD, long),
        lambda it, long: it.verify(EMAIL, long),
    ],
)
def test_what_is_too_long_is_not_sent(there: There, work: Any) -> None:
    """Nothing AWS takes is as long as that."""
    with pytest.raises(ParameterInvalid, match="too long"):
        result_of(work(there.identity, "x" * 8193))
    assert not there.aws.asked
