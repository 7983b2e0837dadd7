"""Receives handshakes: reads what they ask for, has others decide, answers."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Final
from urllib.parse import parse_qs, urlsplit

from attrs import frozen
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.logger import Logger

from flexicharge.actors.admission import Arrival, Gatekeeper
from flexicharge.actors.supervisor import Supervisor
from flexicharge.errors import (
    AlreadyTaken,
    DatabaseAway,
    IdentityAway,
    NotAuthorized,
    StationUnknown,
    TokenError,
    TooManyRequests,
)
from flexicharge.gateway.ends import ChargerEnd, DriverEnd, StrangerEnd
from flexicharge.gateway.paths import ChargerPath, UnknownPath, UserPath, path_of
from flexicharge.gateway.peers import TrustedProxies
from flexicharge.gateway.socket import Role, Socket
from flexicharge.interfaces import IIdentity
from flexicharge.model.site import MAX_SERIAL
from flexicharge.ocpp.dialect_replies import SERIAL_UNKNOWN

DIALECT_SUBPROTOCOL: Final = "ocpp1.6"  # what the fielded charger offers
USER_SUBPROTOCOL: Final = "flexicharge"
TOKEN_SUBPROTOCOL: Final = "bearer."
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
CONFLICT: Final = 409
UNAVAILABLE: Final = 503


@frozen
class FrontHall:
    """Port 1337's hall: stations and drivers, each by their own door."""

    _gatekeeper: Gatekeeper
    _supervisor: Supervisor
    _identity: IIdentity
    _proxies: TrustedProxies
    _open_user_sockets: bool = False
    _log = Logger()

    async def receive(
        self, socket: Socket, request: ConnectionRequest
    ) -> tuple[Role, str | None]:
        """Return a connection's role and subprotocol; raise `ConnectionDeny`."""
        match path_of(socket.http_request_uri):
            case ChargerPath(serial_number):
                role = await self._charger(socket, request, serial_number)
                return role, _offered_dialect(request.protocols)
            case UserPath(user_id):
                return await self._driver(socket, request, user_id)
            case UnknownPath():
                raise ConnectionDeny(NOT_FOUND, "Not Found")

    async def _charger(
        self, socket: Socket, request: ConnectionRequest, serial_number: str
    ) -> Role:
        arrival = Arrival(
            serial_number=serial_number,
            password=_basic_password(request.headers.get("authorization")),
            peer=self._peer(socket, request),
        )
        try:
            admission = await self._gatekeeper.admit(arrival)
        except StationUnknown:
            self._log.warn(
                "nobody knows the serial number {serial_number!r}, offered by {peer}",
                serial_number=serial_number[:MAX_SERIAL],
                peer=arrival.peer,
            )
            return StrangerEnd(socket, SERIAL_UNKNOWN)
        except NotAuthorized:
            self._log.warn(
                "{serial_number} from {peer} is not authorized",
                serial_number=serial_number,
                peer=arrival.peer,
            )
            raise ConnectionDeny(UNAUTHORIZED, "Unauthorized") from None
        except AlreadyTaken:
            self._log.warn(
                "{serial_number} is connected already; {peer} is refused",
                serial_number=serial_number,
                peer=arrival.peer,
            )
            raise ConnectionDeny(CONFLICT, "Conflict") from None
        return ChargerEnd(
            socket,
            serial_number,
            arrival.peer,
            admission.authenticated,
            lambda end: self._supervisor.adopt(end, admission.station),
        )

    async def _driver(
        self, socket: Socket, request: ConnectionRequest, user_id: str
    ) -> tuple[Role, str | None]:
        token, subprotocol = _token(socket.http_request_uri, request)
        expires_at = math.inf
        if token is not None or not self._open_user_sockets:
            expires_at = await self._admit(token or "", user_id)
        role = DriverEnd(socket, user_id, expires_at, self._supervisor.adopt_driver)
        return role, subprotocol

    async def _admit(self, token: str, user_id: str) -> float:
        """Return when the token of this very user ends."""
        try:
            caller = await self._identity.admit(token)
        except TokenError as why:
            self._log.warn(
                "the live feed of {user_id!r} is refused: {why}",
                user_id=user_id[:MAX_SERIAL],
                why=why,
            )
            raise ConnectionDeny(UNAUTHORIZED, "Unauthorized") from None
        except (DatabaseAway, IdentityAway, TooManyRequests):
            raise ConnectionDeny(UNAVAILABLE, "Service Unavailable") from None
        if caller.user_id != user_id:
            raise ConnectionDeny(UNAUTHORIZED, "Unauthorized")
        return caller.expires_at

    def _peer(self, socket: Socket, request: ConnectionRequest) -> str:
        address = getattr(socket.transport.getPeer(), "host", "unix")
        return self._proxies.peer(address, request.headers.get("x-forwarded-for"))


def _offered_dialect(offered: list[str]) -> str | None:
    """Confirm what was offered, the charger's own word before any other."""
    if DIALECT_SUBPROTOCOL in offered:
        return DIALECT_SUBPROTOCOL
    return offered[0] if offered else None


def _basic_password(header: str | None) -> str | None:
    """Return the password of an HTTP Basic header; None if there is none to read."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(":")[2]


def _token(uri: str, request: ConnectionRequest) -> tuple[str | None, str | None]:
    """Return the access token of a handshake, and the subprotocol to answer.

    From the Authorization header, from the subprotocol `bearer.<token>` (browsers can
    set no header), or from the query.
    """
    subprotocol = USER_SUBPROTOCOL if USER_SUBPROTOCOL in request.protocols else None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), subprotocol
    for offered in request.protocols:
        if offered.startswith(TOKEN_SUBPROTOCOL):
            return offered.removeprefix(TOKEN_SUBPROTOCOL), subprotocol
    tokens = parse_qs(urlsplit(uri).query).get("token")
    return (tokens[0] if tokens else None), subprotocol
