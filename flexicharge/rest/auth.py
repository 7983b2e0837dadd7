"""Accounts over HTTP: sign up, confirm the address, sign in (contract §4.4)."""

from __future__ import annotations

from typing import Final, cast

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest

from flexicharge.errors import IdentityError, ParameterInvalid
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces.people import IEntropy, IIdentity
from flexicharge.model.account import SignedIn
from flexicharge.rest.bodies import read_body
from flexicharge.rest.clients import client_of
from flexicharge.rest.identity_errors import identity_problem
from flexicharge.rest.replies import empty, json_reply
from flexicharge.rest.statuses import answering

ATTEMPTS: Final = 100
ATTEMPTS_PER_S: Final = 600.0


class AuthApi:
    """What people do before they have a token.

    An address has 100 attempts in 10 minutes; a sign-in or a right code costs none.
    """

    app = Klein()

    def __init__(
        self, identity: IIdentity, entropy: IEntropy, clock: IReactorTime
    ) -> None:
        self._identity, self._entropy, self._clock = identity, entropy, clock
        self._attempts = RateLimit(clock, ATTEMPTS, ATTEMPTS_PER_S)

    @app.route("/auth/sign-up", methods=["POST"])
    @answering()
    async def sign_up(self, request: IRequest) -> bytes:
        """Make an account and mail it a code; 200 without a body."""
        email, password = _fields(request, "username", "password")
        self._attempts.take(client_of(request))
        await self._identity.sign_up(email, password)
        return empty(request, 200)

    @app.route("/auth/verify", methods=["POST"])
    @answering()
    async def verify(self, request: IRequest) -> bytes:
        """Confirm an account with the code that was mailed; 200 without a body."""
        email, code = _fields(request, "username", "code")
        self._attempts.take(client_of(request))
        await self._identity.verify(email, code)
        self._attempts.give_back(client_of(request))
        return empty(request, 200)

    @app.route("/auth/sign-in", methods=["POST"])
    @answering()
    async def sign_in(self, request: IRequest) -> bytes:
        """Answer with an access token and whose it is."""
        email, password = _fields(request, "username", "password")
        self._attempts.take(client_of(request))
        signed_in = await self._identity.sign_in(email, password)
        self._attempts.give_back(client_of(request))
        return json_reply(request, _signed_in_json(signed_in))

    @app.handle_errors(IdentityError)
    def _would_not(self, request: IRequest, failure: Failure) -> bytes:
        why = cast(IdentityError, failure.value)
        now, request_id = self._clock.seconds(), self._entropy.uuid()
        return identity_problem(request, why, now, request_id)


def _fields(request: IRequest, *names: str) -> list[str]:
    """Return texts from a request's body; raise `ParameterInvalid` without one."""
    body = read_body(request)
    return [_text(body.get(name), name) for name in names]


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ParameterInvalid(f"Missing required parameter {name}")
    return value


def _signed_in_json(signed_in: SignedIn) -> dict[str, str]:
    account = signed_in.account
    told = {
        "accessToken": signed_in.access_token,
        "email": account.email,
        "username": account.account_id,
        "user_id": account.account_id,
    }
    if account.name:
        told["name"] = account.name
    if account.family_name:
        told["family_name"] = account.family_name
    return told
