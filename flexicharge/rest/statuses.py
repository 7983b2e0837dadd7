"""What goes wrong, as HTTP says it: one table, and what single routes say otherwise.

An error that a handler raises is looked up by its class and then by its ancestors, so
the most exact row wins; an error in no row is a fault of ours and ends as a bare 500.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from attrs import field, frozen
from twisted.web.iweb import IRequest

from flexicharge.errors import (
    BadInput,
    ConnectorBusy,
    ConnectorUnknown,
    DatabaseAway,
    FlexiChargeError,
    IdentityAway,
    Invalid,
    NotAllowed,
    NotThere,
    PaymentError,
    SessionNotStartable,
    StationError,
    Stopping,
    TokenError,
    TooManyRequests,
)
from flexicharge.model.account import ADMINS
from flexicharge.rest.bearer import INSUFFICIENT
from flexicharge.rest.declared.gives import Told
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.desk import Desk
from flexicharge.rest.replies import empty, json_reply, problem, text_reply

RETRY_AFTER_S: Final = 5
CHALLENGE: Final = f'Bearer scope="{ADMINS}", error="{INSUFFICIENT}"'
CODES: Final = {"type": "array", "items": {"type": "string"}, "minItems": 1}


class Problem(Shape):
    """What is wrong with a request (contract §4.0, shape 3)."""

    status: int
    code: str
    message: str


class Reply(Protocol):
    """How an error is answered, and what the document says of that."""

    @property
    def told(self) -> Told:
        """What it looks like."""

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer."""


Statuses = Mapping[type[FlexiChargeError], Reply]


@frozen
class Codes:
    """An array of code strings (contract §4.0, shape 1): ours, or the error's own."""

    status: int
    words: tuple[str, ...] = ()
    says: str = "Codes of what is wrong, in the order of the rules."

    @property
    def told(self) -> Told:
        """An array of words."""
        examples = {"examples": [list(self.words)]} if self.words else {}
        return Told(self.status, self.says, schema=CODES | examples)

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the codes."""
        return json_reply(request, self.words or _codes_of(why), self.status)


@frozen
class RetryLater:
    """A code string that says when to come back."""

    word: str
    status: int = 503

    @property
    def told(self) -> Told:
        """An array of one word."""
        says = "Not now: come back after `Retry-After` seconds."
        return Told(self.status, says, schema=CODES, headers=("Retry-After",))

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the word."""
        request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_S)
        return json_reply(request, [self.word], self.status)


@frozen
class NothingThere:
    """A 404 without a body: unknown, and not one's own, look alike (design §7.17)."""

    told: Told = field(
        default=Told(404, "There is no such thing, or not for you.", media_type=""),
        init=False,
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer without a body."""
        return empty(request, 404)


@frozen
class BadRequest:
    """A 400 that says what cannot be read."""

    told: Told = field(
        default=Told(400, "The request cannot be read.", shape=Problem), init=False
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the object that names the fault."""
        return problem(request, 400, "badRequest", str(why))


@frozen
class Unauthorised:
    """A 401 with what is wrong with the token (contract §4.0)."""

    told: Told = field(
        default=Told(401, "No token, or one of no use.", shape=Problem), init=False
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the object that names the fault."""
        request.setHeader(b"WWW-Authenticate", b"Bearer")
        return problem(request, 401, TokenError.code, str(why))


@frozen
class Forbidden:
    """A 403 in plain text, as to all who are not administrators (contract §4.0)."""

    told: Told = field(
        default=Told(
            403,
            "Not for you.",
            media_type="text/plain",
            schema={"type": "string", "const": INSUFFICIENT},
        ),
        init=False,
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer in two words."""
        request.setHeader(b"WWW-Authenticate", CHALLENGE.encode())
        return text_reply(request, INSUFFICIENT, 403)


def codes(status: int, *words: str, says: str = "") -> Codes:
    """Return a reply that is an array of code strings."""
    return Codes(status, words, *([says] if says else []))


def own_codes(status: int) -> Codes:
    """Return a reply that is an array of the codes that the error itself names."""
    return Codes(status)


def _codes_of(why: FlexiChargeError) -> tuple[str, ...]:
    if isinstance(why, PaymentError):
        return (why.code,)
    return cast("Invalid", why).codes


EVERYWHERE: Final[Statuses] = {
    NotThere: NothingThere(),
    BadInput: BadRequest(),
    Invalid: Codes(400),
    PaymentError: Codes(400, says="The payment provider would not."),
    TokenError: Unauthorised(),
    NotAllowed: Forbidden(),
    IdentityAway: RetryLater("identityError"),
    TooManyRequests: RetryLater("tooManyRequests", 429),
    DatabaseAway: RetryLater("dbError"),
    Stopping: RetryLater("internalError"),
}
RESERVING: Final[Statuses] = {
    StationError: codes(400, "couldNotReserveCharger"),
    ConnectorBusy: codes(400, "couldNotReserveCharger"),
    ConnectorUnknown: codes(400, "couldNotReserveCharger"),
}
STARTING: Final[Statuses] = {
    StationError: codes(400, "couldNotStartTransaction"),
    SessionNotStartable: codes(400, "couldNotStartTransaction"),
}
STOPPING: Final[Statuses] = {
    StationError: codes(400, "couldNotStopTransaction"),
}


def reply_of(table: Statuses, why: FlexiChargeError) -> Reply:
    """Return how a table has an error answered; raise the error if it does not."""
    for kind in type(why).__mro__:
        if kind in table:
            return table[kind]
    raise why
