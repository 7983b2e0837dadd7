"""How each reason not to let somebody in reads in HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from autobahn.websocket.types import ConnectionDeny

from flexicharge.errors import (
    AlreadyTaken,
    DatabaseAway,
    FlexiChargeError,
    NoMoreStrangers,
    NotAuthorized,
    NothingInCommon,
    NotItsCertificate,
    NumbersExhausted,
    ProfileTooLow,
    ReturnsTooOften,
    StationUnknown,
    TooManyRequests,
)

Header = tuple[str, str]

SOON: Final = (("Retry-After", "60"),)
LATER: Final = (("Retry-After", "3600"),)
CHALLENGE: Final = (("WWW-Authenticate", 'Basic realm="FlexiCharge"'),)

# The first that fits counts.
STATUS_OF: Final[
    tuple[tuple[type[FlexiChargeError], HTTPStatus, tuple[Header, ...]], ...]
] = (
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS, SOON),
    (NotAuthorized, HTTPStatus.UNAUTHORIZED, CHALLENGE),
    (ProfileTooLow, HTTPStatus.FORBIDDEN, ()),
    (NotItsCertificate, HTTPStatus.FORBIDDEN, ()),
    (NothingInCommon, HTTPStatus.BAD_REQUEST, ()),
    (StationUnknown, HTTPStatus.NOT_FOUND, ()),
    (AlreadyTaken, HTTPStatus.CONFLICT, ()),
    (ReturnsTooOften, HTTPStatus.SERVICE_UNAVAILABLE, SOON),
    (NoMoreStrangers, HTTPStatus.SERVICE_UNAVAILABLE, LATER),
    (NumbersExhausted, HTTPStatus.SERVICE_UNAVAILABLE, LATER),
    (DatabaseAway, HTTPStatus.SERVICE_UNAVAILABLE, SOON),
)
REFUSALS: Final = tuple(error for error, _, _ in STATUS_OF)


class Denied(ConnectionDeny):
    """A handshake that is refused, with headers of its own."""

    def __init__(self, status: HTTPStatus, headers: Iterable[Header] = ()) -> None:
        super().__init__(int(status), status.phrase)
        self.headers = tuple(headers)


def denial_of(why: FlexiChargeError) -> Denied:
    """Return the refusal that one of `REFUSALS` comes to."""
    for error, status, headers in STATUS_OF:
        if isinstance(why, error):
            return Denied(status, headers)
    raise why
