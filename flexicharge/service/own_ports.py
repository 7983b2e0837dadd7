"""How the server reaches its own ports, as anybody would, but without a word of it."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory
from twisted.web.client import URI, Agent
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from flexicharge.config import Settings
from flexicharge.selftests.seams import OwnPorts
from flexicharge.simulator.dial import dial
from flexicharge.startup.listening import reachable


def own_ports(reactor: Any, settings: Settings) -> OwnPorts:
    """Return the way to the ports that settings name; both must be bound by now."""
    http = f"{reachable(settings.http_interface)}:{settings.http_port}"
    ocpp = f"{reachable(settings.ocpp_interface)}:{settings.ocpp_port}"
    return OwnPorts(
        http_url=f"http://{http}",
        ws_url=f"ws://{ocpp}",
        agent=Agent.usingEndpointFactory(reactor, QuietEndpoints(reactor)),
        dial=partial(dial, reactor),
    )


@implementer(IStreamClientEndpoint)
@frozen
class QuietEndpoint:
    """Connects without two lines in the log for each connection."""

    _endpoint: IStreamClientEndpoint

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect a client."""
        cast("Factory", protocolFactory).noisy = False
        connecting: Deferred[IProtocol] = self._endpoint.connect(protocolFactory)
        return connecting


@implementer(IAgentEndpointFactory)
@frozen
class QuietEndpoints:
    """Makes endpoints for plain HTTP."""

    _reactor: Any

    def endpointForURI(self, uri: URI) -> QuietEndpoint:
        """Return the endpoint that a URI names."""
        return QuietEndpoint(HostnameEndpoint(self._reactor, uri.host, uri.port))
