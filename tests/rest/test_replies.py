"""The forms of a response that no resource's own tests look at."""

from __future__ import annotations

import pytest
from klein import Klein
from twisted.internet.task import Clock
from twisted.web.iweb import IRequest

from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.replies import empty
from flexicharge.testing.http import HttpClient


@pytest.mark.parametrize(("status", "length"), [(200, "0"), (404, "0"), (204, None)])
def test_no_body_has_a_length_and_no_type(
    clock: Clock, status: int, length: str | None
) -> None:
    """A client knows at once that nothing follows; 204 says so by itself (RFC 9110)."""
    app = Klein()
    app.route("/", methods=["GET"])(lambda request: empty(request, status))
    answer = HttpClient(http_site(Door([app]), clock)).get("/")
    assert (answer.status, answer.body) == (status, b"")
    assert answer.header("Content-Length") == length
    assert answer.header("Content-Type") is None
    assert answer.header("Transfer-Encoding") is None


def test_a_response_in_pieces_has_its_headers_once(clock: Clock) -> None:
    """What a handler writes on its own is open to scripts like all the rest."""
    app = Klein()

    @app.route("/", methods=["GET"])
    def speak(request: IRequest) -> bytes:
        request.setHeader("Content-Length", "4")
        request.write(b"on")
        return b"ce"

    answer = HttpClient(http_site(Door([app]), clock)).get("/")
    assert answer.body == b"once"
    assert answer.header("Access-Control-Allow-Origin") == "*"
