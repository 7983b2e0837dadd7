"""People of a Cognito user pool: who somebody is where AWS knows it."""

from __future__ import annotations

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from flexicharge.identity.cognito.calls import AskAws, Cognito
from flexicharge.identity.cognito.keys import Fetch, PoolKeys
from flexicharge.identity.cognito.office import Office
from flexicharge.identity.cognito.owners import Owners
from flexicharge.identity.cognito.pool import Pool
from flexicharge.identity.cognito.presence import Presence
from flexicharge.identity.cognito.strangers import Strangers
from flexicharge.identity.cognito.tokens import PoolTokens
from flexicharge.interfaces import IBus, IIdentity


@implementer(IIdentity)
@frozen(kw_only=True, slots=False)
class CognitoIdentity(Strangers, Owners, Office):
    """People who have their accounts in a Cognito user pool.

    What is said of an error is ours, or one of AWS's own sentences where that shows
    nothing; AWS's codes are those of `IIdentity`'s errors.
    """


@frozen(kw_only=True)
class OpenPool:
    """A pool, and the ways to it.

    The owner of a token is looked up again after `check_every_s` seconds: that is how
    long what somebody does in AWS itself may go unnoticed.
    """

    pool: Pool
    ask: AskAws = field(repr=False)
    fetch_keys: Fetch = field(repr=False)
    check_every_s: float


def cognito_identity(
    opened: OpenPool, *, bus: IBus, clock: IReactorTime
) -> CognitoIdentity:
    """Return the people of a pool."""
    cognito = Cognito(opened.pool, opened.ask)
    return CognitoIdentity(
        cognito=cognito,
        bus=bus,
        clock=clock,
        presence=Presence(cognito, clock, opened.check_every_s),
        tokens=PoolTokens(opened.pool, PoolKeys(opened.fetch_keys, clock)),
    )
