"""Clients that mean no good, over real sockets: kernels have buffers of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_twisted
from attrs import define, field
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import Request

from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.channel import ARRIVES_WITHIN_S, LINGER_S, TAKEN_WITHIN_S
from flexicharge.rest.intake import EdgeSite, http_site

GET = b"GET / HTTP/1.1\r\n\r\n"
LARGE = b"x" * 16 * 1024 * 1024  # no kernel takes that at once
MOST = 5
PATIENCE_S = 10.0


class Page(Resource):
    """Answers everything with the same bytes."""

    isLeaf = True

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content, self.asked = content, 0

    def render(self, request: Request) -> bytes:
        """Return them."""
        self.asked += 1
        request.setHeader(b"Content-Length", b"%d" % len(self.content))
        return self.content


@define(eq=False)
class Client(Protocol):
    """One end of a connection that does as the test says."""

    heard: bytearray = field(factory=bytearray)
    is_over: bool = False

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self.heard += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note it."""
        self.is_over = True


Connect = Callable[[EdgeSite], Awaitable[Client]]


@pytest_twisted.async_yield_fixture
async def connect() -> AsyncIterator[Connect]:
    """Connects a client to a site, which listens on loopback for this test."""
    ports: list[Any] = []
    clients: list[Client] = []

    async def connect_to(site: EdgeSite) -> Client:
        if not ports:
            ports.append(reactor.listenTCP(0, site, interface="127.0.0.1"))
        place = TCP4ClientEndpoint(reactor, "127.0.0.1", ports[0].getHost().port)
        client: Client = await connectProtocol(place, Client())
        clients.append(client)
        return client

    yield connect_to
    for client in clients:
        client.transport.abortConnection()
    await until(lambda: all(client.is_over for client in clients))
    for port in ports:
        await until(lambda port=port: not len(port.factory.crowd))
        await port.stopListening()


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so; fail if it takes too long."""
    deadline = reactor.seconds() + PATIENCE_S
    while not is_so():
        assert reactor.seconds() < deadline
        await deferLater(reactor, 0.01)


async def rest() -> None:
    """Let everything happen that can happen now."""
    for _ in range(20):
        await deferLater(reactor, 0.005)


@pytest_twisted.ensureDeferred
async def test_a_client_that_asks_and_asks_and_never_reads_is_not_read(
    connect: Connect,
) -> None:
    """What the two kernels hold is answered, and the buffer of ours stays small."""
    page = Page(b"x" * 4096)
    client = await connect(http_site(page, reactor))
    client.transport.pauseProducing()
    client.transport.write(GET * 100_000)
    asked = -1
    while asked < page.asked:
        asked = page.asked
        await rest()
    assert 0 < asked < 50_000
    client.transport.resumeProducing()
    await until(lambda: page.asked > asked)


@pytest_twisted.ensureDeferred
async def test_a_client_that_never_reads_its_answer_is_cut_off(
    connect: Connect,
) -> None:
    """A minute for a next request that does not come, and then half a one."""
    clock, page = Clock(), Page(LARGE)
    site = http_site(page, clock)
    client = await connect(site)
    client.transport.pauseProducing()
    client.transport.write(GET)
    await until(lambda: page.asked)
    clock.advance(ARRIVES_WITHIN_S)
    await rest()
    assert len(site.crowd) == 1
    clock.advance(TAKEN_WITHIN_S)
    await until(lambda: not len(site.crowd))


@pytest_twisted.ensureDeferred
async def test_a_client_that_reads_at_last_gets_all_of_it(connect: Connect) -> None:
    """Closing waits for whoever is only slow."""
    clock, page = Clock(), Page(LARGE)
    client = await connect(http_site(page, clock))
    client.transport.pauseProducing()
    client.transport.write(b"GET / HTTP/1.0\r\n\r\n")
    await until(lambda: page.asked)
    clock.advance(TAKEN_WITHIN_S - 1)
    client.transport.resumeProducing()
    await until(lambda: client.is_over)
    assert client.heard.endswith(b"\r\n\r\n" + LARGE)
    assert clock.getDelayedCalls() == []


@pytest_twisted.ensureDeferred
async def test_a_refused_client_that_goes_on_sending_reads_why(
    connect: Connect,
) -> None:
    """Its answer is not lost to a reset, however much it had sent by then."""
    clock = Clock()
    client = await connect(http_site(Page(b""), clock))
    client.transport.write(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")
    client.transport.write(b"x" * 4 * MAX_BODY)
    await until(lambda: b"payloadTooLarge" in client.heard)
    await rest()
    assert not client.is_over
    clock.advance(LINGER_S)
    await until(lambda: client.is_over)


@pytest_twisted.ensureDeferred
async def test_a_half_open_connection_ends_in_time(connect: Connect) -> None:
    """Whether it never said anything or stopped in the middle."""
    clock = Clock()
    site = http_site(Page(b""), clock)
    clients = [await connect(site) for _ in range(3)]
    for client, sent in zip(clients, (b"", b"GET / HT", GET), strict=True):
        client.transport.write(sent)
    await until(lambda: len(site.crowd) == 3 and clients[2].heard)
    clock.advance(ARRIVES_WITHIN_S)
    await until(lambda: all(client.is_over for client in clients))


@pytest_twisted.ensureDeferred
async def test_an_idle_flood_leaves_room_for_who_asks(connect: Connect) -> None:
    """However many connect, only so many stay, and a newcomer is answered."""
    site = http_site(Page(b"page"), Clock(), most=MOST)
    flood = [await connect(site) for _ in range(8 * MOST)]
    client = await connect(site)
    client.transport.write(GET)
    await until(lambda: client.heard.endswith(b"page"))
    await until(lambda: len([one for one in flood if not one.is_over]) == MOST - 1)
    assert len(site.crowd) == MOST
