"""An HTTP client that talks to a Site in memory: its bytes in, its bytes out."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from attrs import Factory, define, frozen
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.server import Site


@frozen
class Response:
    """A whole response as a client sees it."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the last value of a header."""
        values = self.headers.getRawHeaders(name)
        return values[-1] if values else None

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return msgspec.json.decode(self.body)


@define(eq=False)
class Connection:
    """One client's connection to a site."""

    protocol: IProtocol
    transport: StringTransport = Factory(StringTransport)

    def __attrs_post_init__(self) -> None:
        """Connect."""
        self.protocol.makeConnection(self.transport)

    @property
    def closed(self) -> bool:
        """True once the server has closed the connection, gently or not."""
        return self.transport.disconnecting or self.transport.disconnected

    @property
    def received(self) -> bytes:
        """What the server has sent so far."""
        sent: bytes = self.transport.value()
        return sent

    def send(self, data: bytes) -> None:
        """Send bytes, as they are."""
        self.protocol.dataReceived(data)

    def hang_up(self) -> None:
        """Go away."""
        self.protocol.connectionLost(Failure(ConnectionDone()))

    def response(self, *, to_head: bool = False) -> Response:
        """Take the oldest whole response; fail if there is none."""
        head, found, rest = self.received.partition(b"\r\n\r\n")
        if not found:
            raise AssertionError("no response yet")
        status_line, *lines = head.split(b"\r\n")
        headers = Headers()
        for line in lines:
            name, _, value = line.partition(b": ")
            headers.addRawHeader(name, value)
        length = int((headers.getRawHeaders(b"Content-Length") or [b"0"])[0])
        length = 0 if to_head else length
        if len(rest) < length:
            raise AssertionError("only a part of a response yet")
        self.transport.clear()
        self.transport.write(rest[length:])
        return Response(int(status_line.split()[1]), headers, rest[:length])


@frozen
class HttpClient:
    """Sends requests to a site, each over a connection of its own."""

    site: Site

    def connect(self) -> Connection:
        """Open a connection."""
        return Connection(cast("IProtocol", self.site.buildProtocol(None)))

    def begin(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes = b"",
        token: str | None = None,
        **headers: str,
    ) -> Connection:
        """Send a request whose response may take time; `_` in header names is `-`."""
        if json is not None:
            body = msgspec.json.encode(json)
            headers.setdefault("content_type", "application/json")
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        headers["content_length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", "host: flexicharge.example"]
        lines += [f"{name.replace('_', '-')}: {headers[name]}" for name in headers]
        connection = self.connect()
        connection.send("\r\n".join([*lines, "", ""]).encode() + body)
        return connection

    def request(self, method: str, path: str, **parts: Any) -> Response:
        """Send a request, with the parts that `begin` takes; return its response."""
        connection = self.begin(method, path, **parts)
        response = connection.response(to_head=method == "HEAD")
        connection.hang_up()
        return response

    def get(self, path: str, **parts: Any) -> Response:
        """Send a GET."""
        return self.request("GET", path, **parts)
