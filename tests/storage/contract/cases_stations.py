"""What every `IChargerStore` notes of what stations say and do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.errors import (
    ConnectorUnknown,
    Invalid,
)
from flexicharge.model.session import EndReason, SessionState
from flexicharge.model.site import (
    BootFact,
    Protocol,
)
from flexicharge.model.status import ConnectorStatus

from .stores import (
    HERE,
    NOWHERE,
    T0,
    Stores,
    charger,
    opened,
)


async def test_a_status_is_stored_as_word_or_number(stores: Stores) -> None:
    """The old numbers mean words; what comes back is the charger with the word."""
    made = await charger(stores)
    update = stores.chargers.update_charger_status
    for status, word in (
        ("SuspendedEV", ConnectorStatus.SUSPENDED_EV),
        (0, ConnectorStatus.CHARGING),
        (3, ConnectorStatus.FAULTED),
    ):
        expected = evolve(made, status=word)
        assert await update(made.connector_id, status, T0) == expected
        assert await stores.chargers.get_charger(made.connector_id) == expected


async def test_a_status_that_is_none_is_refused(stores: Stores) -> None:
    """An unknown word or number is `Invalid` and changes nothing."""
    made = await charger(stores)
    for status in ("", "available", 4, -1, True):
        with pytest.raises(Invalid) as refused:
            await stores.chargers.update_charger_status(made.connector_id, status, T0)
        assert refused.value.codes == ("invalidStatus",)
    assert await stores.chargers.get_charger(made.connector_id) == made


async def test_the_status_of_nothing_is_not_stored(stores: Stores) -> None:
    """A status needs a connector."""
    for connector_id in NOWHERE:
        with pytest.raises(ConnectorUnknown):
            await stores.chargers.update_charger_status(connector_id, 1, T0)


async def test_many_statuses_are_stored_at_once(stores: Stores) -> None:
    """Of one connector the last counts; connectors that are gone are passed over."""
    one, other = await charger(stores, "a"), await charger(stores, "b")
    await stores.chargers.update_statuses(
        word
        for word in (
            (other.connector_id, ConnectorStatus.FAULTED, T0),
            (one.connector_id, ConnectorStatus.FAULTED, T0),
            (999_999, ConnectorStatus.FAULTED, T0),
            (one.connector_id, ConnectorStatus.FINISHING, T0 + 1),
        )
    )
    statuses = [c.status for c in await stores.chargers.get_chargers()]
    assert statuses == [ConnectorStatus.FINISHING, ConnectorStatus.FAULTED]
    await stores.chargers.update_statuses([])
    statuses = [c.status for c in await stores.chargers.get_chargers()]
    assert statuses == [ConnectorStatus.FINISHING, ConnectorStatus.FAULTED]


async def test_a_station_is_found_with_its_connectors(stores: Stores) -> None:
    """They come in the order of their numbers, with the price of the site."""
    price = Decimal("3.5")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    first = await charger(stores, site_id=site.site_id, protocol=Protocol.OCPP_2_0_1)
    third = await stores.arrange.add_connector(first.station_id, 3)
    second = await stores.arrange.add_connector(first.station_id, 2)
    station = await stores.chargers.get_station("abc111")
    assert (station.station_id, station.serial_number) == (first.station_id, "abc111")
    assert station.protocol is Protocol.OCPP_2_0_1
    assert (station.credential, station.sek_per_kwh) == (None, price)
    assert station.connectors[0] == first
    numbers = [(c.number, c.connector_id) for c in station.connectors]
    assert numbers == [(1, first.connector_id), (2, second), (3, third)]


async def test_a_connector_tells_where_its_session_stands(stores: Stores) -> None:
    """The state of the open session is seen wherever a connector is."""
    made = await charger(stores)
    session = await opened(stores, made.connector_id)

    async def seen() -> set[SessionState | None]:
        station = await stores.chargers.get_station("abc111")
        (listed,) = await stores.chargers.get_chargers()
        alone = await stores.chargers.get_charger(made.connector_id)
        return {c.session_state for c in (listed, alone, *station.connectors)}

    assert await seen() == {SessionState.OPENED}
    await stores.transactions.mark_reserved(session.session_id)
    assert await seen() == {SessionState.RESERVED}
    await stores.transactions.cancel(session.session_id, T0, EndReason.REFUSED)
    assert await seen() == {None}


async def test_a_dialect_station_comes_back_available(stores: Stores) -> None:
    """It sends no status after it booted; connectors in a session keep their word."""
    free = await charger(stores)
    busy_id = await stores.arrange.add_connector(free.station_id, 2)
    words = [(n, ConnectorStatus.FINISHING, T0) for n in (free.connector_id, busy_id)]
    await stores.chargers.update_statuses(words)
    await opened(stores, busy_id)
    await stores.chargers.stations_gone([(free.station_id, T0)])
    await stores.chargers.station_connected(free.station_id, T0 + 90)
    station = await stores.chargers.get_station("abc111")
    assert [(c.status, c.gone_at) for c in station.connectors] == [
        (ConnectorStatus.AVAILABLE, None),
        (ConnectorStatus.FINISHING, None),
    ]


async def test_a_standard_station_comes_back_with_its_last_word(
    stores: Stores,
) -> None:
    """It will say itself what its connectors do."""
    made = await charger(stores, protocol=Protocol.OCPP_1_6)
    await stores.chargers.update_charger_status(made.connector_id, "Faulted", T0)
    await stores.chargers.stations_gone([(made.station_id, T0)])
    await stores.chargers.station_connected(made.station_id, T0 + 90)
    found = await stores.chargers.get_charger(made.connector_id)
    assert (found.status, found.gone_at) == (ConnectorStatus.FAULTED, None)


async def test_a_station_is_gone_since_it_was_lost(stores: Stores) -> None:
    """Hearing it again does not move the time, until it was here in between."""
    made = await charger(stores)

    async def gone_at() -> float | None:
        return (await stores.chargers.get_charger(made.connector_id)).gone_at

    await stores.chargers.station_connected(made.station_id, T0)
    assert await gone_at() is None
    await stores.chargers.stations_gone([(made.station_id, T0 + 10)])
    await stores.chargers.stations_gone([(made.station_id, T0 + 20)])
    assert await gone_at() == T0 + 10
    await stores.chargers.station_connected(made.station_id, T0 + 30)
    await stores.chargers.stations_gone([(made.station_id, T0 + 40)])
    assert await gone_at() == T0 + 40


async def test_after_a_restart_whoever_was_here_is_gone(stores: Stores) -> None:
    """Those who never were here stay as they are, and those lost before as well."""
    here, lost, new = [await charger(stores, serial) for serial in ("a", "b", "c")]
    await stores.chargers.station_connected(here.station_id, T0)
    await stores.chargers.station_connected(lost.station_id, T0)
    await stores.chargers.stations_gone([(lost.station_id, T0 + 10)])
    for _ in range(2):
        await stores.chargers.all_stations_gone(T0 + 50)
    gone_at = [c.gone_at for c in await stores.chargers.get_chargers()]
    assert gone_at == [T0 + 50, T0 + 10, None]
    assert new.gone_at is None


async def test_times_are_kept_to_the_microsecond(stores: Stores) -> None:
    """What is finer is rounded, the same everywhere."""
    made = await charger(stores)
    await stores.chargers.stations_gone([(made.station_id, T0 + 0.12345678)])
    found = await stores.chargers.get_charger(made.connector_id)
    assert found.gone_at == T0 + 0.123457


async def test_what_a_station_says_of_itself_is_never_refused(stores: Stores) -> None:
    """Over-long texts and such as no column can hold are cut to what fits."""
    made = await charger(stores)
    text = "FlexiCharge\0 " + "é\ud800" * 400
    boot = BootFact(vendor=text, model=text, firmware=text, booted_at=T0)
    await stores.chargers.station_booted(made.station_id, boot)
    assert await stores.chargers.get_charger(made.connector_id) == made


async def test_what_an_unknown_station_does_changes_nothing(stores: Stores) -> None:
    """A station that was deleted meanwhile is no error."""
    made = await charger(stores)
    for station_id in (0, 2**31):
        await stores.chargers.station_connected(station_id, T0)
        await stores.chargers.stations_gone([(station_id, T0)])
        await stores.chargers.station_booted(station_id, BootFact(booted_at=T0))
    assert await stores.chargers.get_chargers() == (made,)


async def test_a_credential_is_set_and_cleared(stores: Stores) -> None:
    """It is kept as the bytes that it is."""
    await charger(stores)
    for credential in (b"\x00\xff'\\", b"other", None):
        await stores.chargers.set_credential("abc111", credential)
        assert (await stores.chargers.get_station("abc111")).credential == credential


async def test_many_stations_go_in_one_commit(stores: Stores) -> None:
    """Each at its own time; of one that is named twice the first time counts."""
    made = [await charger(stores, serial) for serial in ("a", "b", "c")]
    for each in made:
        await stores.chargers.station_connected(each.station_id, T0)
    first, second, _ = (each.station_id for each in made)
    gone = [(second, T0 + 2), (first, T0 + 1), (second, T0 + 9), (2**31, T0)]
    await stores.chargers.stations_gone(gone)
    await stores.chargers.stations_gone([])
    gone_at = [c.gone_at for c in await stores.chargers.get_chargers()]
    assert gone_at == [T0 + 1, T0 + 2, None]
