"""How the server finds its own ports."""

from __future__ import annotations

import pytest
from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.web.client import URI
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.config import read_settings
from flexicharge.service.own_ports import QuietEndpoint, QuietEndpoints, own_ports


@pytest.mark.parametrize(
    ("interface", "host"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("::1", "[::1]"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_the_ports_are_where_they_were_bound(interface: str, host: str) -> None:
    """Whatever was asked for: the ports of the sockets, at an address that works."""
    asked = {"HTTP_INTERFACE": interface, "OCPP_INTERFACE": interface, "PORT": "0"}
    settings = read_settings({**asked, "OCPP_PORT": "0"}).listening_on(81, 1338)
    ports = own_ports(MemoryReactorClock(), settings)
    assert ports.http_url == f"http://{host}:81"
    assert ports.ws_url == f"ws://{host}:1338"


@implementer(IStreamClientEndpoint)
@define
class FakeEndpoint:
    """An endpoint that keeps what it was to connect."""

    factory: Factory | None = None

    def connect(self, protocolFactory: Factory) -> Deferred[object]:
        """Keep the factory."""
        self.factory = protocolFactory
        return Deferred()


def test_its_connections_leave_no_line_in_the_log() -> None:
    """Dozens of them, at every save of a file."""
    endpoint = FakeEndpoint()
    quiet, factory = QuietEndpoint(endpoint), Factory()
    verifyObject(IStreamClientEndpoint, quiet)
    quiet.connect(factory)
    assert endpoint.factory is factory
    assert factory.noisy is False


def test_an_address_of_ipv6_is_one() -> None:
    """The endpoint takes it for an address, and not for a name."""
    uri = URI.fromBytes(b"http://[::1]:8080/tests/ocpp")
    made = QuietEndpoints(MemoryReactorClock()).endpointForURI(uri)
    assert "HostnameEndpoint [::1]:8080" in repr(made)
