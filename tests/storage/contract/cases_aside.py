"""Sessions that are not what their connector is doing now, in every store."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorBusy
from flexicharge.model.reservation import Window
from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.model.site import Connector
from flexicharge.model.status import ConnectorStatus

from .cases_begun import DUE_AT, booked, to_come
from .cases_tagged_starts import standard, tagged
from .stores import (
    HOUR,
    T0,
    Stores,
    at,
    charger,
    opened,
    sealed,
    started,
    word_of,
    write,
)

S = SessionState


async def aside(stores: Stores, connector: Connector, key: str = "aside") -> Session:
    """Return a session of Ida's that runs beside whatever the connector does."""
    fact = tagged(connector, aside=True, key=key)
    session, moved = await stores.transactions.start_tagged(fact)
    assert moved == ()
    assert session.aside
    return session


async def test_a_session_aside_leaves_its_connector_alone(stores: Stores) -> None:
    """Its word stays, it is shown as free, and it can be had."""
    connector = await standard(stores)
    beside = await aside(stores, connector)
    assert (beside.state, beside.id_tag) == (S.CHARGING, "CARD1")
    assert await stores.transactions.get_transaction(beside.session_id) == beside
    found = await stores.chargers.get_charger(connector.connector_id)
    assert found == connector
    station = await stores.chargers.get_station(connector.serial_number)
    assert station.connectors == (connector,)
    assert await stores.chargers.get_available_chargers(T0) == (connector,)
    held = await opened(stores, connector.connector_id, "bo")
    assert held.user_id == "bo"
    found = await stores.chargers.get_charger(connector.connector_id)
    assert found.session_state is S.OPENED


async def test_sessions_aside_run_beside_any_other(stores: Stores) -> None:
    """As many as there are; what ran or was held there goes on."""
    connector = await standard(stores)
    held = await opened(stores, connector.connector_id, "bo")
    first = await aside(stores, connector, "first")
    running, _ = await stores.transactions.start_tagged(
        tagged(connector, session_id=held.session_id)
    )
    second = await aside(stores, connector, "second")
    assert running.session_id == held.session_id
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert {one.session_id for one in found} == {
        running.session_id,
        first.session_id,
        second.session_id,
    }
    assert await stores.transactions.start_tagged(
        tagged(connector, aside=True, key="first")
    ) == (first, ())
    with pytest.raises(ConnectorBusy):
        await stores.transactions.start_tagged(tagged(connector, key="third"))


async def test_the_newest_that_runs_is_none_aside(stores: Stores) -> None:
    """Its driver does something else, whatever was told of last."""
    connector = await standard(stores)
    now, _ = await stores.transactions.start_tagged(tagged(connector))
    fact = tagged(connector, aside=True, key="late", arrived_at=T0 + 70)
    late, _ = await stores.transactions.start_tagged(fact)
    await stores.transactions.start_tagged(evolve(fact, key="last", arrived_at=T0 + 80))
    newest = await stores.transactions.get_newest_for_user("ida")
    assert now in newest
    assert late not in newest


async def test_an_own_session_can_be_set_aside(stores: Stores) -> None:
    """It charges, and its connector is free for the next one."""
    connector = await standard(stores)
    own = await opened(stores, connector.connector_id)
    fact = tagged(connector, session_id=own.session_id, aside=True)
    session, moved = await stores.transactions.start_tagged(fact)
    assert moved == ()
    assert (session.session_id, session.aside) == (own.session_id, True)
    other = await opened(stores, connector.connector_id, "bo")
    over, _ = await stores.transactions.end(sealed(session))
    assert over.state is S.ENDED
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert found == (other,)


async def test_a_start_without_a_tag_is_not_that_of_one_aside(stores: Stores) -> None:
    """Neither on its connector, nor where a dialect station says another one."""
    for connector in (await standard(stores, "a"), await charger(stores, "b")):
        beside = await aside(stores, connector)
        session = await stores.transactions.start(started(connector))
        assert session.session_id != beside.session_id
        assert session.user_id is None
        second_id = await stores.arrange.add_connector(connector.station_id, 2)
        await stores.transactions.end(sealed(session))
        fact = evolve(started(connector), connector_id=second_id)
        elsewhere = await stores.transactions.start(fact)
        assert elsewhere.connector_id == second_id


