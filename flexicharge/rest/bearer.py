"""Who calls: the access token of a request, and the answers to those without one."""

from __future__ import annotations

from typing import Final

from twisted.web.iweb import IRequest

from flexicharge.errors import NotAllowed, TokenError
from flexicharge.interfaces.people import IIdentity
from flexicharge.model.account import ADMINS, Caller
from flexicharge.rest.replies import problem, text_reply

NO_TOKEN: Final = "No authorization token was found"
BAD_FORMAT: Final = "Format is Authorization: Bearer [token]"
INSUFFICIENT: Final = "Insufficient scope"
CHALLENGE: Final = f'Bearer scope="{ADMINS}", error="{INSUFFICIENT}"'


async def caller_of(request: IRequest, identity: IIdentity) -> Caller:
    """Return who calls; raise `TokenError`, or `DatabaseAway`."""
    return await identity.admit(_token_of(request))


async def admin_of(request: IRequest, identity: IIdentity) -> Caller:
    """Return which administrator calls; raise as `caller_of`, or `NotAllowed`."""
    caller = await caller_of(request, identity)
    if not caller.is_admin:
        raise NotAllowed(INSUFFICIENT)
    return caller


def unauthorised(request: IRequest, why: TokenError) -> bytes:
    """Answer 401 with what is wrong with the token (contract §4.0)."""
    request.setHeader(b"WWW-Authenticate", b"Bearer")
    return problem(request, 401, TokenError.code, str(why))


def forbidden(request: IRequest, _: NotAllowed) -> bytes:
    """Answer 403 in plain text, as to all who are not admins (contract §4.0)."""
    request.setHeader(b"WWW-Authenticate", CHALLENGE.encode())
    return text_reply(request, INSUFFICIENT, 403)


def _token_of(request: IRequest) -> str:
    headers: list[bytes] = request.requestHeaders.getRawHeaders(b"Authorization", [])
    if not any(headers):
        raise TokenError(NO_TOKEN)
    words = headers[0].split()
    if len(headers) > 1 or len(words) != 2 or words[0].lower() != b"bearer":
        raise TokenError(BAD_FORMAT)
    return words[1].decode("latin-1")
