"""What a refusal by AWS means to whom: one table, and who is told less.

A stranger must not learn from an answer whether an account exists (design §7.10). Where
AWS tells, they hear what they would have heard about an account that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from twisted.logger import Logger

from flexicharge.errors import (
    AccountUnconfirmed,
    CodeExpired,
    CodeMismatch,
    IdentityAway,
    IdentityError,
    MailNotSent,
    NameTaken,
    NotAuthorized,
    ParameterInvalid,
    PasswordResetRequired,
    PasswordTooWeak,
    ServerBusy,
    TokenError,
    TooManyRequests,
    UserNotFound,
)
from flexicharge.identity.cognito.calls import AwsRefused

NOT_AUTHORIZED: Final = "NotAuthorizedException"
USER_NOT_FOUND: Final = "UserNotFoundException"
INVALID_PARAMETER: Final = "InvalidParameterException"
CODE_MISMATCH: Final = "CodeMismatchException"
LIMIT_EXCEEDED: Final = "LimitExceededException"
TOO_MANY_FAILED: Final = "TooManyFailedAttemptsException"

AWAY: Final = "The identity provider cannot be reached."
WRONG: Final = "Incorrect username or password."
WRONG_CODE: Final = "Invalid verification code provided, please try again."
STALE_SESSION: Final = "Invalid session for the user, session is expired."
GONE: Final = "account disabled or deleted"
EXCEEDED: Final = "Attempt limit exceeded, please try after some time."
WEAK: Final = "Password did not conform with policy: "
TOO_WEAK: Final = "Password does not meet the requirements"
UNUSABLE: Final = "A parameter cannot be used."

CURE: Final = (
    "see that USER_POOL, USER_POOL_ID and USER_POOL_SECRET are of one pool in "
    "AWS_REGION, that its app client allows signing in with a password, that it has a "
    "group Admins, and that the server's AWS credentials may do this"
)

# A class, and what is said; None is AWS's own sentence.
_MEANINGS: Final[dict[str, tuple[type[IdentityError], str | None]]] = {
    NOT_AUTHORIZED: (NotAuthorized, WRONG),
    "UserNotConfirmedException": (AccountUnconfirmed, "User is not confirmed."),
    "PasswordResetRequiredException": (
        PasswordResetRequired,
        "Password reset required for the user",
    ),
    USER_NOT_FOUND: (UserNotFound, "User does not exist."),
    "UsernameExistsException": (
        NameTaken,
        "An account with the given email already exists.",
    ),
    "AliasExistsException": (
        NameTaken,
        "An account with the given email already exists.",
    ),
    CODE_MISMATCH: (CodeMismatch, WRONG_CODE),
    "ExpiredCodeException": (
        CodeExpired,
        "Invalid code provided, please request a code again.",
    ),
    INVALID_PARAMETER: (ParameterInvalid, None),
    "UserLambdaValidationException": (ParameterInvalid, None),
    "CodeDeliveryFailureException": (
        MailNotSent,
        "The verification code could not be sent.",
    ),
    LIMIT_EXCEEDED: (TooManyRequests, EXCEEDED),
    TOO_MANY_FAILED: (TooManyRequests, EXCEEDED),
    "TooManyRequestsException": (ServerBusy, EXCEEDED),
    "ThrottlingException": (ServerBusy, EXCEEDED),
}
_WEAK: Final = ("InvalidPasswordException", "PasswordHistoryPolicyViolationException")

# Of one account alone: told about one, they tell that there is one.
_OF_AN_ACCOUNT: Final = frozenset(
    {
        NOT_AUTHORIZED,
        USER_NOT_FOUND,
        CODE_MISMATCH,
        LIMIT_EXCEEDED,
        TOO_MANY_FAILED,
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "ExpiredCodeException",
        "AliasExistsException",
    }
)

# Of the whole pool, of our credentials or of AWS: told to anybody, they tell nothing.
_OF_EVERYBODY: Final = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "ForbiddenException",
        "IncompleteSignature",
        "InternalErrorException",
        "InternalFailure",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "ResourceNotFoundException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TooManyRequestsException",
        "UnrecognizedClientException",
    }
)

_log: Final = Logger()

Tell = Callable[[AwsRefused], Exception]


@contextmanager
def told(tell: Tell) -> Iterator[None]:
    """Raise what `tell` makes of a refusal in place of it, and nothing of AWS's."""
    try:
        yield
    except AwsRefused as why:
        raise tell(why) from None


