"""Who calls: the access token of a request, and who may do without one."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from attrs import frozen
from twisted.web.iweb import IRequest

from flexicharge.errors import NotAllowed, TokenError
from flexicharge.model.account import GUEST, Caller
from flexicharge.rest.desk import Desk

NO_TOKEN: Final = "No authorization token was found"
BAD_FORMAT: Final = "Format is Authorization: Bearer [token]"
INSUFFICIENT: Final = "Insufficient scope"
SCHEME: Final = "accessToken"

NOBODY: Final = Caller(user_id="", groups=frozenset(), expires_at=math.inf)
A_GUEST: Final = Caller(user_id=GUEST, groups=frozenset(), expires_at=math.inf)


def token_of(request: IRequest) -> str:
    """Return a request's access token; raise `TokenError` if it has none."""
    headers: list[bytes] = request.requestHeaders.getRawHeaders(b"Authorization", [])
    if not any(headers):
        raise TokenError(NO_TOKEN)
    words = headers[0].split()
    if len(headers) > 1 or len(words) != 2 or words[0].lower() != b"bearer":
        raise TokenError(BAD_FORMAT)
    return words[1].decode("latin-1")


def has_token(request: IRequest) -> bool:
    """Tell whether a request says anything about who calls."""
    return any(request.requestHeaders.getRawHeaders(b"Authorization", []))


async def caller_of(request: IRequest, desk: Desk) -> Caller:
    """Return who calls; raise `TokenError`, or `DatabaseAway`."""
    return await desk.identity.admit(token_of(request))


async def anybody(request: IRequest, desk: Desk) -> Caller:
    """Let everybody in, and look at no token."""
    return NOBODY


async def user(request: IRequest, desk: Desk) -> Caller:
    """Let in whoever has a token."""
    return await caller_of(request, desk)


async def admin(request: IRequest, desk: Desk) -> Caller:
    """Let administrators in; raise `NotAllowed` for other people."""
    caller = await caller_of(request, desk)
    if not caller.is_admin:
        raise NotAllowed(INSUFFICIENT)
    return caller


async def old_app(request: IRequest, desk: Desk) -> Caller:
    """Let in whoever has a token, and guests where they are welcome (design §7.9)."""
    if desk.legacy_open and not has_token(request):
        return A_GUEST
    return await caller_of(request, desk)


async def anybody_known(request: IRequest, desk: Desk) -> Caller:
    """Let everybody in; who has a token is known by it, and it must be good."""
    return await caller_of(request, desk) if has_token(request) else NOBODY


async def tester(request: IRequest, desk: Desk) -> Caller:
    """Let administrators in, and anybody where a server tests itself anyway."""
    return NOBODY if desk.open_self_tests else await admin(request, desk)


@frozen
class Who:
    """Who may call: how that is found out, and whether a token is needed or read.

    `open_by` names the flag of `Desk` under which nobody needs one.
    """

    admit: Callable[[IRequest, Desk], Awaitable[Caller]]
    reads_token: bool = True
    needs_token: bool = True
    only_admins: bool = False
    open_by: str = ""

    def security(self, opened: Collection[str]) -> list[dict[str, list[str]]]:
        """Return what OpenAPI says of it, where these flags of `Desk` are set."""
        if not self.reads_token:
            return []
        may_do_without = self.open_by in opened or not self.needs_token
        return [*([{}] if may_do_without else []), {SCHEME: []}]


ANYBODY: Final = Who(anybody, reads_token=False, needs_token=False)
ANYBODY_KNOWN: Final = Who(anybody_known, needs_token=False)
USER: Final = Who(user)
ADMIN: Final = Who(admin, only_admins=True)
OLD_APP: Final = Who(old_app, open_by="legacy_open")
TESTER: Final = Who(tester, only_admins=True, open_by="open_self_tests")
