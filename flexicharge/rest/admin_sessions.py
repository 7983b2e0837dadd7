"""The charges of a station over HTTP, for its operators (design §6)."""

from __future__ import annotations

from typing import Protocol

from klein import Klein

from flexicharge.errors import SessionUnknown
from flexicharge.interfaces.stores import IChargerStore, ITransactionStore
from flexicharge.model.session import Session
from flexicharge.model.site import Station
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.ids import number_of
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.station_fields import station_named
from flexicharge.rest.station_sessions import (
    STARTED,
    ClosedBecause,
    StationSession,
    StationSessionInFull,
    WantedSessions,
    WantedValues,
    numbers_of,
    session_in_full,
    session_shape_of,
)


class Closes(Protocol):
    """Closes charges by an operator's hand."""

    async def close(self, session: Session, reason: str) -> Session:
        """End a charge at its last reading; one that does not run stays as it is."""


class StationSessionsApi:
    """Charges that ever started, whoever pays for them, under their station."""

    app = Klein()

    def __init__(
        self,
        desk: Desk,
        stations: IChargerStore,
        sessions: ITransactionStore,
        closing: Closes,
    ) -> None:
        self.desk = desk
        self._stations, self._sessions = stations, sessions
        self._closing = closing

    @app.route("/admin/chargers/<serial>/transactions", methods=["GET"])
    @operation(
        who=ADMIN, asks=WantedSessions, in_query=True, gives=Json(list[StationSession])
    )
    async def every(
        self, call: Call[WantedSessions], serial: str
    ) -> list[StationSession]:
        """Answer with charges at a station, newest first, at most `limit`.

        With `idTag` only those of a tag, in any letter case; with `active` only those
        that run, or only those that do not.
        """
        station, asked = await self._station(serial), call.asked
        found = await self._sessions.get_transactions_at_station(
            station.station_id,
            id_tag=asked.id_tag,
            active=asked.active,
            limit=asked.limit,
        )
        numbers = numbers_of(station)
        return [session_shape_of(session, numbers) for session in found]

    @app.route(
        "/admin/chargers/<serial>/transactions/<transaction_id>", methods=["GET"]
    )
    @operation(
        who=ADMIN, asks=WantedValues, in_query=True, gives=Json(StationSessionInFull)
    )
    async def one(
        self, call: Call[WantedValues], serial: str, transaction_id: str
    ) -> StationSessionInFull:
        """Answer with a charge and its newest meter values, at most `limit`."""
        station = await self._station(serial)
        session = await self._session(station, transaction_id)
        values = await self._sessions.get_meter_values(
            station.station_id,
            session_id=session.session_id,
            limit=call.asked.limit,
        )
        return session_in_full(session, numbers_of(station), values)

    @app.route(
        "/admin/chargers/<serial>/transactions/<transaction_id>/close",
        methods=["POST"],
    )
    @operation(who=ADMIN, asks=ClosedBecause, gives=Json(StationSession))
    async def close(
        self, call: Call[ClosedBecause], serial: str, transaction_id: str
    ) -> StationSession:
        """End a charge at its last reading, and keep the `reason`.

        The station is told nothing; what it says of this charge later is kept, and
        changes no bill. One that has ended is answered as it stands.
        """
        station = await self._station(serial)
        session = await self._session(station, transaction_id)
        closed = await self._closing.close(session, call.asked.reason)
        return session_shape_of(closed, numbers_of(station))

    async def _station(self, serial: str) -> Station:
        record = await self._stations.station_on_record(station_named(serial))
        return record.station

    async def _session(self, station: Station, transaction_id: str) -> Session:
        """Return a charge of a station; raise `SessionUnknown` for all others."""
        number = number_of(transaction_id, SessionUnknown)
        session = await self._sessions.get_transaction(number)
        if session.station_id != station.station_id or session.state not in STARTED:
            raise SessionUnknown(number)
        return session
