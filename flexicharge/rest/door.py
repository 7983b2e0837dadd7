"""The root of the HTTP side: finds who answers, and answers for nobody.

What is not there is told as the original told it, with a page that says so (contract
§4.0, shape 5). A method that a path does not have is 405 with those that it has (RFC
9110 §15.5.6), where the original said 404: no client ever branched on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from klein import Klein
from twisted.web.resource import Resource
from twisted.web.server import Request

from flexicharge.rest.replies import empty, html_reply, text_reply
from flexicharge.rest.routes import Path, Routes, asked_segments

URL_SIGNS: Final = "%/:?#[]@!$&'()*+,;="
PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>{}</pre>
</body>
</html>
"""


class Door(Resource):
    """Leads each request to the Klein app that has its path."""

    isLeaf = True

    def __init__(self, apps: Iterable[Klein]) -> None:
        super().__init__()
        self._routes = Routes(apps)

    def render(self, request: Request) -> bytes | int:
        """Answer, or say NOT_DONE_YET and let a handler answer."""
        segments = asked_segments(request.path, request.postpath or ())
        path = None if segments is None else self._routes.fitting(segments)
        if path is None:
            return _cannot(request, 404)
        if request.method == b"OPTIONS":
            return _methods(request, path)
        resource = path.resources.get(request.method.decode("latin-1"))
        if resource is None:
            request.setHeader(b"Allow", path.methods.encode())
            return _cannot(request, 405)
        request.postpath = path.spelled(segments or ())
        rendered: bytes | int = resource.render(request)
        return rendered


def _methods(request: Request, path: Path) -> bytes:
    """Answer OPTIONS, for which nobody needs a token (contract §4.0)."""
    request.setHeader(b"Allow", path.methods.encode())
    return text_reply(request, path.methods)


def _cannot(request: Request, status: int) -> bytes:
    method = request.method.decode("latin-1")
    request.setHeader(b"Content-Security-Policy", b"default-src 'none'")
    request.setHeader(b"X-Content-Type-Options", b"nosniff")
    if method == "HEAD":  # which Twisted would log whole if it had a body
        return empty(request, status)
    cannot = f"Cannot {method} {quote(request.path, safe=URL_SIGNS)}"
    return html_reply(request, PAGE.format(escape(cannot)), status)
