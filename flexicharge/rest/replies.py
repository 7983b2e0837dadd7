"""The few forms a response has, whatever it is about."""

from __future__ import annotations

from typing import Final

import msgspec
from twisted.web import http
from twisted.web.iweb import IRequest

JSON: Final = b"application/json; charset=utf-8"


def json_reply(request: IRequest, value: object, status: int = 200) -> bytes:
    """Answer with `value` as JSON; its encoding is named, as the clients' tests ask."""
    return _reply(request, status, JSON, msgspec.json.encode(value))


def text_reply(request: IRequest, text: str, status: int = 200) -> bytes:
    """Answer with plain text."""
    return _reply(request, status, b"text/plain; charset=utf-8", text.encode())


def html_reply(request: IRequest, page: str, status: int = 200) -> bytes:
    """Answer with a page; whatever came from outside must be escaped already."""
    return _reply(request, status, b"text/html; charset=utf-8", page.encode())


def bytes_reply(request: IRequest, content: bytes, content_type: str) -> bytes:
    """Answer 200 with bytes of some kind."""
    return _reply(request, 200, content_type.encode(), content)


def empty(request: IRequest, status: int) -> bytes:
    """Answer with a status and no body."""
    request.setResponseCode(status)
    if status != http.NO_CONTENT:
        request.setHeader(b"Content-Length", b"0")
    return b""


def problem(request: IRequest, status: int, code: str, message: str) -> bytes:
    """Answer with the object that names a request's fault (contract §4.0, shape 3)."""
    told = {"status": status, "code": code, "message": message}
    return json_reply(request, told, status)


def _reply(request: IRequest, status: int, content_type: bytes, body: bytes) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", content_type)
    request.setHeader(b"Content-Length", b"%d" % len(body))
    return body
