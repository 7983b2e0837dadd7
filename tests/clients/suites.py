"""How the test suites of the original ask, and what they hold an answer to."""

from __future__ import annotations

from typing import Any

from tests.clients.wire import Answer, Wire, json_of

UTF_8 = "utf-8"


def requests_at(port: int) -> Wire:
    """Return what Python's `requests` sends with."""
    return Wire(port, {"User-Agent": "python-requests/2.28.1", "Accept": "*/*"})


def read(answer: Answer) -> Any:
    """Return the JSON of an answer; its encoding is exactly this word."""
    assert answer.charset == UTF_8
    return json_of(answer.in_utf8())
