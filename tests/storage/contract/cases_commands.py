"""What every `ICommandStore` does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from flexicharge.errors import CommandUnknown, SessionUnknown, StationUnknown
from flexicharge.model.account import Account, AccountStatus
from flexicharge.model.site import Connector
from flexicharge.model.station_command import (
    MAY_BE_ANSWERED_LATE,
    OPEN,
    CommandState,
    StationCommand,
)

from .stores import T0, Stores, charger, is_refused, opened

LATER = T0 + 3
MIB = 1024 * 1024
UNKNOWN = str(UUID(int=77))
NO_UUIDS = ("", "7", UNKNOWN[:-1], UNKNOWN.replace("-", ""), f"{{{UNKNOWN}}}", "\0")
SETTLED = tuple(state for state in CommandState if state not in OPEN)
OUTCOMES = (
    CommandState.RESULT,
    CommandState.ERROR,
    CommandState.TIMEOUT,
    CommandState.LOST,
)


def command(
    connector: Connector,
    number: int = 1,
    *,
    action: str = "Reset",
    payload: dict[str, Any] | None = None,
) -> StationCommand:
    """Return a command to a charger that was asked for at T0."""
    return StationCommand(
        command_id=str(UUID(int=number)),
        station_id=connector.station_id,
        serial_number=connector.serial_number,
        action=action,
        payload={"type": "Soft"} if payload is None else payload,
        asked_at=T0,
        deadline_at=T0 + 30,
    )


async def given(
    stores: Stores, state: CommandState = CommandState.QUEUED, number: int = 1
) -> StationCommand:
    """Return a command to a charger of its own, brought to a state."""
    new = command(await charger(stores, f"abc{number}"), number)
    await stores.commands.add_command(new)
    if state is CommandState.SENT:
        await stores.commands.mark_sent(new.command_id)
    elif state is not CommandState.QUEUED:
        await stores.commands.settle(new.command_id, state, T0 + 1)
    return await stores.commands.get_command(new.command_id)


async def test_a_command_is_found_as_it_was_given(stores: Stores) -> None:
    """By its number in any letter case, and of each kind of value."""
    payload = {"b": 1, "a": [None, True, 1.5, 10**20, "å\n"], "c": {"z": 1, "y": {}}}
    new = command(await charger(stores), 0xABCDEF, payload=payload)
    await stores.commands.add_command(new)
    assert await stores.commands.get_command(new.command_id) == new
    assert await stores.commands.get_command(new.command_id.upper()) == new


async def test_keys_keep_the_order_they_were_sent_in(stores: Stores) -> None:
    """Operators see exactly what went out, and what came back."""
    payload = {"b": 1, "a": {"z": 1, "y": 2}}
    new = command(await charger(stores), payload=payload)
    await stores.commands.add_command(new)
    kept = await stores.commands.settle(
        new.command_id, CommandState.RESULT, LATER, payload
    )
    assert kept.response is not None
    for found in (kept.payload, kept.response):
        assert list(found) == ["b", "a"]
        assert list(found["a"]) == ["z", "y"]


async def test_texts_that_a_column_cannot_hold_lose_nothing_else(
    stores: Stores,
) -> None:
    """A NUL is kept as JSON writes it; half a surrogate pair is a question mark."""
    new = command(await charger(stores), payload={"a\0": "b\0", "\\u0000": "\ud800x"})
    await stores.commands.add_command(new)
    found = await stores.commands.get_command(new.command_id)
    assert found.payload == {"a\0": "b\0", "\\u0000": "?x"}


async def test_what_is_read_is_the_readers_own(stores: Stores) -> None:
    """Whoever changes what he gave or got does not change the record."""
    payload = {"type": "Soft"}
    new = command(await charger(stores), payload=payload)
    await stores.commands.add_command(new)
    payload["type"] = "Hard"
    found = await stores.commands.get_command(new.command_id)
    found.payload["type"] = "None"
    again = await stores.commands.get_command(new.command_id)
    assert again.payload == {"type": "Soft"}


async def test_a_command_is_kept_once(stores: Stores) -> None:
    """The second of a number changes nothing, whatever it says."""
    new = command(await charger(stores))
    await stores.commands.add_command(new)
    await stores.commands.mark_sent(new.command_id)
    await stores.commands.add_command(evolve(new, action="Other", station_id=10**6))
    found = await stores.commands.get_command(new.command_id)
    assert found == evolve(new, state=CommandState.SENT, sent=True)


async def test_a_command_needs_a_station(stores: Stores) -> None:
    """Nothing is kept for one that is not there."""
    new = evolve(command(await charger(stores)), station_id=10**6)
    with pytest.raises(StationUnknown):
        await stores.commands.add_command(new)
    with pytest.raises(CommandUnknown):
        await stores.commands.get_command(new.command_id)


async def test_commands_that_are_none_are_refused(stores: Stores) -> None:
    """One without an action, or of a time or a payload that nothing can hold."""
    new = command(await charger(stores))
    for wrong in (
        evolve(new, action=""),
        evolve(new, action="x" * 65),
        evolve(new, asked_at=float("nan")),
        evolve(new, payload={"a": float("inf")}),
        evolve(new, payload={"a": object()}),
        evolve(new, payload={"a": "x" * 4 * MIB}),
        evolve(new, state=CommandState.LOST),
        evolve(new, command_id="7"),
    ):
        await is_refused(stores.commands.add_command(wrong))
    assert await stores.commands.get_commands(new.station_id, limit=9) == ()


async def test_nothing_is_found_under_other_numbers(stores: Stores) -> None:
    """One that no command has, and what is no number of a command at all."""
    await given(stores)
    for command_id in (UNKNOWN, *NO_UUIDS):
        with pytest.raises(CommandUnknown):
            await stores.commands.get_command(command_id)
        with pytest.raises(CommandUnknown):
            await stores.commands.settle(command_id, CommandState.LOST, T0)
    await stores.commands.mark_sent(UNKNOWN)
    await stores.commands.tie(UNKNOWN, 1)


async def test_a_command_on_the_wire_is_sent(stores: Stores) -> None:
    """A queued one becomes sent; what has an outcome by now keeps that."""
    for number, state in enumerate(CommandState):
        before = await given(stores, state, number)
        await stores.commands.mark_sent(before.command_id)
        after = await stores.commands.get_command(before.command_id)
        assert after.sent
        was_queued = state is CommandState.QUEUED
        assert after.state is (CommandState.SENT if was_queued else state)


async def test_an_open_command_comes_to_any_end(stores: Stores) -> None:
    """What was answered was sent, whoever said so; the rest says only what is known."""
    for number, outcome in enumerate(OUTCOMES):
        before = await given(stores, number=number)
        response = {"status": "Accepted"} if number < 2 else None
        after = await stores.commands.settle(
            before.command_id, outcome, LATER, response
        )
        assert after == evolve(
            before, state=outcome, sent=number < 2, settled_at=LATER, response=response
        )
        assert await stores.commands.get_command(before.command_id) == after


async def test_the_first_end_of_a_command_stays(stores: Stores) -> None:
    """Whatever comes second changes nothing, and is told how it stands."""
    for number, state in enumerate(SETTLED):
        before = await given(stores, state, number)
        for outcome in OUTCOMES:
            after = await stores.commands.settle(
                before.command_id, outcome, LATER, {"status": "Rejected"}
            )
            assert after == before


async def test_a_late_answer_is_kept_once(stores: Stores) -> None:
    """Of whatever was not answered; an answer is never replaced by another one."""
    for number, state in enumerate(CommandState):
        before = await given(stores, state, number)
        after = await stores.commands.settle(
            before.command_id, CommandState.LATE, LATER, {"status": "Accepted"}
        )
        if state in MAY_BE_ANSWERED_LATE:
            assert after.state is CommandState.LATE
            assert after.sent
            assert after.settled_at == LATER
            assert after.response == {"status": "Accepted"}
        else:
            assert after == before


async def test_the_answer_of_a_whole_frame_is_kept(stores: Stores) -> None:
    """However much longer its numbers become when they are written out."""
    new = await given(stores)
    response = {"data": "x" * MIB, "numbers": [1e15] * 100_000}
    after = await stores.commands.settle(
        new.command_id, CommandState.RESULT, LATER, response
    )
    assert after.response == response


async def test_a_command_has_the_first_session_that_came_of_it(
    stores: Stores,
) -> None:
    """A later one is another's, and one that is none is refused."""
    connector = await charger(stores, "tied")
    session = await opened(stores, connector.connector_id)
    other = await opened(stores, (await charger(stores, "other")).connector_id)
    new = await given(stores)
    with pytest.raises(SessionUnknown):
        await stores.commands.tie(new.command_id, 10**6)
    for session_id in (session.session_id, other.session_id, 10**6):
        await stores.commands.tie(new.command_id, session_id)
    found = await stores.commands.get_command(new.command_id)
    assert found == evolve(new, session_id=session.session_id)


