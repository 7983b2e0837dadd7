"""Accounts of our own: who somebody is in a network that has no Cognito."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from zope.interface import implementer

from flexicharge.identity.administration import Administration
from flexicharge.identity.entrance import Entrance
from flexicharge.identity.recovery import Recovery
from flexicharge.identity.self_service import SelfService
from flexicharge.interfaces.people import IIdentity


@implementer(IIdentity)
@frozen(kw_only=True)
class BuiltInIdentity(Entrance, Recovery, SelfService, Administration):
    """People who sign up here, with an e-mail address and a password."""

    async def published_keys(self) -> tuple[Mapping[str, str], ...]:
        """Return the public keys that tokens are verified with, as JWKs."""
        return self.tokens.published_keys(self.clock.seconds())
