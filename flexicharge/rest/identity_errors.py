"""How `/auth` and `/admin` refuse: AWS's error object (contract §4.0, shape 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from attrs import field, frozen
from msgspec import Meta
from twisted.web.iweb import IRequest

from flexicharge.errors import (
    IdentityAway,
    IdentityError,
    NewPasswordRequired,
    TooManyRequests,
)
from flexicharge.rest.declared.gives import Told
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.desk import Desk
from flexicharge.rest.replies import json_reply
from flexicharge.rest.statuses import Statuses
from flexicharge.rest.times import iso_of

RETRY_AFTER_S: Final = 30


class IdentityProblem(Shape):
    """What an identity provider would not do, and why; apps branch on `code`.

    `time` is ISO 8601 in UTC to the millisecond, `retryDelay` is in milliseconds.
    """

    message: str
    code: Annotated[str, Meta(examples=["NotAuthorizedException"])]
    time: str
    requestId: str
    statusCode: int
    retryable: bool
    retryDelay: int


class NewPasswordChallenge(IdentityProblem):
    """The same, where only a new password is missing; GUI looks for `Session`."""

    ChallengeName: str
    Session: str
    ChallengeParameters: Mapping[str, str]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(requestId={self.requestId!r})"


@frozen
class Refusal:
    """The AWS error object under some status."""

    status: int
    says: str = "The identity provider would not."
    is_passing: bool = False

    @property
    def told(self) -> Told:
        """What it looks like."""
        headers = ("Retry-After",) if self.is_passing else ()
        return Told(self.status, self.says, shape=IdentityProblem, headers=headers)

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the object."""
        if self.is_passing:
            request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_S)
        told = IdentityProblem(**self.fields(why, desk))
        return json_reply(request, told, self.status)

    def fields(self, why: IdentityError, desk: Desk) -> dict[str, Any]:
        """Return what stands in every such object."""
        return {
            "message": str(why),
            "code": why.code,
            "time": iso_of(desk.clock.seconds()),
            "requestId": desk.entropy.uuid(),
            "statusCode": self.status,
            "retryable": self.is_passing,
            "retryDelay": RETRY_AFTER_S * 1000 if self.is_passing else 0,
        }


@frozen
class AskForNewPassword:
    """A 400 with the challenge: the password was right, and must be changed."""

    told: Told = field(
        default=Told(400, "A new password must be chosen.", shape=NewPasswordChallenge),
        init=False,
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the challenge."""
        challenge = NewPasswordChallenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=why.session,
            ChallengeParameters=why.parameters,
            **Refusal(400).fields(why, desk),
        )
        return json_reply(request, challenge, 400)


NOT_NOW: Final[Statuses] = {
    TooManyRequests: Refusal(429, "Too many attempts, or too much at once.", True),
    IdentityAway: Refusal(503, "The identity provider cannot be reached.", True),
}
IDENTITY: Final[Statuses] = {IdentityError: Refusal(400), **NOT_NOW}
SIGNING_IN: Final[Statuses] = {**IDENTITY, NewPasswordRequired: AskForNewPassword()}
