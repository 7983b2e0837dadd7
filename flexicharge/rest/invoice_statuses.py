"""How what is wrong about invoices is answered (contract §4.0, §4.9)."""

from __future__ import annotations

from typing import Any, Final, Literal

from attrs import field, frozen
from twisted.web.iweb import IRequest

from flexicharge.errors import (
    IdentityAway,
    Invalid,
    InvoiceUnknown,
    NotAllowed,
    TokenError,
    TooManyRequests,
)
from flexicharge.rest.declared.gives import Told
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.desk import Desk
from flexicharge.rest.replies import json_reply, problem
from flexicharge.rest.statuses import (
    CHALLENGE,
    NothingThere,
    Problem,
    RetryLater,
    Statuses,
)

RETRY_AFTER_S: Final = 10
# In the order they are told in, dates before what else filters (contract §4.9).
CODES: Final = (
    "userIdMissing",
    "invalidUserID",
    "dateFromMissing",
    "dateToMissing",
    "invalidDateFormat",
    "dateFromGreaterThanDateTo",
    "invalidStatus",
)


class WrongInvoices(Shape):
    """What is wrong with a request about invoices (contract §4.0, shape 2)."""

    status: Literal[400]
    message: Literal["Bad Request"]
    errorCodes: list[str]


@frozen
class BadFields:
    """A 400 with an object of codes, each of them once."""

    told: Told = field(
        default=Told(400, "Fields are missing or wrong.", shape=WrongInvoices),
        init=False,
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the codes."""
        found = sorted(set(why.codes), key=CODES.index)
        told = WrongInvoices(status=400, message="Bad Request", errorCodes=found)
        return json_reply(request, told, 400)


@frozen
class NotTheirs:
    """A 401 where other routes have 403: the contract has it so for these lists."""

    told: Told = field(
        default=Told(401, "Not for you, whoever you are.", shape=Problem), init=False
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the object that the original had."""
        request.setHeader(b"WWW-Authenticate", CHALLENGE.encode())
        return problem(request, 401, TokenError.code, "Unauthorized")


@frozen
class TooMuch:
    """A 429 that says when to come back."""

    told: Told = field(
        default=Told(
            429,
            "Too many invoices, or too many at once.",
            shape=Problem,
            headers=("Retry-After",),
        ),
        init=False,
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the object that names the fault."""
        request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_S)
        return problem(request, 429, "tooManyRequests", str(why))


NOT_NOW: Final[Statuses] = {
    TooManyRequests: TooMuch(),
    IdentityAway: RetryLater("internalError"),
}
LISTING: Final[Statuses] = {
    **NOT_NOW,
    Invalid: BadFields(),
    InvoiceUnknown: NothingThere(),
}
OF_USERS: Final[Statuses] = {**LISTING, NotAllowed: NotTheirs()}
