"""The root of the HTTP side: finds who answers, and answers for nobody.

What is not there is told as the original told it: an unknown path and a wrong method
alike are 404 with a page that says so (contract §4.0, shape 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        paths = [] if segments is None else self._routes.fitting(segments)
        if paths and request.method == b"OPTIONS":
            return _methods(request, paths)
        method = request.method.decode("latin-1")
        for path in paths:
            if method in path.resources:
                request.postpath = path.spelled(segments or ())
                rendered: bytes | int = path.resources[method].render(request)
                return rendered
        return _cannot(request, method)


def _methods(request: Request, paths: Sequence[Path]) -> bytes:
    """Answer OPTIONS, for which nobody needs a token (contract §4.0)."""
    methods = ",".join(sorted({method for path in paths for method in path.resources}))
    request.setHeader(b"Allow", methods.encode())
    return text_reply(request, methods)


def _cannot(request: Request, method: str) -> bytes:
    request.setHeader(b"Content-Security-Policy", b"default-src 'none'")
    request.setHeader(b"X-Content-Type-Options", b"nosniff")
    if method == "HEAD":  # which Twisted would log whole if it had a body
        return empty(request, 404)
    cannot = f"Cannot {method} {quote(request.path, safe=URL_SIGNS)}"
    return html_reply(request, PAGE.format(escape(cannot)), 404)
