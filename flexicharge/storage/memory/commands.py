"""The commands of operators, in memory."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen
from zope.interface import implementer

from flexicharge.errors import CommandUnknown, SessionUnknown, StationUnknown
from flexicharge.interfaces import ICommandStore
from flexicharge.model.station_command import (
    ANSWERED,
    OPEN,
    CommandState,
    StationCommand,
    command_id_of,
    settled_from,
)
from flexicharge.storage.json_text import json_body, json_text
from flexicharge.storage.memory.guards import stored_at, stored_key
from flexicharge.storage.memory.world import MemoryWorld


@implementer(ICommandStore)
@frozen
class MemoryCommands:
    """What operators told a world's stations to do; see `ICommandStore`."""

    _world: MemoryWorld

    async def add_command(self, command: StationCommand) -> None:
        """Keep a new command; one that is there already stays as it is."""
        row = _row_of(command)
        async with self._world.commit("add_command"):
            if row.command_id in self._world.commands:
                return
            if row.station_id not in self._world.network.stations:
                raise StationUnknown(row.serial_number)
            self._world.commands[row.command_id] = row

    async def mark_sent(self, command_id: str) -> None:
        """queued → sent, and `sent` becomes true."""
        key = command_id_of(command_id)
        async with self._world.commit("mark_sent"):
            if (row := self._world.commands.get(key)) is None:
                return
            is_queued = row.state is CommandState.QUEUED
            state = CommandState.SENT if is_queued else row.state
            self._world.commands[key] = evolve(row, sent=True, state=state)

    async def settle(
        self,
        command_id: str,
        state: CommandState,
        at: float,
        response: dict[str, Any] | None = None,
    ) -> StationCommand:
        """Note what became of a command, and return it as it now stands."""
        key = command_id_of(command_id)
        async with self._world.commit("settle"):
            if (row := self._world.commands.get(key)) is None:
                raise CommandUnknown(key)
            if row.state in settled_from(state):
                row = evolve(
                    row,
                    state=state,
                    settled_at=stored_at(at),
                    response=None if response is None else _as_stored(response),
                    sent=row.sent or state in ANSWERED,
                )
                self._world.commands[key] = row
            return _copy_of(row)

    async def tie(self, command_id: str, session_id: int) -> None:
        """Note the session that came of a command; the first one stays."""
        key = command_id_of(command_id)
        async with self._world.commit("tie"):
            row = self._world.commands.get(key)
            if row is None or row.session_id is not None:
                return
            if session_id not in self._world.sessions.rows:
                raise SessionUnknown(session_id)
            self._world.commands[key] = evolve(row, session_id=session_id)

    async def get_command(self, command_id: str) -> StationCommand:
        """Return a command; raise `CommandUnknown`."""
        key = command_id_of(command_id)
        async with self._world.commit("get_command"):
            if (row := self._world.commands.get(key)) is None:
                raise CommandUnknown(key)
            return _copy_of(row)

    async def get_commands(
        self, station_id: int, *, actions: tuple[str, ...] = (), limit: int
    ) -> tuple[StationCommand, ...]:
        """Return a station's commands, of some actions or all, newest first."""
        async with self._world.commit("get_commands"):
            found = [
                row
                for row in reversed(self._world.commands.values())
                if row.station_id == station_id
                and (not actions or row.action in actions)
            ]
            return tuple(map(_copy_of, found[:limit]))

    async def lose_open(self, at: float) -> int:
        """queued, sent → lost, of all stations; return how many."""
        async with self._world.commit("lose_open"):
            rows = self._world.commands
            open_ones = [row for row in rows.values() if row.state in OPEN]
            for row in open_ones:
                rows[row.command_id] = evolve(
                    row, state=CommandState.LOST, settled_at=stored_at(at)
                )
            return len(open_ones)


def _row_of(command: StationCommand) -> StationCommand:
    """Return a new command as its columns keep it; raise what they refuse."""
    if not command.action:
        raise ValueError("a command has an action")
    settled_at, response = command.settled_at, command.response
    if (settled_at is None) is not (command.state in OPEN):
        raise ValueError("whatever is not open was settled")
    return evolve(
        command,
        command_id=command_id_of(command.command_id),
        action=stored_key(command.action),
        payload=_as_stored(command.payload),
        asked_at=stored_at(command.asked_at),
        deadline_at=stored_at(command.deadline_at),
        settled_at=None if settled_at is None else stored_at(settled_at),
        response=None if response is None else _as_stored(response),
        session_id=None,
    )


def _as_stored(body: dict[str, Any]) -> dict[str, Any]:
    return json_body(json_text(body))


def _copy_of(row: StationCommand) -> StationCommand:
    """Return what a reader may change without changing the row."""
    response = row.response
    return evolve(
        row,
        payload=_as_stored(row.payload),
        response=None if response is None else _as_stored(response),
    )
