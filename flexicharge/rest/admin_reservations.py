"""The reservations at a station over HTTP, for its operators (design §6)."""

from __future__ import annotations

from typing import Any, Protocol

from klein import Klein

from flexicharge.charging.beliefs.availability import ConnectorState
from flexicharge.charging.beliefs.connection import Connection
from flexicharge.charging.beliefs.reservation import StationReservation
from flexicharge.interfaces.stores import IChargerStore, ITransactionStore
from flexicharge.model.session import UNSTARTED
from flexicharge.model.site import Station
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.station_fields import station_named
from flexicharge.rest.station_reservations import (
    Reservation,
    reservation_of,
    reservation_of_driver,
)
from flexicharge.rest.station_sessions import numbers_of


class Knows(Protocol):
    """What is believed of stations."""

    async def reservations(self, station: Station) -> tuple[StationReservation, ...]:
        """Return a station's reservations as they stand now, the newest first."""

    async def connector_states(self, station: Station) -> tuple[ConnectorState, ...]:
        """Return what connectors say; number 0 is the station itself."""

    async def connection(self, station: Station) -> Connection | None:
        """Return how a station came in the last time."""


class StationReservationsApi:
    """Whatever is held at a station, for drivers or because an operator said so."""

    app = Klein()

    def __init__(
        self,
        desk: Desk,
        stations: IChargerStore,
        sessions: ITransactionStore,
        known: Knows,
    ) -> None:
        self.desk = desk
        self._stations, self._sessions, self._known = stations, sessions, known

    @app.route("/admin/chargers/<serial>/reservations", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[Reservation]))
    async def every(self, call: Call[Any], serial: str) -> list[Reservation]:
        """Answer with what drivers hold at a station, then what operators had held.

        Each newest first; a driver's is there while it is held, an operator's stays.
        """
        record = await self._stations.station_on_record(station_named(serial))
        station = record.station
        numbers = numbers_of(station)
        held = await self._sessions.get_open_for_station(station.station_id)
        known = await self._known.reservations(station)
        return [
            reservation_of_driver(session, station, numbers)
            for session in reversed(held)
            if session.state in UNSTARTED and session.connector_id in numbers
        ] + list(map(reservation_of, known))
