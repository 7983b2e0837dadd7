"""Fetching a small document over HTTP."""

from __future__ import annotations

from typing import Any, Final

import treq
from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from flexicharge.errors import FlexiChargeError

OK: Final = 200
WITHIN_S: Final = 5.0
MAX_BYTES: Final = 65_536


class NotFetched(FlexiChargeError):
    """The document was answered with another status, or was too long."""


@frozen
class Document:
    """What is at a URL; redirects are not followed."""

    _url: str
    _agent: IAgent
    _clock: IReactorTime

    async def fetch(self) -> bytes:
        """Return it within 5 seconds; raise what HTTP or the network has to say."""
        fetching = Deferred.fromCoroutine(self._fetch())
        return await fetching.addTimeout(WITHIN_S, self._clock)

    async def _fetch(self) -> bytes:
        body = bytearray()

        def take(some: bytes) -> None:
            body.extend(some)
            if len(body) > MAX_BYTES:
                raise NotFetched("it is too long")

        response: Any = await treq.get(
            self._url, agent=self._agent, allow_redirects=False
        )
        if response.code != OK:
            raise NotFetched(f"the status is {response.code}")
        await treq.collect(response, take)
        return bytes(body)
