"""Chargers, drivers and operators who act at once where a tag is shown."""

from __future__ import annotations

import pytest_twisted

from flexicharge.errors import ConnectorBusy
from flexicharge.model.session import EndReason, SessionState

from .desk import NOON, Desk, at_once, kinds


@pytest_twisted.ensureDeferred
async def test_one_of_many_starts_has_the_connector(desk: Desk) -> None:
    """Of eight that are said at once one charges; the others hear that it is busy."""
    connector = await desk.charger()
    begun = await at_once(*(desk.start_tagged(connector, key=f"{n}") for n in range(8)))
    assert kinds(begun) == ["ConnectorBusy"] * 7 + ["tuple"]


@pytest_twisted.ensureDeferred
async def test_a_start_said_many_times_at_once_is_one(desk: Desk) -> None:
    """Whoever comes later is told of the one that began."""
    connector = await desk.charger()
    begun = await at_once(*(desk.start_tagged(connector) for _ in range(8)))
    assert {session.session_id for session, _ in begun} == {1}
    assert {moved for _, moved in begun} == {()}


@pytest_twisted.ensureDeferred
async def test_starts_aside_do_not_meet(desk: Desk) -> None:
    """All of them run, beside one that has the connector."""
    connector = await desk.charger()
    begun = await at_once(
        *(desk.start_tagged(connector, key=f"{n}", aside=n > 0) for n in range(8))
    )
    numbers = {session.session_id for session, _ in begun}
    assert numbers == set(range(1, 9))


@pytest_twisted.ensureDeferred
async def test_whoever_comes_just_before_a_tag_makes_way(desk: Desk) -> None:
    """What they opened is cancelled, and whoever says the start is told so."""
    connector = await desk.charger()
    (opened, _), (begun, moved) = await desk.in_turn(
        connector, desk.add(connector, "u2"), desk.start_tagged(connector)
    )
    assert [one.session_id for one in moved] == [opened.session_id]
    assert moved[0].end_reason is EndReason.REFUSED
    assert (begun.user_id, begun.state) == ("u1", SessionState.CHARGING)


@pytest_twisted.ensureDeferred
async def test_whoever_comes_just_after_a_tag_is_refused(desk: Desk) -> None:
    """Neither a driver gets the connector, nor an operator takes it away."""
    connector = await desk.charger()
    (begun, _), added, removed = await desk.in_turn(
        connector,
        desk.start_tagged(connector),
        desk.add(connector, "u2"),
        desk.chargers.remove_charger(connector.connector_id, NOON),
    )
    assert begun.state is SessionState.CHARGING
    assert isinstance(added, ConnectorBusy)
    assert isinstance(removed, ConnectorBusy)


@pytest_twisted.ensureDeferred
async def test_a_session_cancelled_just_before_its_tag_is_not_revived(
    desk: Desk,
) -> None:
    """Energy flows all the same: a session of the tag's user is opened."""
    connector = await desk.charger()
    own = await desk.reserve(connector)
    cancelled, (begun, moved) = await desk.in_turn(
        connector,
        desk.transactions.cancel(own.session_id, NOON + 5, EndReason.DRIVER),
        desk.start_tagged(connector, session_id=own.session_id),
    )
    assert cancelled.state is SessionState.CANCELLED
    assert begun.session_id != own.session_id
    assert moved == ()
