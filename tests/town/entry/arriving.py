"""Standard stations at the gateway of a town: records, credentials, answers."""

from __future__ import annotations

import base64
from typing import Any, Final

from twisted.internet.task import Clock

from flexicharge.config import Settings, read_settings
from flexicharge.gateway.factory import GatewayFactory
from flexicharge.model.entry import Certificate, Tls
from flexicharge.model.site import Station, StationChanges
from flexicharge.testing.peers import Peer, connect_peer
from flexicharge.testing.town import Town

CP: Final = "CP-7"
PASSWORD: Final = "c0ffee" * 6
OTHER_PASSWORD: Final = "decade" * 6
TLS: Final = Tls(version="TLSv1.2", suite="ECDHE-ECDSA-AES128-GCM-SHA256")


def town_with(clock: Clock, **environ: str) -> Town:
    """Return a town under settings of its own."""
    return Town(clock, settings=settings_of(**environ))


def settings_of(**environ: str) -> Settings:
    """Return settings, without the demo network's own charger."""
    return read_settings({"DEMO_CHARGER": "0", **environ})


def enrol(
    town: Town, identity: str = CP, password: str | None = None, **changes: Any
) -> Station:
    """Make a station's record."""
    put = town.stores.chargers.put_station(
        identity, StationChanges(**changes), town.clock.seconds()
    )
    town.now(put)
    if password is not None:
        given = town.stores.chargers.set_credential(
            identity, credential(town, password)
        )
        town.now(given)
    return record(town, identity)


def credential(town: Town, password: str) -> bytes:
    """Return what is stored of a password."""
    return town.back_end.people.server_key.station_credential(password)


def record(town: Town, identity: str = CP) -> Station:
    """Return a station's record."""
    return town.now(town.stores.chargers.get_station(identity))


def basic(password: str | bytes, identity: str = CP) -> dict[str, str]:
    """Return the header that shows a password."""
    secret = password.encode() if isinstance(password, str) else password
    pair = base64.b64encode(identity.encode() + b":" + secret)
    return {"Authorization": f"Basic {pair.decode()}"}


def arrive(
    town: Town,
    path: str = f"/ocpp/{CP}",
    *,
    password: str | bytes | None = None,
    tls: Tls | None = None,
    **how: Any,
) -> Peer:
    """Connect as a standard charger does, over TLS if so said."""
    if password is not None:
        how["headers"] = {**how.get("headers", {}), **basic(password)}
    how.setdefault("protocols", ["ocpp1.6"])
    gateway = GatewayFactory(town.back_end.gateway.hall, town.clock, lambda _: tls)
    peer = connect_peer(gateway, town.clock, path, **how)
    town.peers.append(peer)
    for _ in range(2):  # a socket that is open already may be asked whether it lives
        town.flush()
    return peer


def arrive_with_certificate(
    town: Town, common_name: str = CP, organization: str = "FlexiCharge", **how: Any
) -> Peer:
    """Connect with a certificate that was verified in the handshake."""
    shown = Certificate(
        common_name=common_name, organization=organization, serial_number="c0de"
    )
    tls = Tls(version=TLS.version, suite=TLS.suite, certificate=shown)
    return arrive(town, tls=tls, **how)


def status(peer: Peer) -> int:
    """Return the HTTP status that a handshake was answered with."""
    return int(peer.protocol.http_status_line.split()[1])


def headers(peer: Peer) -> dict[str, str]:
    """Return the headers that it was answered with, names in small letters."""
    found: dict[str, str] = peer.protocol.http_headers
    return found


def alarms(town: Town) -> dict[str, int]:
    """Return how often each alarm was raised."""
    return dict(town.back_end.alarms.raised)
