"""Whether whoever has a token still may come in: AWS is asked, but not every time."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.identity.cognito.answers import User, read
from flexicharge.identity.cognito.calls import Cognito
from flexicharge.identity.cognito.shared import Shared
from flexicharge.model.events import SignedOut

MAX_SEEN: Final = 10_000


@frozen
class _Seen:
    asked_at: float
    user_id: str


class Presence:
    """Asks AWS about the owner of a token, and believes it for `fresh_s` seconds.

    An answer is as old as its question; those to questions from before somebody was
    forgotten are not kept.
    """

    def __init__(self, cognito: Cognito, clock: IReactorTime, fresh_s: float) -> None:
        self._cognito, self._clock, self._fresh_s = cognito, clock, fresh_s
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()
        self._forgotten = 0
        self._shared: Shared[User] = Shared()

    async def check(self, token: str, user_id: str) -> None:
        """Return if a token's owner was let in lately, or is now; raise as `look`."""
        seen = self._seen.get(_name(token))
        if seen is None or self._clock.seconds() >= seen.asked_at + self._fresh_s:
            await self.look(token, user_id)

    async def look(self, token: str, user_id: str) -> User:
        """Return the owner of a token as AWS shows them now.

        Raise `AwsRefused` if it does not, `IdentityAway` or `TooManyRequests`.
        """
        # Who asks after somebody was forgotten joins no question from before.
        question = (_name(token), self._forgotten)
        return await self._shared.join(question, lambda: self._look(token, user_id))

    def signed_out(self, event: SignedOut) -> None:
        """Hear that tokens of somebody became void."""
        self.forget(event.user_id)

    def forget(self, user_id: str) -> None:
        """Ask again about every token of somebody."""
        self._forgotten += 1
        for name, seen in tuple(self._seen.items()):
            if seen.user_id == user_id:
                del self._seen[name]

    async def _look(self, token: str, user_id: str) -> User:
        asked_at, forgotten = self._clock.seconds(), self._forgotten
        user = read(await self._cognito.for_owner("GetUser", token), User)
        if forgotten == self._forgotten:
            self._keep(_name(token), _Seen(asked_at, user_id))
        return user

    def _keep(self, name: bytes, seen: _Seen) -> None:
        self._seen[name] = seen
        self._seen.move_to_end(name)
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)


def _name(token: str) -> bytes:
    """Return what a token goes by here: itself, it is long, and a secret."""
    return sha256(token.encode()).digest()
