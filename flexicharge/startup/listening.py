"""Ports, bound before the reactor runs so that a port that is taken stops the start."""

from __future__ import annotations

import errno
import socket
from typing import Final

from attrs import frozen

from flexicharge.errors import StartUpFailed

# A whole network of chargers that comes back at once; the kernel caps it (somaxconn).
BACKLOG: Final = 1024
IPV6_AND_IPV4: Final = "::"


@frozen
class Listener:
    """What one port is for, as the settings that move it are called."""

    port_setting: str
    interface_setting: str
    spare_port: int


HTTP: Final = Listener("PORT", "HTTP_INTERFACE", 8081)
OCPP: Final = Listener("OCPP_PORT", "OCPP_INTERFACE", 1338)
OCPP_TLS: Final = Listener("OCPP_TLS_PORT", "OCPP_INTERFACE", 1339)
OCPP_MTLS: Final = Listener("OCPP_MTLS_PORT", "OCPP_INTERFACE", 1340)


def bind(listener: Listener, interface: str, port: int) -> socket.socket:
    """Return a listening TCP socket that does not block, on IPv4 unless told otherwise.

    `interface` is an IP address or "" for all of IPv4. Raise `StartUpFailed`, naming
    the setting that mends it.
    """
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as why:
        raise _explained(listener, interface, port, why) from why
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            only = interface != IPV6_AND_IPV4
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        listening.bind((interface, port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as why:
        listening.close()
        raise _explained(listener, interface, port, why) from why
    return listening


def reachable(interface: str) -> str:
    """Return the address this machine reaches itself at, as it stands in a URL.

    `interface` is what it listens on.
    """
    if interface in ("", "0.0.0.0", IPV6_AND_IPV4):  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{interface}]" if ":" in interface else interface


def port_of(listening: socket.socket) -> int:
    """Return the port a socket listens on, whatever was asked for."""
    port: int = listening.getsockname()[1]
    return port


def _explained(
    listener: Listener, interface: str, port: int, why: OSError
) -> StartUpFailed:
    """Return what to tell an operator who reads nothing else."""
    asked = f"{listener.port_setting}={port}"
    where = f" on {interface}" if interface else ""
    spare = listener.spare_port if port != listener.spare_port else port + 1
    elsewhere = f"{listener.port_setting}={spare} twistd -n flexicharge"
    if why.errno == errno.EADDRINUSE:
        return StartUpFailed(
            f"{asked} is in use{where}. Stop what listens there, or take another port: "
            f"{elsewhere}"
        )
    if why.errno in (errno.EACCES, errno.EPERM):
        return StartUpFailed(
            f"{asked} may not be used by this user{where} (ports below 1024 need "
            f"privileges). Take another port: {elsewhere}"
        )
    return StartUpFailed(
        f"{listener.interface_setting}={interface} cannot be listened on with {asked} "
        f"({why.strerror}). Set {listener.interface_setting} to an address of this "
        "machine, or leave it out to listen on all of IPv4."
    )
