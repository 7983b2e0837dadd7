"""How `/auth` says that it would not: the AWS error object clients branch on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from twisted.web.iweb import IRequest

from flexicharge.errors import IdentityError, TooManyRequests
from flexicharge.rest.replies import json_reply

RETRY_AFTER_S: Final = 30


def identity_problem(
    request: IRequest, why: IdentityError, at: float, request_id: str
) -> bytes:
    """Answer 400, or 429 to too many requests (contract §4.0, shape 4).

    `time` is ISO 8601 in UTC to the millisecond, `retryDelay` is in milliseconds.
    """
    is_throttled = isinstance(why, TooManyRequests)
    status = 429 if is_throttled else 400
    if is_throttled:
        request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_S)
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    body = {
        "message": str(why),
        "code": why.code,
        "time": time.replace("+00:00", "Z"),
        "requestId": request_id,
        "statusCode": status,
        "retryable": is_throttled,
        "retryDelay": RETRY_AFTER_S * 1000 if is_throttled else 0,
    }
    return json_reply(request, body, status)
