"""HTTP as a client puts it on the wire: path and bytes go out exactly as given."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from email.message import Message
from typing import Any

from attrs import field, frozen

PATIENCE_S = 20.0


class ClientBroke(AssertionError):
    """The client would crash, or show nothing, on what it was given."""


@frozen
class Answer:
    """What came back."""

    status: int
    headers: Message = field(repr=False)
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether it is any 2xx."""
        return 200 <= self.status < 300

    @property
    def charset(self) -> str | None:
        """The encoding that the Content-Type names, letter for letter."""
        named = self.headers.get_param("charset")
        return named if isinstance(named, str) else None

    def in_utf8(self) -> str:
        """Return the body as a client reads it that takes all JSON for UTF-8."""
        return self.body.decode()

    def expect(self, *statuses: int) -> Answer:
        """Return this; break the client if the status is none of those."""
        if self.status not in statuses:
            raise ClientBroke(f"{self.status} is not of {statuses}: {self.body!r}")
        return self

    def expect_success(self) -> Answer:
        """Return this; break the client if it is no 2xx."""
        if not self.is_success:
            raise ClientBroke(f"{self.status}: {self.body!r}")
        return self


@frozen
class Wire:
    """Where the server is; `always` are the headers that a client always sends."""

    port: int
    always: Mapping[str, str] = field(factory=dict)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request; return the answer."""
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        ) as connection:
            sent = {**self.always, **(headers or {})}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def send_json(
        self, method: str, path: str, value: object, token: str | None = None
    ) -> Answer:
        """Send a JSON body, and a bearer token if there is one."""
        headers = {"Content-Type": "application/json", **bearer(token)}
        return self.send(method, path, json.dumps(value).encode(), headers)

    def get(self, path: str, token: str | None = None) -> Answer:
        """Ask for something, with a bearer token if there is one."""
        return self.send("GET", path, None, bearer(token))


def bearer(token: str | None) -> dict[str, str]:
    """Return the header that shows a token."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def json_of(text: str) -> Any:
    """Return what JSON says; break the client if it is none."""
    try:
        return json.loads(text)
    except ValueError as why:
        raise ClientBroke(f"no JSON: {text!r}") from why


def rows_of(value: object) -> list[Any]:
    """Return the rows of an array; break the client if it is none."""
    if not isinstance(value, list):
        raise ClientBroke(f"no array: {value!r}")
    return value
