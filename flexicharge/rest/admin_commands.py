"""Commands to stations over HTTP, for their operators (design §6)."""

from __future__ import annotations

from typing import Any, Final, Protocol

from klein import Klein

from flexicharge.errors import ChargerOffline
from flexicharge.interfaces import ICommandStore
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.station_command import StationCommand
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Itself, Json, Told
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.replies import json_reply
from flexicharge.rest.station_commands import (
    ASYNC,
    Command,
    CommandOutcome,
    WantedCommand,
    WantedCommands,
    command_shape_of,
    outcome_of,
    waits_not,
)
from flexicharge.rest.station_fields import station_named
from flexicharge.rest.statuses import Statuses, codes

KNOWN: Final = Told(200, "What became of it.", shape=CommandOutcome)
UNDER_WAY: Final = Told(
    202,
    "It is under way: `Location` says where to ask what becomes of it.",
    shape=CommandOutcome,
    headers=("Location", "Preference-Applied"),
)
GIVING: Final[Statuses] = {
    ChargerOffline: codes(
        409, "chargerOffline", says="It is not connected; nothing was sent."
    ),
}


class Commands(Protocol):
    """Sends commands, and knows what becomes of them."""

    async def give(
        self, serial_number: str, action: str, payload: dict[str, Any], timeout_s: float
    ) -> StationCommand:
        """Put a command on record and on its way; return it as it is on record.

        Raise `StationUnknown`, `UnusableValue`, or `ChargerOffline` (nothing was sent).
        """

    async def settled(self, command: StationCommand) -> StationCommand:
        """Return a command once it is known what became of it."""


class CommandsApi:
    """Whatever OCPP lets a central system ask of a station."""

    app = Klein()

    def __init__(
        self,
        desk: Desk,
        stations: IChargerStore,
        commands: Commands,
        on_record: ICommandStore,
    ) -> None:
        self.desk = desk
        self._stations = stations
        self._commands, self._on_record = commands, on_record

    @app.route("/admin/chargers/<serial>/commands/<action>", methods=["POST"])
    @operation(
        who=ADMIN, asks=WantedCommand, gives=Itself((KNOWN, UNDER_WAY)), errors=GIVING
    )
    async def give(self, call: Call[WantedCommand], serial: str, action: str) -> bytes:
        """Send a Call to a station exactly as given, and wait for what becomes of it.

        The `payload` must fit the action's schema; whether it makes sense is the
        station's to say, and only an id that is left out is filled in. The answer is
        waited for at most `timeout` seconds, 30 if nothing is said. `result` and
        `error` are the station's answers; on `timeout` it gave none, on `lost` its
        connection was lost first. With `Prefer: respond-async` it is not waited for.
        """
        asked, request = call.asked, call.request
        command = await self._commands.give(
            station_named(serial), action, asked.payload, asked.timeout_s
        )
        if waits_not(request):
            where = f"/admin/commands/{command.command_id}"
            request.setHeader(b"Location", where.encode())
            request.setHeader(b"Preference-Applied", ASYNC.encode())
            return json_reply(request, outcome_of(command), 202)
        return json_reply(request, outcome_of(await self._commands.settled(command)))

    @app.route("/admin/chargers/<serial>/commands", methods=["GET"])
    @operation(who=ADMIN, asks=WantedCommands, in_query=True, gives=Json(list[Command]))
    async def of_station(
        self, call: Call[WantedCommands], serial: str
    ) -> list[Command]:
        """Answer with the commands that a station was given, newest first.

        With `action` only those of an action.
        """
        record = await self._stations.station_on_record(station_named(serial))
        found = await self._on_record.get_commands(
            record.station.station_id,
            actions=(call.asked.action,) if call.asked.action else (),
            limit=call.asked.limit,
        )
        return list(map(command_shape_of, found))

    @app.route("/admin/commands/<command_id>", methods=["GET"])
    @operation(who=ADMIN, gives=Json(Command))
    async def one(self, call: Call[Any], command_id: str) -> Command:
        """Answer with a command and what became of it, at any time.

        `queued` while another Call to the station is still open, `sent`, `result`,
        `error`, `timeout`, `late` (answered after its time), `lost`. Nothing is ever
        sent again by itself.
        """
        return command_shape_of(await self._on_record.get_command(command_id))
