"""Commands and books of stations that several parties change at once."""

from __future__ import annotations

from uuid import UUID

import pytest_twisted

from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.storage.commands import PostgresCommands
from flexicharge.storage.station_book import PostgresStationBook

from .desk import NOON, Desk, at_once

KEYS = "configuration"


@pytest_twisted.ensureDeferred
async def test_everybody_is_told_the_same_end_of_a_command(desk: Desk) -> None:
    """The first of eight ends counts, and whoever waited for it sees that one."""
    connector, commands = await desk.charger(), PostgresCommands(desk.database)
    command_id = str(UUID(int=7))
    await commands.add_command(
        StationCommand(
            command_id=command_id,
            station_id=connector.station_id,
            serial_number=connector.serial_number,
            action="ClearCache",
            payload={},
            asked_at=NOON,
            deadline_at=NOON + 30,
        )
    )
    ends = [CommandState.RESULT, CommandState.LOST] * 4
    told = await at_once(
        *(
            commands.settle(command_id, end, NOON + number, {"number": number})
            for number, end in enumerate(ends)
        )
    )
    kept = await commands.get_command(command_id)
    assert all(one == kept for one in told)


@pytest_twisted.ensureDeferred
async def test_what_is_told_at_once_is_not_mixed(desk: Desk) -> None:
    """Of eight whole lists one is believed; and nothing that is counted is lost."""
    connector, book = await desk.charger(), PostgresStationBook(desk.database)
    lists = [{f"{who}-{n}": {} for n in range(3)} for who in range(8)]
    told = (
        book.believe(connector.station_id, KEYS, names, NOON, instead=True)
        for names in lists
    )
    counted = (
        book.count(connector.station_id, "score", {"odd": 1, "late": 2})
        for _ in range(8)
    )
    assert await at_once(*told, *counted) == [None] * 16
    believed = await book.beliefs(connector.station_id, KEYS)
    assert set(believed) in [set(names) for names in lists]
    score = await book.beliefs(connector.station_id, "score")
    counts = {name: belief.body["count"] for name, belief in score.items()}
    assert counts == {"odd": 8, "late": 16}
