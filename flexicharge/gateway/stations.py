"""Receives stations, on whichever path: their record says what they speak and show."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from autobahn.websocket.types import ConnectionRequest
from twisted.logger import Logger

from flexicharge.actors.admission import Gatekeeper
from flexicharge.actors.arrivals import Admission, Arrival
from flexicharge.actors.directory import StationDirectory
from flexicharge.actors.enrolment import Enrolment
from flexicharge.actors.supervisor import Supervisor
from flexicharge.errors import FlexiChargeError, StationUnknown, TooManyRequests
from flexicharge.gateway.basic import shown_in
from flexicharge.gateway.denials import REFUSALS, denial_of
from flexicharge.gateway.ends import ChargerEnd, StrangerEnd
from flexicharge.gateway.paths import ChargerPath, StationPath
from flexicharge.gateway.peers import TrustedProxies
from flexicharge.gateway.socket import Role, Socket
from flexicharge.gateway.subprotocols import agreed, agreed_in_dialect
from flexicharge.model.site import MAX_IDENTITY, Protocol, Station
from flexicharge.ocpp.dialect_replies import SERIAL_UNKNOWN

SHOWN: Final = 200  # characters of what a stranger offers, in a line of the log


@frozen(kw_only=True)
class StationHall:
    """Where stations' handshakes are received."""

    directory: StationDirectory
    enrolment: Enrolment
    gatekeeper: Gatekeeper
    supervisor: Supervisor
    proxies: TrustedProxies
    _log = Logger()

    async def receive(
        self, socket: Socket, request: ConnectionRequest, path: StationPath
    ) -> tuple[Role, str | None]:
        """Return a station's end and subprotocol; raise `Denied`.

        On the dialect's paths, somebody whom nobody knows is told so on an open socket
        (contract §3.3).
        """
        arrival = self._arrival(socket, request, path)
        try:
            station = await self._record(request, path, arrival)
            if station.protocol is Protocol.DIALECT:
                subprotocol = agreed_in_dialect(request.protocols)
            else:
                subprotocol = agreed(request.protocols, station.protocol)
            admission = await self.gatekeeper.admit(station, arrival)
        except REFUSALS as why:
            return self._turn_away(socket, path, arrival, why), None
        self._tell(socket, request, admission, subprotocol)
        return self._end(socket, arrival, admission), subprotocol

    def turned_away(self, socket: Socket, why: str) -> None:
        """Take note of somebody with whom no TLS session came about."""
        self.enrolment.turned_away(socket.address, why)

    async def _record(
        self,
        request: ConnectionRequest,
        path: StationPath,
        arrival: Arrival,
    ) -> Station:
        if isinstance(path, ChargerPath):
            return await self.directory.find(path.identity)
        try:
            return await self.directory.find_like(path.identity)
        except StationUnknown:
            registration = self.enrolment.meet(arrival)
            named = [] if path.version is None else [path.version.value]
            agreed(request.protocols or named, Protocol.OCPP_1_6)
            return await self.enrolment.take_in(arrival, registration)

    def _arrival(
        self,
        socket: Socket,
        request: ConnectionRequest,
        path: StationPath,
    ) -> Arrival:
        address = socket.address
        headers = request.headers
        return Arrival(
            identity=path.identity,
            peer=self.proxies.peer(address, headers.get("x-forwarded-for")),
            shown=shown_in(headers.get("authorization"), path.identity),
            tls=socket.tls,
            is_secured=socket.tls is not None
            or self.proxies.secured(address, headers.get("x-forwarded-proto")),
        )

    def _end(
        self, socket: Socket, arrival: Arrival, admission: Admission
    ) -> ChargerEnd:
        return ChargerEnd(
            socket,
            admission.station.serial_number,
            arrival.peer,
            admission.entry,
            lambda end: self.supervisor.adopt(end, admission.station),
        )

    def _turn_away(
        self,
        socket: Socket,
        path: StationPath,
        arrival: Arrival,
        why: FlexiChargeError,
    ) -> StrangerEnd:
        """Return the end that tells a stranger so; raise `Denied` for all others."""
        is_unheard = isinstance(why, TooManyRequests)
        tell = self._log.debug if is_unheard else self._log.warn
        tell(
            "{identity!r} from {peer} is refused: {kind}, {why}",
            identity=arrival.identity[:MAX_IDENTITY],
            peer=arrival.peer,
            kind=type(why).__name__,
            why=why,
        )
        if isinstance(why, StationUnknown) and isinstance(path, ChargerPath):
            return StrangerEnd(socket, SERIAL_UNKNOWN)
        raise denial_of(why) from None

    def _tell(
        self,
        socket: Socket,
        request: ConnectionRequest,
        admission: Admission,
        subprotocol: str | None,
    ) -> None:
        """Log how a station came in, and what it needed for it."""
        self._log.info(
            "{serial_number} comes in with {entry}; "
            "offered {offered!r}, agreed {agreed!r}, mended {mended}",
            serial_number=admission.station.serial_number,
            entry=str(admission.entry),
            offered=", ".join(request.protocols)[:SHOWN] or "nothing",
            agreed=subprotocol or "nothing",
            mended=", ".join(socket.mended) or "nothing",
        )
