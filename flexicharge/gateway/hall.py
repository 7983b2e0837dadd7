"""Receives handshakes: reads what they ask for, has others decide, answers."""

from __future__ import annotations

import math
from typing import Final
from urllib.parse import parse_qs, urlsplit

from attrs import frozen
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.logger import Logger

from flexicharge.actors.supervisor import Supervisor
from flexicharge.errors import (
    DatabaseAway,
    IdentityAway,
    TokenError,
    TooManyRequests,
)
from flexicharge.gateway.ends import DriverEnd
from flexicharge.gateway.paths import (
    ChargerPath,
    StandardPath,
    UnknownPath,
    UserPath,
    path_of,
)
from flexicharge.gateway.socket import Role, Socket
from flexicharge.gateway.stations import StationHall
from flexicharge.interfaces import IIdentity
from flexicharge.model.site import MAX_SERIAL

USER_SUBPROTOCOL: Final = "flexicharge"
TOKEN_SUBPROTOCOL: Final = "bearer."
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
UNAVAILABLE: Final = 503


@frozen
class FrontHall:
    """The hall behind every port: stations and drivers, each by their own door."""

    _stations: StationHall
    _supervisor: Supervisor
    _identity: IIdentity
    _open_user_sockets: bool = False
    _log = Logger()

    async def receive(
        self, socket: Socket, request: ConnectionRequest
    ) -> tuple[Role, str | None]:
        """Return a connection's role and subprotocol; raise `ConnectionDeny`."""
        match path_of(socket.http_request_uri):
            case ChargerPath() | StandardPath() as path:
                return await self._stations.receive(socket, request, path)
            case UserPath(user_id):
                return await self._driver(socket, request, user_id)
            case UnknownPath():
                raise ConnectionDeny(NOT_FOUND, "Not Found")

    def turned_away(self, socket: Socket, why: str) -> None:
        """Take note of somebody with whom no TLS session came about."""
        self._stations.turned_away(socket, why)

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
