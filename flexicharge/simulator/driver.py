"""A virtual driver: what a phone app does over HTTP, with deadlines of its own."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import treq
from attrs import define, field
from hyperlink import URL
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectError, ConnectionLost, DNSLookupError
from twisted.internet.interfaces import IConsumer, IReactorTime
from twisted.web.client import ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer
from zope.interface import implementer

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.frames import JsonObject, encode, read_array
from flexicharge.simulator.deadline import by_deadline
from flexicharge.simulator.errors import (
    BadAnswer,
    LinkLost,
    ServerNotThere,
    ServerRefused,
    said,
)

FIRST_ERROR_STATUS: Final = 400
SHOWN: Final = 200  # characters of what a server says of an error
Kind = TypeVar("Kind")


@define(eq=False, kw_only=True)
class VirtualDriver:
    """A person with an app that talks to the server at `url`.

    Every method raises `ServerNotThere`, `LinkLost`, `ServerHung` after `within_s`
    seconds, `ServerRefused` with the server's status and words, or `BadAnswer`.
    """

    url: str
    agent: IAgent
    clock: IReactorTime
    within_s: float = 10.0
    user_id: str = field(default="", init=False)
    token: str = field(default="", init=False, repr=False)

    async def sign_up(self, email: str, password: str) -> None:
        """Make an account; the server mails a code (contract §4.4)."""
        await self._send("POST", "/auth/sign-up", username=email, password=password)

    async def verify(self, email: str, code: str) -> None:
        """Confirm the account with the code from the mail."""
        await self._send("POST", "/auth/verify", username=email, code=code)

    async def sign_in(self, email: str, password: str) -> None:
        """Get the token that everything below needs."""
        answer = _object(
            await self._send("POST", "/auth/sign-in", username=email, password=password)
        )
        self.token = _of(answer, "accessToken", str)
        self.user_id = _of(answer, "user_id", str)

    async def chargers(self) -> list[JsonObject]:
        """Return all chargers (contract §4.2)."""
        answer = await self._send("GET", "/chargers")
        if not isinstance(answer, list):
            raise BadAnswer("The chargers are not a list")
        return [_object(charger) for charger in answer]

    async def get(self, path: str) -> Any:
        """Return what the server says at a path, as JSON."""
        return await self._send("GET", path)

    async def reserve(self, connector_id: int) -> int:
        """Reserve a charger and open a payment; return the transaction's number."""
        answer = await self._send(
            "POST", "/transaction", connectorID=connector_id, paymentType="klarna"
        )
        return _of(_object(answer), "transactionID", int)

    async def start(self, transaction_id: int) -> JsonObject:
        """Start charging; return the transaction."""
        return _object(await self._send("PUT", f"/transaction/start/{transaction_id}"))

    async def read(self, transaction_id: int) -> JsonObject:
        """Return the transaction as it stands."""
        return _object(await self._send("GET", f"/transaction/{transaction_id}"))

    async def stop(self, transaction_id: int) -> JsonObject:
        """Stop charging; return the transaction, whose price may not be final yet."""
        return _object(await self._send("PUT", f"/transaction/stop/{transaction_id}"))

    async def _send(self, method: str, path: str, **body: object) -> Any:
        """Return what the server answers as JSON, or None where it says nothing."""
        exchange = Deferred.fromCoroutine(self._exchange(method, path, body))
        within_s = self.within_s
        hung = f"{self.url} did not answer {method} {path} within {within_s:g} s"
        try:
            status, content = await by_deadline(exchange, within_s, self.clock, hung)
        except (ConnectError, DNSLookupError) as why:
            raise ServerNotThere(f"Nobody answers at {self.url}: {said(why)}") from None
        except (ResponseFailed, ConnectionLost) as why:
            raise LinkLost(
                f"{self.url} broke off {method} {path}: {said(why)}"
            ) from None
        if status >= FIRST_ERROR_STATUS:
            raise ServerRefused(status, _words(content))
        return _json(content) if content.strip() else None

    async def _exchange(
        self, method: str, path: str, body: JsonObject
    ) -> tuple[int, bytes]:
        headers = Headers({"Content-Type": ["application/json"]} if body else {})
        if self.token:
            headers.setRawHeaders("Authorization", [f"Bearer {self.token}"])
        response = await self.agent.request(
            method.encode(),
            _address(f"{self.url.rstrip('/')}{path}"),
            headers,
            _Body(encode(body)) if body else None,
        )
        return response.code, await treq.content(response)


@implementer(IBodyProducer)
class _Body:
    """A request's body, written at once: treq's asks the global reactor for time."""

    def __init__(self, content: bytes) -> None:
        self._content, self.length = content, len(content)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self._content)
        return succeed(None)

    def pauseProducing(self) -> None:
        """There is nothing left to pause."""

    def resumeProducing(self) -> None:
        """There is nothing left to resume."""

    def stopProducing(self) -> None:
        """There is nothing left to stop."""


def _address(url: str) -> bytes:
    """Return a URL as it is sent; hyperlink takes no IPv6 address for a host."""
    if url.isascii():
        return url.encode()
    return URL.from_text(url).to_uri().to_text().encode()


def _json(content: bytes) -> Any:
    try:
        return read_array(b"[%b]" % content)[0]
    except (MalformedFrame, IndexError):
        raise BadAnswer("The answer is not JSON") from None


def _object(value: Any) -> JsonObject:
    if not isinstance(value, dict):
        raise BadAnswer("The answer is not a JSON object")
    return value


def _of(answer: JsonObject, key: str, kind: type[Kind]) -> Kind:
    value = answer.get(key)
    if not isinstance(value, kind):
        raise BadAnswer(f"The answer has no {key}")
    return value


def _words(content: bytes) -> str:
    """Return the server's own words in any of its error bodies (contract §4.0).

    No more than a line of a terminal can show, and nothing that would move its cursor.
    """
    try:
        answer = _json(content)
    except BadAnswer:
        return ""
    if isinstance(answer, list):
        words = ", ".join(map(str, answer))
    elif isinstance(answer, dict):
        words = str(answer.get("message") or answer.get("code") or "")
    else:
        words = str(answer)
    return "".join(each if each.isprintable() else "?" for each in words[:SHOWN])
