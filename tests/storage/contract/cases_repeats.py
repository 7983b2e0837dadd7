"""How every `ITransactionStore` knows again what a station has said before."""

from __future__ import annotations

from attrs import evolve

from flexicharge.model.session import Said

from .stores import (
    T0,
    Stores,
    charger,
    charging,
    ended,
    is_refused,
    opened,
    sealed,
    started,
)

ALL = ("start", "stop", "stopAgain", "adjustment")


async def test_a_start_is_known_by_its_key(stores: Stores) -> None:
    """By the session that it began, whatever has become of it."""
    connector = await charger(stores)
    said_before = stores.transactions.said_before
    assert await said_before(connector.station_id, ALL, "k") is None
    session = await stores.transactions.start(evolve(started(connector), key="k"))
    assert session.started_at is not None
    expected = Said(session.session_id, session.started_at)
    assert await said_before(connector.station_id, ("start",), "k") == expected
    await stores.transactions.end(sealed(session))
    await opened(stores, connector.connector_id)
    assert await said_before(connector.station_id, ("start",), "k") == expected
    assert await said_before(connector.station_id, ("start",), "K") is None


async def test_a_start_of_a_reserved_session_is_known_too(stores: Stores) -> None:
    """That of the driver; one that changed nothing is not on record."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    for key in ("first", "second"):
        await stores.transactions.start(evolve(started(connector), key=key))
    said_before = stores.transactions.said_before
    found = await said_before(connector.station_id, ALL, "first")
    assert found is not None
    assert found.session_id == session.session_id
    assert await said_before(connector.station_id, ALL, "second") is None


async def test_a_stop_is_known_by_its_key(stores: Stores) -> None:
    """The one that ended a session; a second one is not, unless it is kept."""
    connector = await charger(stores)
    session = await charging(stores, connector)
    for key in ("first", "second"):
        await stores.transactions.end(evolve(sealed(session), key=key))
    said_before, number = stores.transactions.said_before, connector.station_id
    found = await said_before(number, ALL, "first")
    assert found is not None
    assert found.session_id == session.session_id
    assert await said_before(number, ALL, "second") is None
    keep = stores.transactions.keep_fact
    await keep(number, session.session_id, "stopAgain", T0, "", key="second")
    assert await said_before(number, ALL, "second") == Said(session.session_id, T0)


async def test_an_end_without_words_leaves_no_key(stores: Stores) -> None:
    """Nobody has said it."""
    connector = await charger(stores)
    session = await charging(stores, connector)
    await stores.transactions.end(evolve(sealed(session), claimed=None, key="k"))
    assert await stores.transactions.said_before(connector.station_id, ALL, "k") is None


async def test_only_the_kinds_asked_for_are_found(stores: Stores) -> None:
    """The same words as a start are no stop."""
    connector = await charger(stores)
    await stores.transactions.start(evolve(started(connector), key="k"))
    said_before, number = stores.transactions.said_before, connector.station_id
    assert await said_before(number, ("stop", "stopAgain"), "k") is None
    assert await said_before(number, (), "k") is None


async def test_stations_do_not_repeat_one_another(stores: Stores) -> None:
    """The same words of another one are its own."""
    one, other = await charger(stores, "a"), await charger(stores, "b")
    await stores.transactions.start(evolve(started(one), key="k"))
    said_before = stores.transactions.said_before
    assert await said_before(other.station_id, ALL, "k") is None
    assert await said_before(10**6, ALL, "k") is None


async def test_the_newest_of_the_same_words_counts(stores: Stores) -> None:
    """It may have been said of a session, and before that of none."""
    connector = await charger(stores)
    session = await ended(stores, connector)
    keep, number = stores.transactions.keep_fact, connector.station_id
    said_before = stores.transactions.said_before
    await keep(number, None, "stopWithoutStart", T0 + 9, "", key="k")
    kinds = ("stopWithoutStart", "stopAgain")
    assert await said_before(number, kinds, "k") == Said(None, T0 + 9)
    await keep(number, session.session_id, "stopAgain", T0, "", key="k")
    assert await said_before(number, kinds, "k") == Said(session.session_id, T0)


async def test_what_has_no_key_is_never_found(stores: Stores) -> None:
    """Nothing makes it the same as anything else."""
    connector = await charger(stores)
    await ended(stores, connector)
    await stores.transactions.keep_fact(connector.station_id, None, "orphan", T0, "")
    said_before, number = stores.transactions.said_before, connector.station_id
    assert await said_before(number, (*ALL, "orphan"), "") is None
    assert await said_before(number, ALL, "\0") is None


async def test_a_key_has_its_bounds(stores: Stores) -> None:
    """64 characters are stored; what could not be found again is refused."""
    connector = await charger(stores)
    keep, number = stores.transactions.keep_fact, connector.station_id
    await keep(number, None, "orphan", T0, "", key="k" * 64)
    found = await stores.transactions.said_before(number, ("orphan",), "k" * 64)
    assert found == Said(None, T0)
    for impossible in ("k" * 65, "a\0b"):
        fact = evolve(started(connector), key=impossible)
        await is_refused(keep(number, None, "orphan", T0, "", key=impossible))
        await is_refused(stores.transactions.start(fact))
    session = await charging(stores, connector)
    await is_refused(stores.transactions.end(evolve(sealed(session), key="k" * 65)))
    found_open = await stores.transactions.get_open_for_station(number)
    assert found_open == (session,)
