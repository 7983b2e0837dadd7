"""What every `ITransactionStore` makes of a station that says: energy flows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorUnknown
from flexicharge.model.session import Session, SessionState
from flexicharge.model.site import Protocol
from flexicharge.model.status import ConnectorStatus

from .stores import (
    HERE,
    NOWHERE,
    T0,
    Stores,
    charger,
    charging,
    in_state,
    opened,
    started,
    word_of,
)


async def test_an_alias_is_not_drawn_for_a_start_either(stores: Stores) -> None:
    """A session that a station opens skips it as well."""
    await stores.arrange.draw_sessions_from(9999)
    connector = await charger(stores)
    session = await stores.transactions.start(started(connector))
    assert session.session_id == 10_000


async def test_a_start_finds_the_session_of_its_connector(stores: Stores) -> None:
    """Energy flows, the register is known, and the charger says so."""
    connector = await charger(stores)
    session = await in_state(stores, connector, SessionState.STARTING)
    fact = started(connector)
    running = await stores.transactions.start(fact)
    assert running == evolve(
        session,
        state=SessionState.CHARGING,
        started_at=T0 + 60,
        meter_start_wh=1000,
    )
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.CHARGING


async def test_a_start_that_is_said_twice_is_one(stores: Stores) -> None:
    """The first register and time stay, and so does what was said."""
    connector = await charger(stores)
    first = await charging(stores, connector)
    later = started(connector, meter_start_wh=1300, at=T0 + 99)
    assert await stores.transactions.start(later) == first
    await stores.transactions.begin_stop(first.session_id, T0 + 100)
    again = await stores.transactions.start(later)
    assert again.session_id == first.session_id
    assert again.state is SessionState.STOPPING
    facts = await stores.arrange.facts(connector.station_id)
    assert facts == [("start", first.session_id, '{"meterStart":1000}')]


async def test_a_start_that_nobody_asked_for_is_kept(stores: Stores) -> None:
    """Energy is never refused: a session without a payer is opened."""
    price = Decimal("3.25")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    connector = await charger(stores, site_id=site.site_id)
    session = await stores.transactions.start(started(connector))
    assert session == Session(
        session_id=session.session_id,
        station_id=connector.station_id,
        serial_number="abc111",
        connector_id=connector.connector_id,
        user_id=None,
        state=SessionState.CHARGING,
        opened_at=T0 + 60,
        started_at=T0 + 60,
        meter_start_wh=1000,
        site_sek_per_kwh=price,
    )
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.CHARGING
    assert await stores.transactions.start(started(connector)) == session
    facts = await stores.arrange.facts(connector.station_id)
    assert facts == [("start", session.session_id, '{"meterStart":1000}')]


async def test_a_dialect_station_may_start_on_another_connector(
    stores: Stores,
) -> None:
    """Its charger says connector 1 whatever it was asked: its only session is meant."""
    first = await charger(stores)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    session = await opened(stores, second_id)
    running = await stores.transactions.start(started(first))
    assert (running.session_id, running.connector_id) == (session.session_id, second_id)
    assert running.state is SessionState.CHARGING
    assert await word_of(stores, second_id) is ConnectorStatus.CHARGING
    assert await word_of(stores, first.connector_id) is ConnectorStatus.AVAILABLE
    assert await stores.transactions.start(started(first)) == running


async def test_a_start_prefers_the_session_of_its_own_connector(
    stores: Stores,
) -> None:
    """Other connectors of the station are looked at only if it has none."""
    first = await charger(stores)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    other = await opened(stores, second_id, "bo")
    own = await opened(stores, first.connector_id)
    running = await stores.transactions.start(started(first))
    assert running.session_id == own.session_id
    assert await stores.transactions.get_transaction(other.session_id) == other


async def test_a_start_does_not_choose_between_two_others(stores: Stores) -> None:
    """With two open sessions elsewhere nobody can tell which one is meant."""
    first = await charger(stores)
    others = [
        await opened(
            stores, await stores.arrange.add_connector(first.station_id, number), user
        )
        for number, user in ((2, "ida"), (3, "bo"))
    ]
    running = await stores.transactions.start(started(first))
    assert (running.user_id, running.connector_id) == (None, first.connector_id)
    found = await stores.transactions.get_open_for_station(first.station_id)
    assert found == (*others, running)


async def test_a_standard_station_means_the_connector_it_names(stores: Stores) -> None:
    """Only the dialect is guessed at."""
    first = await charger(stores, protocol=Protocol.OCPP_1_6)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    other = await opened(stores, second_id)
    running = await stores.transactions.start(started(first))
    assert (running.user_id, running.connector_id) == (None, first.connector_id)
    assert await stores.transactions.get_transaction(other.session_id) == other


async def test_a_station_starts_nothing_on_another_ones_connector(
    stores: Stores,
) -> None:
    """A connector that is not the station's, or not there, is unknown."""
    one, other = await charger(stores, "a"), await charger(stores, "b")
    held = await opened(stores, other.connector_id)
    for connector_id in (other.connector_id, *NOWHERE):
        fact = evolve(started(one), connector_id=connector_id)
        with pytest.raises(ConnectorUnknown):
            await stores.transactions.start(fact)
    assert await stores.transactions.get_transaction(held.session_id) == held
    assert await stores.arrange.facts(one.station_id) == []
