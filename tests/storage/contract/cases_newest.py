"""What every `ITransactionStore` finds of a user's newest sessions."""

from __future__ import annotations

from flexicharge.model.session import EndReason, Session, SessionState

from .cases_begun import DUE_AT, booked
from .stores import Stores, charger, charging, ended, in_state, opened, sealed


async def newest(stores: Stores, user_id: str = "ida") -> list[int]:
    """Return the numbers of a user's newest sessions."""
    found = await stores.transactions.get_newest_for_user(user_id)
    return [session.session_id for session in found]


async def test_who_has_no_session_has_no_newest(stores: Stores) -> None:
    """Nor has a name that nothing can have."""
    connector = await charger(stores)
    await opened(stores, connector.connector_id, "bo")
    assert await newest(stores) == []
    assert await newest(stores, "id\0a") == []


async def test_the_newest_of_every_kind_are_found(stores: Stores) -> None:
    """Whatever is older, or another's, is not."""
    connectors = [await charger(stores, f"abc{number}") for number in range(7)]
    store = stores.transactions
    lost = await in_state(stores, connectors[0], SessionState.CANCELLED)
    assert await store.get_newest_for_user("ida") == (lost,)
    for _ in range(2):
        over = await ended(stores, connectors[0])
        session = await opened(stores, connectors[0].connector_id)
        off = await store.cancel(session.session_id, DUE_AT, EndReason.DRIVER)
    await ended(stores, connectors[0], "bo")
    running = [await charging(stores, one) for one in connectors[1:3]]
    own = [await opened(stores, one.connector_id) for one in connectors[3:5]]
    assert await store.get_newest_for_user("ida") == (
        own[1],
        running[1],
        off,
        over,
    )
    await booked(stores, connectors[5])
    await stores.reservations.open_due(connectors[5].connector_id, DUE_AT)
    (waits,) = await stores.reservations.get_unheld()
    last = await in_state(stores, connectors[6], SessionState.CANCELLED)
    expected = (waits, own[1], running[1], off, over)
    assert await store.get_newest_for_user("ida") == expected
    assert last not in expected


async def test_a_booking_that_is_asked_to_start_is_its_users_own(
    stores: Stores,
) -> None:
    """Not held any more, but started; another one may wait."""
    first, second = await charger(stores), await charger(stores, "abc112")
    sessions: list[Session] = []
    for connector in (first, second):
        await booked(stores, connector)
        await stores.reservations.open_due(connector.connector_id, DUE_AT)
    sessions += await stores.reservations.get_unheld()
    older, newer = (session.session_id for session in sessions)
    assert await newest(stores) == [newer]
    await stores.transactions.begin_start(older, DUE_AT, DUE_AT + 300)
    assert await newest(stores) == [newer, older]


async def test_what_ended_last_is_the_newest_that_is_over(stores: Stores) -> None:
    """Not what was opened last."""
    first, second = await charger(stores), await charger(stores, "abc112")
    slow, quick = await charging(stores, first), await charging(stores, second)
    await stores.transactions.end(sealed(quick, at=DUE_AT))
    await stores.transactions.end(sealed(slow, at=DUE_AT + 60))
    last = await opened(stores, first.connector_id)
    assert await newest(stores) == [last.session_id, slow.session_id]
