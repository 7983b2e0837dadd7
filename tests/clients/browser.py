"""A browser that is strict about CORS, and axios in it (GUI, MYP).

What a script of another origin may send and read, after the Fetch standard: §3.2 (the
CORS protocol), §2.2.2 (safelisted request headers) and §4.8 (the preflight). No request
carries cookies, so `*` counts, except that it never stands for `Authorization`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from tests.clients.wire import Answer, ClientBroke, Wire, bearer

ORIGIN = "http://localhost:3000"
SAFE_METHODS = ("GET", "HEAD", "POST")
SAFE_HEADERS = ("accept", "accept-language", "content-language")
SAFE_TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)
NO_WILDCARD = ("authorization",)
AXIOS_ACCEPTS = "application/json, text/plain, */*"


class Blocked(ClientBroke):
    """The browser did not send a request, or kept its answer from the script."""


@frozen
class Browser:
    """Sends what a script at `origin` asks for."""

    wire: Wire
    origin: str = ORIGIN

    def fetch(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return an answer that the script may read; raise `Blocked`."""
        sent = headers or {}
        unsafe = sorted(_unsafe(sent))
        if unsafe or method not in SAFE_METHODS:
            self._preflight(method, path, unsafe)
        answer = self.wire.send(method, path, body, {**sent, "Origin": self.origin})
        self._check(answer)
        return answer

    def open_tab(self, path: str) -> Answer:
        """Return what a tab shows: no script reads it, so no CORS and no token."""
        accepts = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        return self.wire.send("GET", path, None, {"Accept": accepts})

    def _preflight(self, method: str, path: str, unsafe: list[str]) -> None:
        headers = {"Origin": self.origin, "Access-Control-Request-Method": method}
        if unsafe:
            headers["Access-Control-Request-Headers"] = ",".join(unsafe)
        answer = self.wire.send("OPTIONS", path, None, headers)
        self._check(answer)
        if not answer.is_success:
            raise Blocked(f"the preflight of {method} {path} is {answer.status}")
        methods = _listed(answer, "Access-Control-Allow-Methods")
        if method not in (*SAFE_METHODS, *methods) and "*" not in methods:
            raise Blocked(f"{method} is not of {methods}")
        _check_headers(unsafe, answer)

    def _check(self, answer: Answer) -> None:
        allowed = ", ".join(answer.headers.get_all("Access-Control-Allow-Origin", []))
        if allowed not in ("*", self.origin):
            raise Blocked(f"{self.origin} is not {allowed!r}")


@frozen
class Axios:
    """axios, with its JSON bodies and its answers read as JSON where they are any."""

    browser: Browser

    def request(
        self, method: str, path: str, data: object = None, token: str | None = None
    ) -> Answer:
        """Send a request; whatever comes back may be read."""
        headers = {"Accept": AXIOS_ACCEPTS, **bearer(token)}
        if data is None:
            return self.browser.fetch(method, path, None, headers)
        headers["Content-Type"] = "application/json"
        return self.browser.fetch(method, path, json.dumps(data).encode(), headers)


def data_of(answer: Answer) -> Any:
    """Return what axios calls `data`: JSON if the body is any, else its text."""
    text = answer.body.decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def includes(data: object, word: str) -> bool:
    """Return what `data.includes(word)` does; only text and arrays have it."""
    if not isinstance(data, str | list):
        raise ClientBroke(f"includes is not a function of {data!r}")
    return word in data


def _unsafe(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        is_safe_type = value.partition(";")[0].strip().lower() in SAFE_TYPES
        if name.lower() == "content-type" and is_safe_type:
            continue
        if name.lower() not in SAFE_HEADERS:
            yield name.lower()


def _check_headers(unsafe: list[str], answer: Answer) -> None:
    named = [name.lower() for name in _listed(answer, "Access-Control-Allow-Headers")]
    for name in unsafe:
        is_covered = "*" in named and name not in NO_WILDCARD
        if name not in named and not is_covered:
            raise Blocked(f"{name} is not of {named}")


def _listed(answer: Answer, header: str) -> list[str]:
    lines = answer.headers.get_all(header, [])
    return [word.strip() for line in lines for word in line.split(",") if word.strip()]
