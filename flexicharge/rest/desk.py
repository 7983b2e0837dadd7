"""What every collection of the API stands on to know who calls, and to answer."""

from __future__ import annotations

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces.people import IEntropy, IIdentity


@frozen(kw_only=True)
class Desk:
    """Whoever answers.

    `public_url` is where people find us, and the issuer of our tokens.
    `legacy_open` lets those without a token in as guests at the old routes,
    `open_self_tests` anybody at the self tests.
    """

    identity: IIdentity
    entropy: IEntropy
    clock: IReactorTime
    public_url: str = "http://localhost:8080"
    legacy_open: bool = False
    open_self_tests: bool = False