async def test_a_stations_commands_are_listed_newest_first(stores: Stores) -> None:
    """All of them or those of some actions, as many as are wanted, nobody else's."""
    connector = await charger(stores)
    actions = ("Reset", "ReserveNow", "Reset", "CancelReservation")
    mine = [
        command(connector, 9 - number, action=action)
        for number, action in enumerate(actions)
    ]
    for new in (*mine, command(await charger(stores, "other"), 77)):
        await stores.commands.add_command(new)
    get, station_id = stores.commands.get_commands, connector.station_id
    assert await get(station_id, limit=9) == tuple(mine[::-1])
    assert await get(station_id, limit=2) == (mine[3], mine[2])
    assert await get(station_id, actions=("Reset",), limit=9) == (mine[2], mine[0])
    some = ("ReserveNow", "CancelReservation", "None")
    assert await get(station_id, actions=some, limit=9) == (mine[3], mine[1])
    assert await get(station_id, limit=0) == ()
    assert await get(10**6, limit=9) == ()


async def test_a_new_start_loses_what_was_open(stores: Stores) -> None:
    """Nobody waits for it any more; what had an end keeps it."""
    before = [
        await given(stores, state, number) for number, state in enumerate(CommandState)
    ]
    assert await stores.commands.lose_open(LATER) == len(OPEN)
    assert await stores.commands.lose_open(LATER + 1) == 0
    for old in before:
        found = await stores.commands.get_command(old.command_id)
        lost = evolve(old, state=CommandState.LOST, settled_at=LATER)
        assert found == (lost if old.state in OPEN else old)


async def test_a_retired_stations_commands_can_be_read(stores: Stores) -> None:
    """What was done to it is known after it is gone."""
    connector = await charger(stores)
    new = command(connector)
    await stores.commands.add_command(new)
    await stores.chargers.remove_charger(connector.connector_id, T0)
    assert await stores.commands.get_command(new.command_id) == new


async def test_a_self_tests_commands_end_with_it(stores: Stores) -> None:
    """Also where a session came of one, which is deleted too."""
    tester = Account(
        account_id="tester",
        email="tester@self-tests.example",
        password_hash="",
        status=AccountStatus.CONFIRMED,
        enabled=True,
        groups=(),
        created_at=T0,
        modified_at=T0,
    )
    tested = await stores.self_tests.prepare("selftest-0001", b"", (tester,), T0)
    session = await opened(stores, tested.connector_id, "tester")
    theirs, mine = command(tested), command(await charger(stores), 2)
    for new in (theirs, mine):
        await stores.commands.add_command(new)
    await stores.commands.tie(theirs.command_id, session.session_id)
    await stores.self_tests.purge(T0)
    assert await stores.commands.get_commands(tested.station_id, limit=9) == ()
    assert await stores.commands.get_commands(mine.station_id, limit=9) == (mine,)
