"""Whose attempts are counted together."""

from __future__ import annotations

import pytest
from klein import Klein
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.iweb import IRequest

from flexicharge.rest.clients import client_of
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.replies import json_reply
from flexicharge.testing.http import Connection


class WhenceApi:
    """Answers under what a client is counted."""

    app = Klein()

    @app.route("/whence", methods=["GET"])
    def whence(self, request: IRequest) -> bytes:
        """Answer with it."""
        return json_reply(request, client_of(request))


def counted_under(address: IAddress, clock: Clock) -> str:
    protocol = http_site(Door([WhenceApi().app]), clock).buildProtocol(address)
    connection = Connection(protocol, StringTransport(peerAddress=address))
    connection.send(b"GET /whence HTTP/1.1\r\nHost: x\r\n\r\n")
    word: str = connection.response().json
    return word


def v6(host: str) -> IPv6Address:
    return IPv6Address("TCP", host, 1)


def test_an_ipv4_address_counts_whole(clock: Clock) -> None:
    """Whether it came over a socket for both kinds of address or not."""
    plain = counted_under(IPv4Address("TCP", "192.0.2.7", 1), clock)
    assert plain == counted_under(v6("::ffff:192.0.2.7"), clock)
    assert plain != counted_under(IPv4Address("TCP", "192.0.2.8", 1), clock)
    assert plain != counted_under(v6("::ffff:192.0.2.8"), clock)


def test_an_ipv6_address_counts_with_its_network(clock: Clock) -> None:
    """One customer can use any of the addresses in it."""
    one = counted_under(v6("2001:db8:1:2::1"), clock)
    assert one == counted_under(v6("2001:db8:1:2:ffff::9"), clock)
    assert one != counted_under(v6("2001:db8:1:3::1"), clock)


@pytest.mark.parametrize("address", [UNIXAddress("/run/x"), v6("fe80::1%eth0")])
def test_any_address_counts_under_something(address: IAddress, clock: Clock) -> None:
    """A proxy on the same machine, or a neighbour on the link, is a client too."""
    assert counted_under(address, clock) == counted_under(address, clock)
