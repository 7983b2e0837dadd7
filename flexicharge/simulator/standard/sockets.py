"""The line of a charger of OCPP 1.6J."""

from __future__ import annotations

from base64 import b64encode
from typing import Final
from urllib.parse import quote

from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.sockets import ChargerSocket, SimulatorFactory
from flexicharge.simulator.standard.station import VirtualStation

SUBPROTOCOL: Final = "ocpp1.6"


def standard_factory(
    base_url: str,
    charger: VirtualStation,
    reactor: IReactorTime,
    *,
    keep_alive_s: float,
) -> SimulatorFactory:
    """Return what connects a charger to `<base_url>/ocpp/<identity>`, as OCPP-J says.

    With a password it shows it as HTTP Basic does (security profiles 1 and 2). It pings
    every `keep_alive_s` seconds, 0 for never.
    """
    identity, password = charger.serial_number, charger.password
    headers = {}
    if password is not None:
        pair = b64encode(identity.encode() + b":" + password).decode()
        headers["Authorization"] = f"Basic {pair}"
    return SimulatorFactory(
        f"{base_url.rstrip('/')}/ocpp/{quote(identity, safe='')}",
        lambda: ChargerSocket(charger, keep_alive_s),
        reactor,
        protocols=(SUBPROTOCOL,),
        headers=headers,
    )
