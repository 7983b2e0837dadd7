"""How much strangers may try: limits for each address that requests come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from hashlib import sha256
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from flexicharge.identity.limits import Places, RateLimit
from flexicharge.rest.clients import client_of

ATTEMPTS: Final = 100
SUCCESSES: Final = 300
PER_S: Final = 600.0
GUESSES: Final = 10
GUESSES_PER_S: Final = 300.0
AT_ONCE: Final = 20  # half of those who may wait for a hash


class Attempts:
    """An address has 100 attempts in 10 minutes, whatever it tries and at whom.

    Of these 10 in 5 minutes are guesses at one account: whoever comes from elsewhere is
    not locked out by them. Those who are right have 300 in 10 minutes, since they take
    as long, and 20 at once: so nobody keeps all others waiting.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._limit = RateLimit(clock, ATTEMPTS, PER_S)
        self._all = RateLimit(clock, SUCCESSES, PER_S)
        self._guesses = RateLimit(clock, GUESSES, GUESSES_PER_S)
        self._places = Places(AT_ONCE)

    def spend(self, request: IRequest) -> None:
        """Use up one for good; raise `TooManyRequests` if there is none left."""
        self._limit.take(client_of(request))

    @contextmanager
    def risk(self, request: IRequest, who: str | None = None) -> Iterator[None]:
        """Use up one, but give it back to whoever knows the secret they are asked for.

        `who` is whose password is tried; None for codes, whose own limits are
        narrower. What nobody comes to look at costs nothing. Raise `TooManyRequests`
        if there is none left.
        """
        client = client_of(request)
        guess = nullcontext() if who is None else self._guesses.risk(_key(client, who))
        with (
            self._places.taken(client),
            self._all.counting(client),
            self._limit.risk(client),
            guess,
        ):
            yield

    def forgive(self, request: IRequest, who: str) -> None:
        """Let an address guess afresh at the account of who has shown it is theirs."""
        self._guesses.forget(_key(client_of(request), who))


def _key(client: str, who: str) -> str:
    """Return a name of few letters, whatever somebody typed: a token may be meant."""
    meant = who.strip().lower().encode("utf-8", "surrogatepass")
    return f"{client} {sha256(meant).hexdigest()}"
