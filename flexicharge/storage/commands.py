"""The commands of operators in PostgreSQL."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen
from psycopg2.errors import ForeignKeyViolation
from zope.interface import implementer

from flexicharge.errors import CommandUnknown, SessionUnknown, StationUnknown
from flexicharge.interfaces import ICommandStore, IDatabase
from flexicharge.interfaces.stores import Row
from flexicharge.model.station_command import (
    ANSWERED,
    CommandState,
    StationCommand,
    command_id_of,
    settled_from,
)
from flexicharge.storage.json_text import json_body, json_text
from flexicharge.storage.locks import in_one_commit

ADD: Final = """
INSERT INTO station_commands (
    command_id, station_id, action, payload, asked_at, deadline_at, state, sent,
    settled_at, response
)
VALUES (
    %(command_id)s::uuid, %(station_id)s, %(action)s, %(payload)s,
    to_timestamp(%(asked_at)s), to_timestamp(%(deadline_at)s), %(state)s, %(sent)s,
    to_timestamp(%(settled_at)s), %(response)s
)
ON CONFLICT (command_id) DO NOTHING
"""
MARK_SENT: Final = """
UPDATE station_commands
SET sent = true, state = CASE state WHEN 'queued' THEN 'sent' ELSE state END
WHERE command_id = %(command_id)s::uuid
"""
# Of two at once one waits for the other, and then finds the command settled.
SETTLE: Final = """
UPDATE station_commands
SET state = %(state)s, settled_at = to_timestamp(%(at)s), response = %(response)s,
    sent = sent OR %(is_answered)s
WHERE command_id = %(command_id)s::uuid AND state = ANY(%(from)s::text[])
"""
TIE: Final = """
UPDATE station_commands SET session_id = %(session_id)s
WHERE command_id = %(command_id)s::uuid AND session_id IS NULL
"""
READ: Final = """
SELECT c.command_id::text, c.station_id, st.serial_number, c.action, c.payload,
    extract(epoch FROM c.asked_at)::float8, extract(epoch FROM c.deadline_at)::float8,
    c.state, c.sent, extract(epoch FROM c.settled_at)::float8, c.response, c.session_id
FROM station_commands c
JOIN stations st USING (station_id)
"""
READ_ONE: Final = READ + "WHERE c.command_id = %(command_id)s::uuid"
READ_SOME: Final = (
    READ
    + """
WHERE c.station_id = %(station_id)s
    AND (%(actions)s::text[] = '{}' OR c.action = ANY(%(actions)s::text[]))
ORDER BY c.number DESC LIMIT %(limit)s
"""
)
LOSE_OPEN: Final = """
WITH lost AS (
    UPDATE station_commands SET state = 'lost', settled_at = to_timestamp(%(at)s)
    WHERE state IN ('queued', 'sent')
    RETURNING 1
)
SELECT count(*) FROM lost
"""


@implementer(ICommandStore)
@frozen
class PostgresCommands:
    """What operators told stations to do; see `ICommandStore` for every method."""

    _database: IDatabase

    async def add_command(self, command: StationCommand) -> None:
        """Keep a new command; one that is there already stays as it is."""
        try:
            await self._database.query(ADD, _params_of(command))
        except ForeignKeyViolation as why:
            raise StationUnknown(command.serial_number) from why

    async def mark_sent(self, command_id: str) -> None:
        """queued → sent, and `sent` becomes true."""
        params = {"command_id": command_id_of(command_id)}
        await self._database.query(MARK_SENT, params)

    async def settle(
        self,
        command_id: str,
        state: CommandState,
        at: float,
        response: dict[str, Any] | None = None,
    ) -> StationCommand:
        """Note what became of a command, and return it as it now stands."""
        params = {
            "command_id": command_id_of(command_id),
            "state": state,
            "from": list(settled_from(state)),
            "at": at,
            "response": None if response is None else json_text(response),
            "is_answered": state in ANSWERED,
        }
        return await self._one(in_one_commit(SETTLE, READ_ONE), params)

    async def tie(self, command_id: str, session_id: int) -> None:
        """Note the session that came of a command; the first one stays."""
        params = {"command_id": command_id_of(command_id), "session_id": session_id}
        try:
            await self._database.query(TIE, params)
        except ForeignKeyViolation as why:
            raise SessionUnknown(session_id) from why

    async def get_command(self, command_id: str) -> StationCommand:
        """Return a command; raise `CommandUnknown`."""
        return await self._one(READ_ONE, {"command_id": command_id_of(command_id)})

    async def get_commands(
        self, station_id: int, *, actions: tuple[str, ...] = (), limit: int
    ) -> tuple[StationCommand, ...]:
        """Return a station's commands, of some actions or all, newest first."""
        params = {"station_id": station_id, "actions": list(actions), "limit": limit}
        return tuple(map(_command, await self._database.query(READ_SOME, params)))

    async def lose_open(self, at: float) -> int:
        """queued, sent → lost, of all stations; return how many."""
        ((count,),) = await self._database.query(LOSE_OPEN, {"at": at})
        return int(count)

    async def _one(self, sql: str, params: dict[str, Any]) -> StationCommand:
        rows = await self._database.query(sql, params)
        if not rows:
            raise CommandUnknown(params["command_id"])
        return _command(rows[0])


def _params_of(command: StationCommand) -> dict[str, Any]:
    response = command.response
    return {
        "command_id": command.command_id,
        "station_id": command.station_id,
        "action": command.action,
        "payload": json_text(command.payload),
        "asked_at": command.asked_at,
        "deadline_at": command.deadline_at,
        "state": command.state,
        "sent": command.sent,
        "settled_at": command.settled_at,
        "response": None if response is None else json_text(response),
    }


def _command(row: Row) -> StationCommand:
    return StationCommand(
        command_id=row[0],
        station_id=row[1],
        serial_number=row[2],
        action=row[3],
        payload=json_body(row[4]),
        asked_at=row[5],
        deadline_at=row[6],
        state=CommandState(row[7]),
        sent=row[8],
        settled_at=row[9],
        response=None if row[10] is None else json_body(row[10]),
        session_id=row[11],
    )
