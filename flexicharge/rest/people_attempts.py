"""How much strangers may try: limits for each address that requests come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from flexicharge.errors import NewPasswordRequired
from flexicharge.identity.limits import RateLimit
from flexicharge.rest.clients import client_of

ATTEMPTS: Final = 100
ATTEMPTS_PER_S: Final = 600.0


class Attempts:
    """An address has 100 attempts in 10 minutes, whatever it tries and at whom."""

    def __init__(self, clock: IReactorTime) -> None:
        self._limit = RateLimit(clock, ATTEMPTS, ATTEMPTS_PER_S)

    def spend(self, request: IRequest) -> None:
        """Use up one for good; raise `TooManyRequests` if there is none left."""
        self._limit.take(client_of(request))

    @contextmanager
    def risk(self, request: IRequest) -> Iterator[None]:
        """Use up one, but give it back to whoever knows the secret they are asked for.

        Raise `TooManyRequests` if there is none left.
        """
        client = client_of(request)
        self._limit.take(client)
        try:
            yield
        except NewPasswordRequired:  # it is told only after the right password
            self._limit.give_back(client)
            raise
        self._limit.give_back(client)
