"""The way to a Cognito user pool, for a server whose people are there."""

from __future__ import annotations

from typing import Any, Final

from twisted.python.components import proxyForInterface
from twisted.web.client import Agent

from flexicharge.config import CognitoPool
from flexicharge.errors import StartUpFailed, TokenError
from flexicharge.identity.cognito.fetching import Document
from flexicharge.identity.cognito.identity import OpenPool
from flexicharge.identity.cognito.pool import Pool
from flexicharge.identity.threads import FewThreads
from flexicharge.interfaces import IIdentity
from flexicharge.interfaces.threads import RunInThread
from flexicharge.model.account import Caller
from flexicharge.selftests.setting import is_of_a_self_test

THREADS: Final = 8
CONNECT_WITHIN_S: Final = 3.0
NOT_INSTALLED: Final = (
    "IDENTITY=cognito needs the AWS SDK, which is not installed. "
    "Install it with: pip install 'flexicharge[cognito]'"
)


def aws_threads(reactor: Any) -> FewThreads:
    """Return the threads that AWS is asked in."""
    return FewThreads(reactor, "aws", THREADS)


def open_pool(reactor: Any, told: CognitoPool, run: RunInThread) -> OpenPool:
    """Return a pool and the ways to it; raise `StartUpFailed` without the AWS SDK.

    Nothing is asked yet: a pool that cannot be reached now may be later.
    """
    pool = Pool(
        region=told.region,
        pool_id=told.pool_id,
        client_id=told.client_id,
        client_secret=told.client_secret,
        endpoint_url=told.endpoint_url,
        issuer_url=told.issuer_url,
    )
    try:
        from flexicharge.identity.cognito.aws import Aws
    except ImportError as why:
        raise StartUpFailed(NOT_INSTALLED) from why
    agent = Agent(reactor, connectTimeout=CONNECT_WITHIN_S)
    return OpenPool(
        pool=pool,
        ask=Aws(pool, run, THREADS),
        fetch_keys=Document(pool.keys_url, agent, reactor).fetch,
        check_every_s=told.check_every_s,
    )


class AlsoSelfTesters(proxyForInterface(IIdentity)):  # type: ignore[misc]
    """Everybody, and the people of the self tests, who are in our own database.

    Nobody else of those in there is let in, whoever signed their token.
    """

    def __init__(self, everybody: IIdentity, own: IIdentity) -> None:
        super().__init__(everybody)
        self._everybody, self._own = everybody, own

    async def admit(self, token: str) -> Caller:
        """Return who a token stands for; raise as `IIdentity` says."""
        try:
            caller = await self._own.admit(token)
        except TokenError:
            return await self._everybody.admit(token)
        person = await self._own.whoami(token)
        if not is_of_a_self_test(person.email):
            raise TokenError("jwt issuer invalid")
        return caller
