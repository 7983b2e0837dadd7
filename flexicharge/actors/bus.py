"""The bus inside one process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeadlinePassed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.errors import CallTimedOut, ChargerOffline
from flexicharge.interfaces import IBus

Answer = Callable[[Any], Awaitable[Any]]
Listener = Callable[[Any], None]


@implementer(IBus)
@define(eq=False, repr=False)
class LocalBus:
    """Serves addresses and topics of this process only."""

    _clock: IReactorTime
    _servers: dict[str, Answer] = field(factory=dict, init=False)
    _listeners: dict[str, list[Listener]] = field(factory=dict, init=False)
    _log = Logger()

    def serve(self, address: str, answer: Answer) -> Callable[[], None]:
        """Answer requests to `address`; the newest server of an address wins."""
        self._servers[address] = answer

        def take_back() -> None:
            if self._servers.get(address) is answer:
                del self._servers[address]

        return take_back

    async def request(self, address: str, message: object, timeout: float) -> Any:
        """Return what the server of `address` answers within `timeout` seconds."""
        answer = self._servers.get(address)
        if answer is None:
            raise ChargerOffline(address)
        return await _within(timeout, answer(message), self._clock)

    async def is_served(self, address: str) -> bool:
        """Tell whether anybody serves `address`."""
        return address in self._servers

    def is_known(self, name: str) -> bool:
        """Tell whether anybody serves an address or listens on a topic of a name."""
        return name in self._servers or name in self._listeners

    def publish(self, topic: str, message: object) -> None:
        """Hand `message` to everyone who listens on `topic` at this moment."""
        for listener in tuple(self._listeners.get(topic, ())):
            try:
                listener(message)
            except Exception:  # one listener's fault is not another's
                self._log.failure("a listener on {topic} failed", topic=topic)

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each message until the returned function is called."""
        self._listeners.setdefault(topic, []).append(listener)

        def unsubscribe() -> None:
            listeners = self._listeners.get(topic, [])
            if listener in listeners:
                listeners.remove(listener)
            if not listeners:
                self._listeners.pop(topic, None)

        return unsubscribe


async def _within(timeout: float, answer: Awaitable[Any], clock: IReactorTime) -> Any:
    async def wait() -> Any:
        return await answer

    try:
        return await Deferred.fromCoroutine(wait()).addTimeout(timeout, clock)
    except DeadlinePassed:
        raise CallTimedOut(f"no answer within {timeout:g} s") from None
