"""Seam to the commands that operators gave, and what became of them."""

from __future__ import annotations

from typing import Any

from zope.interface import Interface

from flexicharge.model.station_command import CommandState, StationCommand


class ICommandStore(Interface):
    """Commands as they stand, for ever. One method is one commit.

    JSON objects keep the order of their keys, and have at most 4 MiB. Every method
    raises `DatabaseAway` if the database cannot be reached, and `CommandUnknown` for a
    number that is no UUID.
    """

    async def add_command(command: StationCommand) -> None:
        """Keep a new command; one that is there already stays as it is.

        No session has come of it yet. Raise `StationUnknown`.
        """

    async def mark_sent(command_id: str) -> None:
        """queued → sent, and `sent` becomes true, whatever state it is in by now."""

    async def settle(
        command_id: str,
        state: CommandState,
        at: float,
        response: dict[str, Any] | None = None,
    ) -> StationCommand:
        """Note what became of a command, and return it as it now stands.

        queued, sent → result, error, timeout, lost; timeout, lost, sent, queued → late.
        The first one wins: in any other state it is returned as it is. An answer makes
        `sent` true. Raise `CommandUnknown`.
        """

    async def tie(command_id: str, session_id: int) -> None:
        """Note the session that came of a command; the first one stays.

        Raise `SessionUnknown`.
        """

    async def get_command(command_id: str) -> StationCommand:
        """Return a command; raise `CommandUnknown`."""

    async def get_commands(
        station_id: int, *, actions: tuple[str, ...] = (), limit: int
    ) -> tuple[StationCommand, ...]:
        """Return a station's commands, of some actions or all, newest first."""

    async def lose_open(at: float) -> int:
        """queued, sent → lost, of all stations: for the start; return how many."""
