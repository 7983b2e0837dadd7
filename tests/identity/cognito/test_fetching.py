"""A small document is fetched, and nothing bigger or slower."""

from __future__ import annotations

from typing import Any

import pytest
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeadlinePassed
from twisted.internet.task import Clock
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from flexicharge.identity.cognito.fetching import Document, NotFetched
from flexicharge.testing.deferreds import fire, result_of

URL = "https://cognito.example/pool/.well-known/jwks.json"


class Site(Resource):
    """Answers every path in one way."""

    isLeaf = True

    def __init__(
        self, body: Any = b"{}", status: int = 200, location: str = ""
    ) -> None:
        super().__init__()
        self.body, self.status, self.location = body, status, location
        self.asked: list[bytes] = []

    def render_GET(self, request: Any) -> Any:
        self.asked.append(request.uri)
        request.setResponseCode(self.status)
        if self.location:
            request.setHeader("Location", self.location)
        if self.body is NOT_DONE_YET:
            request.write(b"{")
        return self.body


def document(site: Site, clock: Clock) -> tuple[Document, RequestTraversalAgent]:
    agent = RequestTraversalAgent(site)
    return Document(URL, agent, clock), agent


def fetched(site: Site, clock: Clock) -> bytes:
    wanted, agent = document(site, clock)
    fetching = fire(wanted.fetch())
    agent.flush()
    return result_of(fetching)


def test_a_document_is_fetched(clock: Clock) -> None:
    """From the path it is at."""
    site = Site(b"a small text")
    assert fetched(site, clock) == b"a small text"
    assert site.asked == [b"/pool/.well-known/jwks.json"]
    assert fetched(Site(b""), clock) == b""


@pytest.mark.parametrize("status", [404, 500, 204])
def test_another_status_is_no_document(clock: Clock, status: int) -> None:
    """Whatever comes with it."""
    with pytest.raises(NotFetched, match=str(status)):
        fetched(Site(b"", status), clock)


def test_redirects_are_not_followed(clock: Clock) -> None:
    """Keys of elsewhere are not the pool's."""
    site = Site(b"", 302, "https://elsewhere.example/")
    with pytest.raises(NotFetched, match="302"):
        fetched(site, clock)
    assert len(site.asked) == 1


def test_what_is_too_long_is_not_read(clock: Clock) -> None:
    """A server gone mad fills no memory."""
    assert len(fetched(Site(b"x" * 65_536), clock)) == 65_536
    with pytest.raises(NotFetched, match="too long"):
        fetched(Site(b"x" * 65_537), clock)


def test_what_takes_too_long_is_given_up(clock: Clock) -> None:
    """Also when it began to come."""
    wanted, agent = document(Site(NOT_DONE_YET), clock)
    fetching: Deferred[bytes] = fire(wanted.fetch())
    agent.flush()
    clock.advance(4.9)
    assert not fetching.called
    clock.advance(0.1)
    with pytest.raises(DeadlinePassed):
        result_of(fetching)
