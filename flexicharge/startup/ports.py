"""All ports of the server, bound together."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from attrs import frozen

from flexicharge.config import Settings
from flexicharge.startup.listening import (
    HTTP,
    OCPP,
    OCPP_MTLS,
    OCPP_TLS,
    bind,
    port_of,
)


@frozen(kw_only=True)
class Ports:
    """Listening sockets that do not block; those that speak TLS may be off."""

    http: socket.socket
    ocpp: socket.socket
    tls: socket.socket | None
    mtls: socket.socket | None

    def named_in(self, settings: Settings) -> Settings:
        """Return settings with these ports in place of 0."""
        return settings.listening_on(
            port_of(self.http),
            port_of(self.ocpp),
            tls_port=None if self.tls is None else port_of(self.tls),
            mtls_port=None if self.mtls is None else port_of(self.mtls),
        )


def bind_ports(settings: Settings, undo: ExitStack) -> Ports:
    """Return the ports that settings ask for; `undo` closes them.

    Raise `StartUpFailed`, naming the setting that mends it.
    """
    here = settings.ocpp_interface
    tls, mtls = settings.ocpp_tls_port, settings.ocpp_mtls_port
    http = bind(HTTP, settings.http_interface, settings.http_port)
    return Ports(
        http=undo.enter_context(http),
        ocpp=undo.enter_context(bind(OCPP, here, settings.ocpp_port)),
        tls=None if tls is None else undo.enter_context(bind(OCPP_TLS, here, tls)),
        mtls=None if mtls is None else undo.enter_context(bind(OCPP_MTLS, here, mtls)),
    )
