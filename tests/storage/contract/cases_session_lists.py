"""How every `ITransactionStore` finds a station's sessions and what it said."""

from __future__ import annotations

from flexicharge.model.session import EndReason, Session, SessionState, StationFact
from flexicharge.model.site import Connector

from .cases_tagged_starts import standard, tagged
from .stores import HOUR, NOWHERE, T0, Stores, at, opened, sealed, write


async def one_after_another(
    stores: Stores, connector: Connector, *tags: str
) -> list[Session]:
    """Return a session of each tag on a connector; all but the last are over."""
    sessions: list[Session] = []
    for number, id_tag in enumerate(tags):
        said_at = T0 + number * HOUR
        fact = tagged(connector, id_tag=id_tag, key=f"{number}", arrived_at=said_at)
        session, _ = await stores.transactions.start_tagged(fact)
        if number < len(tags) - 1:
            session, _ = await stores.transactions.end(sealed(session, at=said_at + 60))
        sessions.append(session)
    return sessions


async def test_running_sessions_are_found_by_their_tag(stores: Stores) -> None:
    """In any letter case, wherever and beside what they run; those over are not."""
    one, other = await standard(stores, "a"), await standard(stores, "b")
    _, mine = await one_after_another(stores, one, "Köln1", "Köln1")
    (theirs,) = await one_after_another(stores, other, "kÖLN1")
    fact = tagged(one, id_tag="KÖLN1", aside=True, key="aside")
    beside, _ = await stores.transactions.start_tagged(fact)
    find = stores.transactions.get_running_with_tag
    for spelling in ("Köln1", "KÖLN1", "köln1"):
        assert await find(spelling) == (mine, theirs, beside)
    stopping = await stores.transactions.begin_stop(mine.session_id, T0 + 9000)
    assert await find("köln1") == (stopping, theirs, beside)
    await stores.transactions.end(sealed(mine))
    assert await find("köln1") == (theirs, beside)
    assert await find("köln") == ()


async def test_no_session_is_found_by_what_is_no_tag(stores: Stores) -> None:
    """Those without a tag have no tag in common, and nothing has one like these."""
    connector = await standard(stores)
    await one_after_another(stores, connector, "")
    for id_tag in ("", "\0", "\ud800", "x" * 5000, "%"):
        assert await stores.transactions.get_running_with_tag(id_tag) == ()


async def test_a_stations_sessions_come_newest_first(stores: Stores) -> None:
    """Those that ever started, on each of its connectors, and no more than asked."""
    connector = await standard(stores)
    first, second, third = await one_after_another(
        stores, connector, "CARD1", "CARD2", "card1"
    )
    await one_after_another(stores, await standard(stores, "other"), "CARD1")
    second_id = await stores.arrange.add_connector(connector.station_id, 2)
    held = await opened(stores, second_id)
    await stores.transactions.cancel(held.session_id, T0 + 60, EndReason.DRIVER)
    await opened(stores, second_id)

    async def listed(
        id_tag: str | None = None, active: bool | None = None, limit: int = 10
    ) -> tuple[Session, ...]:
        return await stores.transactions.get_transactions_at_station(
            connector.station_id, id_tag=id_tag, active=active, limit=limit
        )

    assert await listed() == (third, second, first)
    assert await listed(limit=2) == (third, second)
    assert await listed(limit=0) == ()
    assert await listed("CARD1") == (third, first)
    assert await listed("Card1", limit=1) == (third,)
    assert await listed(active=True) == (third,)
    assert await listed(active=False) == (second, first)
    assert await listed("CARD2", active=True) == ()
    assert await listed("card2", active=False) == (second,)
    for id_tag in ("", "\0", "CARD"):
        assert await listed(id_tag) == ()
    stopping = await stores.transactions.begin_stop(third.session_id, T0 + 9000)
    assert stopping.state is SessionState.STOPPING
    assert await listed(active=True) == (stopping,)


async def test_a_station_that_is_not_there_has_no_sessions(stores: Stores) -> None:
    """Nor facts, nor meter values."""
    store = stores.transactions
    for number in NOWHERE:
        assert await store.get_transactions_at_station(number, limit=10) == ()
        assert await store.get_facts(number, limit=10) == ()
        assert await store.get_meter_values(number, limit=10) == ()


async def test_what_a_station_said_comes_newest_first(stores: Stores) -> None:
    """All of it or what is of one session, with numbers that rise."""
    connector, other = await standard(stores, "a"), await standard(stores, "b")
    first, second = await one_after_another(stores, connector, "CARD1", "CARD2")
    (theirs,) = await one_after_another(stores, other, "CARD1")
    store, station_id = stores.transactions, connector.station_id
    await store.keep_fact(station_id, None, "orphan", T0 + 9000.5, '{"a":1}')
    everything = await store.get_facts(station_id, limit=10)
    assert [(fact.kind, fact.session_id, fact.at) for fact in everything] == [
        ("orphan", None, T0 + 9000.5),
        ("start", second.session_id, T0 + HOUR),
        ("stop", first.session_id, T0 + 60),
        ("start", first.session_id, T0),
    ]
    numbers = [fact.fact_id for fact in everything]
    assert numbers == sorted(numbers, reverse=True)
    assert everything[0] == StationFact(
        fact_id=numbers[0],
        kind="orphan",
        session_id=None,
        at=T0 + 9000.5,
        claimed='{"a":1}',
    )
    assert await store.get_facts(station_id, limit=2) == everything[:2]
    assert await store.get_facts(
        station_id, session_id=first.session_id, limit=10
    ) == tuple(fact for fact in everything if fact.session_id == first.session_id)
    assert (
        await store.get_facts(station_id, session_id=theirs.session_id, limit=10) == ()
    )


async def test_the_oldest_reading_is_the_first_taken(stores: Stores) -> None:
    """Not the first that came; of two taken at once it is the one that came first."""
    (session,) = await one_after_another(stores, await standard(stores), "CARD1")
    first = stores.transactions.get_first_reading
    assert await first(session.session_id) is None
    await write(stores, session.session_id, at(90, 2), at(60, 7), at(60, 8), at(70, 1))
    assert await first(session.session_id) == at(60, 7)
