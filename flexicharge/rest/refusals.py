"""What a client is told whose request never got as far as to be answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from attrs import frozen

from flexicharge.rest.replies import JSON

# Browsers do not let `*` stand for Authorization (contract §4.0).
CORS: Final = {
    b"Access-Control-Allow-Origin": b"*",
    b"Access-Control-Allow-Methods": b"*",
    b"Access-Control-Allow-Headers": b"*, Authorization",
    b"Access-Control-Expose-Headers": b"*",
}


@frozen
class Refusal:
    """Why a connection ends before its request is anything to answer."""

    status: HTTPStatus
    code: str
    message: str

    def __bytes__(self) -> bytes:
        told = {
            "status": int(self.status), "code": self.code, "message": self.message,
        }  # fmt: skip
        body = msgspec.json.encode(told)
        headers = {
            **CORS,
            b"Connection": b"close",
            b"Content-Type": JSON,
            b"Content-Length": b"%d" % len(body),
        }
        status_line = f"HTTP/1.1 {int(self.status)} {self.status.phrase}".encode()
        lines = [b"%s: %s" % header for header in headers.items()]
        return b"\r\n".join([status_line, *lines, b"", body])


NO_HTTP: Final = Refusal(
    HTTPStatus.BAD_REQUEST, "badRequest", "This is not a valid HTTP/1.1 request"
)
BODY_TOO_LARGE: Final = Refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payloadTooLarge", "The body is too large"
)
TARGET_TOO_LONG: Final = Refusal(
    HTTPStatus.REQUEST_URI_TOO_LONG, "uriTooLong", "The address is too long"
)
HEAD_TOO_LARGE: Final = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headersTooLarge",
    "The headers are too many or too long",
)
