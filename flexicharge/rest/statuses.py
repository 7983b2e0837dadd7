"""What goes wrong, as HTTP says it: one table, and what single routes say otherwise.

A handler is a coroutine under `answering(table)`. An error it raises is looked up by
its class and then by its ancestors, so the most exact row wins; an error in no row is a
fault of ours, which ends as a bare 500.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from twisted.web.iweb import IRequest

from flexicharge.errors import (
    BadInput,
    ConnectorBusy,
    ConnectorUnknown,
    DatabaseAway,
    FlexiChargeError,
    Invalid,
    NotAllowed,
    NotThere,
    PaymentError,
    SessionNotStartable,
    StationError,
    Stopping,
    TokenError,
)
from flexicharge.rest.bearer import forbidden, unauthorised
from flexicharge.rest.replies import empty, json_reply, problem

RETRY_AFTER_S: Final = 5

P = ParamSpec("P")
Api = TypeVar("Api")
Reply = Callable[[IRequest, Any], bytes]
Statuses = Mapping[type[FlexiChargeError], Reply]
Handler = Callable[Concatenate[Api, IRequest, P], Coroutine[Any, Any, bytes]]


def codes(status: int, *words: str) -> Reply:
    """Return a reply that is an array of code strings (contract §4.0, shape 1)."""

    def reply(request: IRequest, _: FlexiChargeError) -> bytes:
        return json_reply(request, words, status)

    return reply


def own_codes(status: int) -> Reply:
    """Return a reply that is an array of the codes that the error itself names."""

    def reply(request: IRequest, why: Invalid) -> bytes:
        return json_reply(request, why.codes, status)

    return reply


def retry_later(word: str) -> Reply:
    """Return a 503 with a code string that says when to come back."""

    def reply(request: IRequest, _: FlexiChargeError) -> bytes:
        request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_S)
        return json_reply(request, [word], 503)

    return reply


def _nothing_there(request: IRequest, _: NotThere) -> bytes:
    return empty(request, 404)


def _bad_request(request: IRequest, why: BadInput) -> bytes:
    return problem(request, 400, "badRequest", str(why))


def _own_code(request: IRequest, why: PaymentError) -> bytes:
    return json_reply(request, [why.code], 400)


EVERYWHERE: Final[Statuses] = {
    NotThere: _nothing_there,
    BadInput: _bad_request,
    Invalid: own_codes(400),
    PaymentError: _own_code,
    TokenError: unauthorised,
    NotAllowed: forbidden,
    DatabaseAway: retry_later("dbError"),
    Stopping: retry_later("internalError"),
}
RESERVING: Final[Statuses] = {
    **EVERYWHERE,
    StationError: codes(400, "couldNotReserveCharger"),
    ConnectorBusy: codes(400, "couldNotReserveCharger"),
    ConnectorUnknown: codes(400, "couldNotReserveCharger"),
}
STARTING: Final[Statuses] = {
    **EVERYWHERE,
    StationError: codes(400, "couldNotStartTransaction"),
    SessionNotStartable: codes(400, "couldNotStartTransaction"),
}
STOPPING: Final[Statuses] = {
    **EVERYWHERE,
    StationError: codes(400, "couldNotStopTransaction"),
}


def answering(
    table: Statuses = EVERYWHERE,
) -> Callable[[Handler[Api, P]], Handler[Api, P]]:
    """Make a handler answer the errors of `table` instead of raising them."""

    def decorate(handle: Handler[Api, P]) -> Handler[Api, P]:
        @wraps(handle)
        async def answer(
            api: Api, request: IRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> bytes:
            try:
                return await handle(api, request, *args, **kwargs)
            except FlexiChargeError as why:
                return _reply_of(table, why)(request, why)

        return answer

    return decorate


def _reply_of(table: Statuses, why: FlexiChargeError) -> Reply:
    for kind in type(why).__mro__:
        if kind in table:
            return table[kind]
    raise why
