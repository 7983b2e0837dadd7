"""What is on record of a station over HTTP, for its operators (design §6)."""

from __future__ import annotations

from klein import Klein

from flexicharge.interfaces import IFrameJournal, IStationBook
from flexicharge.interfaces.stores import IChargerStore, ITransactionStore
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.paging import Newest
from flexicharge.rest.station_fields import station_named
from flexicharge.rest.station_records import (
    Fact,
    Message,
    StationEvent,
    WantedEvents,
    WantedFacts,
    event_of,
    fact_of,
    message_of,
)


class StationRecordsApi:
    """Frames, facts and events of a station, each list newest first."""

    app = Klein()

    def __init__(
        self,
        desk: Desk,
        stations: IChargerStore,
        sessions: ITransactionStore,
        journal: IFrameJournal,
        book: IStationBook,
    ) -> None:
        self.desk = desk
        self._stations, self._sessions = stations, sessions
        self._journal, self._book = journal, book

    @app.route("/admin/chargers/<serial>/messages", methods=["GET"])
    @operation(who=ADMIN, asks=Newest, in_query=True, gives=Json(list[Message]))
    async def messages(self, call: Call[Newest], serial: str) -> list[Message]:
        """Answer with frames of a station, newest first, older than `before`."""
        found = await self._journal.frames(
            await self._number(serial), before=call.asked.before, limit=call.asked.limit
        )
        return list(map(message_of, found))

    @app.route("/admin/chargers/<serial>/facts", methods=["GET"])
    @operation(who=ADMIN, asks=WantedFacts, in_query=True, gives=Json(list[Fact]))
    async def facts(self, call: Call[WantedFacts], serial: str) -> list[Fact]:
        """Answer with what a station said of charges that is evidence, newest first."""
        found = await self._sessions.get_facts(
            await self._number(serial),
            session_id=call.asked.session_id,
            limit=call.asked.limit,
        )
        return list(map(fact_of, found))

    @app.route("/admin/chargers/<serial>/events", methods=["GET"])
    @operation(
        who=ADMIN, asks=WantedEvents, in_query=True, gives=Json(list[StationEvent])
    )
    async def events(self, call: Call[WantedEvents], serial: str) -> list[StationEvent]:
        """Answer with what happened at a station, newest first, older than `before`."""
        asked = call.asked
        found = await self._book.events(
            await self._number(serial),
            kinds=(asked.kind,) if asked.kind else (),
            before=asked.before,
            limit=asked.limit,
        )
        return list(map(event_of, found))

    async def _number(self, serial: str) -> int:
        record = await self._stations.station_on_record(station_named(serial))
        return record.station.station_id