async def test_the_end_of_a_session_aside_frees_nothing(stores: Stores) -> None:
    """It is sealed and charged as any other; the connector is somebody else's."""
    for connector in (await standard(stores, "a"), await charger(stores, "b")):
        beside = await aside(stores, connector)
        running = await stores.transactions.start(started(connector))
        stopping = await stores.transactions.begin_stop(beside.session_id, T0 + 100)
        assert stopping.state is S.STOPPING
        over, is_sealed_now = await stores.transactions.end(sealed(beside))
        assert is_sealed_now
        assert (over.state, over.aside) == (S.ENDED, True)
        assert await stores.arrange.charges(beside.session_id) == [1000]
        number = connector.connector_id
        assert await word_of(stores, number) is ConnectorStatus.CHARGING
        found = await stores.transactions.get_open_for_station(connector.station_id)
        assert found == (running,)


async def test_a_connector_with_a_session_aside_is_not_retired(stores: Stores) -> None:
    """Not by itself, and not with its site; once that is over it can be."""
    site = await stores.chargers.add_charge_point("A", "", (57.7, 14.1))
    connector = await charger(stores, site_id=site.site_id)
    beside = await aside(stores, connector)
    with pytest.raises(ConnectorBusy):
        await stores.chargers.remove_charger(connector.connector_id, T0)
    with pytest.raises(ConnectorBusy):
        await stores.chargers.remove_charge_point(site.site_id, T0)
    await stores.transactions.end(sealed(beside))
    assert await stores.chargers.remove_charger(connector.connector_id, T0 + 2000)


async def test_bookings_see_nothing_of_a_session_aside(stores: Stores) -> None:
    """They are made, are due, begin, and are not used up by its end."""
    connector = await standard(stores)
    beside = await aside(stores, connector)
    number = (await booked(stores, connector)).reservation_id
    assert await stores.reservations.get_due(DUE_AT) == (connector.connector_id,)
    await stores.transactions.end(sealed(beside, at=DUE_AT + 60))
    assert await to_come(stores) == [number]
    await aside(stores, connector)
    await stores.reservations.open_due(connector.connector_id, DUE_AT)
    (session,) = await stores.reservations.get_unheld()
    assert session.session_id == number
    later = Window(T0 + 5 * HOUR, T0 + 6 * HOUR)
    assert await booked(stores, connector, "bo", later)


async def test_a_session_aside_is_silent_like_any_other(stores: Stores) -> None:
    """Since it was told of, or since its last reading."""
    connector = await standard(stores)
    beside = await aside(stores, connector)
    silent = stores.transactions.get_silent
    assert await silent(T0 + 64) == ()
    assert await silent(T0 + 65) == (beside,)
    await write(stores, beside.session_id, at(500, 2000), refresh=False)
    assert await silent(T0 + 499) == ()
    assert await silent(T0 + 500) == (beside,)


async def test_a_session_told_of_late_is_not_silent_at_once(stores: Stores) -> None:
    """It began long ago; that is no reason to end it before its frames come."""
    connector = await standard(stores)
    fact = tagged(connector, started_at=T0 - 5 * HOUR)
    session, _ = await stores.transactions.start_tagged(fact)
    assert await stores.transactions.get_silent(T0 + 64) == ()
    assert await stores.transactions.get_silent(T0 + 65) == (session,)


async def test_a_session_aside_is_not_cancelled(stores: Stores) -> None:
    """It runs: neither expiry nor a refusal touches it."""
    connector = await standard(stores)
    beside = await aside(stores, connector)
    store, number = stores.transactions, beside.session_id
    assert await store.cancel(number, T0 + 70, EndReason.REFUSED) == beside
    assert await store.expire_reservations(T0 + 9000) == ()
    await write(stores, number, at(90, 2000, 40))
    found = await store.get_transaction(number)
    assert found == evolve(beside, meter_last_wh=2000, percent=40)