def plainly(why: AwsRefused) -> Exception:
    """Return what a refusal means by itself."""
    if why.code in _WEAK:
        reason = why.sentence.rpartition(": ")[2]
        return PasswordTooWeak(WEAK + (reason or TOO_WEAK))
    if why.code not in _MEANINGS:
        return _away(why)
    error, words = _MEANINGS[why.code]
    return error(words or why.sentence or UNUSABLE)


def to_office(why: AwsRefused) -> Exception:
    """Return what an administrator hears: also what state an account is in."""
    if why.code == NOT_AUTHORIZED:
        return NotAuthorized(why.sentence or UNUSABLE)
    return plainly(why)


def to_owner(why: AwsRefused) -> Exception:
    """Return what whoever has a token hears: a token of nobody is none."""
    return TokenError(GONE) if is_no_token(why) else plainly(why)


def to_arrival(why: AwsRefused) -> Exception:
    """Return what somebody signing in hears."""
    if why.code in (NOT_AUTHORIZED, USER_NOT_FOUND, TOO_MANY_FAILED):
        return NotAuthorized(WRONG)
    if why.code == INVALID_PARAMETER and not is_malformed(why):
        return _away(why)  # such as: USER_PASSWORD_AUTH flow not enabled
    return plainly(why)


def to_challenged(why: AwsRefused) -> Exception:
    """Return what somebody hears who answers a challenge."""
    is_session = why.code == INVALID_PARAMETER and "'session'" in why.message
    if is_session or why.code in (NOT_AUTHORIZED, USER_NOT_FOUND, CODE_MISMATCH):
        return NotAuthorized(STALE_SESSION)
    return plainly(why)


def to_code_bearer(why: AwsRefused) -> Exception:
    """Return what somebody hears who has a code, or guesses one.

    AWS has one word for a code that is too old and for there being none, so both are a
    wrong code.
    """
    return CodeMismatch(WRONG_CODE) if is_of_an_account(why) else plainly(why)


def is_of_an_account(why: AwsRefused) -> bool:
    """Tell whether a refusal says something of an account, or of there being none."""
    if why.code == INVALID_PARAMETER:
        return not is_malformed(why)
    return why.code in _OF_AN_ACCOUNT


def is_of_everybody(why: AwsRefused) -> bool:
    """Tell whether a refusal would be the same for any account, and for none."""
    if why.code == INVALID_PARAMETER:
        return is_malformed(why)
    return why.code in _OF_EVERYBODY


def kept_quiet(why: AwsRefused) -> None:
    """Tell the log alone of a refusal, as an error if an operator can mend it."""
    _note(_log.debug if is_of_an_account(why) else _log.error, why)


def is_no_token(why: AwsRefused) -> bool:
    """Tell whether a refusal says that an access token lets nobody in any more."""
    return why.code in (
        NOT_AUTHORIZED,
        USER_NOT_FOUND,
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
    )


def is_wrong_password(why: AwsRefused) -> bool:
    """Tell whether the owner of a good token gave a wrong password with it."""
    return why.code == NOT_AUTHORIZED and "Token" not in why.message


def is_shut(why: AwsRefused) -> bool:
    """Tell whether an account is disabled or gone, and not just one of its tokens."""
    return why.code == USER_NOT_FOUND or why.message.startswith("User is disabled")


def is_malformed(why: AwsRefused) -> bool:
    """Tell whether a parameter was looked at alone, before any account was."""
    return "validation error" in why.message or "required parameter" in why.message


def _away(why: AwsRefused) -> IdentityAway:
    _note(_log.error, why)
    return IdentityAway(AWAY)


def _note(log: Callable[..., None], why: AwsRefused) -> None:
    log(
        "Cognito refused {operation}: {code}; {cure}",
        operation=why.operation,
        code=why.code,
        cure=CURE,
    )
