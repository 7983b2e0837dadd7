"""Connecting a virtual charger's or driver's socket over TCP or TLS."""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.defer import CancelledError
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.ssl import optionsForClientTLS

from flexicharge.simulator.deadline import by_deadline
from flexicharge.simulator.errors import ServerHung, ServerNotThere, said
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket


async def dial(
    reactor: Any, factory: SimulatorFactory, within_s: float
) -> SimulatorSocket:
    """Return an open socket to the factory's URL.

    `reactor` provides time, TCP and name resolution. Raise `ServerNotThere`,
    `ServerRefused` with the handshake's HTTP status, `LinkLost`, or `ServerHung` after
    `within_s` seconds.
    """
    return await open_on(_endpoint(reactor, factory), factory, within_s)


async def open_on(
    endpoint: IStreamClientEndpoint, factory: SimulatorFactory, within_s: float
) -> SimulatorSocket:
    """Do what `dial` does, on a given endpoint."""
    clock, where = factory.reactor, f"{factory.host}:{factory.port}"
    hung = f"{where} opened no WebSocket within {within_s:g} s"
    deadline = clock.seconds() + within_s
    connecting = endpoint.connect(factory)
    try:
        made = await by_deadline(connecting, within_s, clock, hung)
    except (ConnectError, DNSLookupError) as why:
        raise ServerNotThere(f"Nobody answers at {where}: {said(why)}") from None
    socket = cast("SimulatorSocket", made)
    left_s = max(0.0, deadline - clock.seconds())
    try:
        await by_deadline(socket.settled, left_s, clock, hung)
    except (ServerHung, CancelledError):
        socket.give_up()
        raise
    if socket.trouble:
        raise socket.trouble
    return socket


def _endpoint(reactor: Any, factory: SimulatorFactory) -> IStreamClientEndpoint:
    endpoint = HostnameEndpoint(reactor, factory.host.encode(), factory.port)
    if factory.isSecure:
        return wrapClientTLS(optionsForClientTLS(factory.host), endpoint)
    return endpoint
