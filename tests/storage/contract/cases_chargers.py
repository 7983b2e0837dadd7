"""How every `IChargerStore` makes, finds and retires chargers."""

from __future__ import annotations

import pytest

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
    NumbersExhausted,
    SiteUnknown,
    StationUnknown,
)
from flexicharge.model.session import EndReason
from flexicharge.model.site import (
    FIRST_CONNECTOR,
    LAST_NUMBER_GIVEN_OUT,
    Connector,
)
from flexicharge.model.status import ConnectorStatus

from .stores import (
    HERE,
    NOT_ON_EARTH,
    NOWHERE,
    T0,
    Stores,
    charger,
    charging,
    ended,
    is_refused,
    opened,
)


async def test_a_new_charger_is_available(stores: Stores) -> None:
    """A charger is a station and one connector under the next six-digit number."""
    site = await stores.chargers.add_charge_point("A", "", HERE)
    first = await charger(stores, "abc111", site_id=site.site_id)
    assert first == Connector(
        connector_id=FIRST_CONNECTOR,
        station_id=first.station_id,
        serial_number="abc111",
        number=1,
        site_id=site.site_id,
        latitude=HERE[0],
        longitude=HERE[1],
        status=ConnectorStatus.AVAILABLE,
    )
    assert await stores.chargers.get_charger(FIRST_CONNECTOR) == first
    second = await charger(stores, "abc112")
    assert second.connector_id == FIRST_CONNECTOR + 1
    assert second.station_id != first.station_id


async def test_a_charger_needs_no_site(stores: Stores) -> None:
    """A charger may stand anywhere, and then has no price of its own."""
    assert (await charger(stores)).site_id is None
    assert (await stores.chargers.get_station("abc111")).sek_per_kwh is None


async def test_a_charger_is_not_put_on_a_site_that_is_not_there(
    stores: Stores,
) -> None:
    """The site must exist, else there is no charger either."""
    with pytest.raises(SiteUnknown):
        await charger(stores, site_id=77)
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("abc111")


async def test_a_serial_number_is_had_once(stores: Stores) -> None:
    """A charger with a serial number in use is refused."""
    first = await charger(stores)
    with pytest.raises(AlreadyTaken) as taken:
        await charger(stores)
    assert taken.value.what == "serialNumber"
    assert await stores.chargers.get_chargers() == (first,)


async def test_connector_numbers_run_out(stores: Stores) -> None:
    """After 999998 no charger can be made, and none is made by halves."""
    await stores.arrange.draw_connectors_from(LAST_NUMBER_GIVEN_OUT)
    last = await charger(stores, "abc111")
    assert last.connector_id == LAST_NUMBER_GIVEN_OUT
    for _ in range(2):
        with pytest.raises(NumbersExhausted):
            await charger(stores, "abc112")
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("abc112")
    assert await stores.chargers.get_chargers() == (last,)


async def test_a_charger_that_is_not_there_is_unknown(stores: Stores) -> None:
    """Any number that no connector in service has is `ConnectorUnknown`."""
    await charger(stores)
    for connector_id in NOWHERE:
        with pytest.raises(ConnectorUnknown):
            await stores.chargers.get_charger(connector_id)


async def test_a_serial_number_that_is_not_there_is_unknown(stores: Stores) -> None:
    """No text finds a station that is not exactly it; some could not even be stored."""
    await charger(stores, "abc111")
    for serial_number in ("", "ABC111", "abc111 ", "abc\x00111", "abc111\0", "\ud800"):
        with pytest.raises(ConnectorUnknown):
            await stores.chargers.get_charger_by_serial_number(serial_number)
        with pytest.raises(StationUnknown):
            await stores.chargers.get_station(serial_number)
        with pytest.raises(StationUnknown):
            await stores.chargers.set_credential(serial_number, b"x")


async def test_chargers_are_listed_by_number(stores: Stores) -> None:
    """All connectors in service come in the order of their public numbers."""
    made = [await charger(stores, serial) for serial in ("c", "a", "b")]
    assert await stores.chargers.get_chargers() == tuple(made)


async def test_a_serial_number_stands_for_its_lowest_connector(stores: Stores) -> None:
    """On a station with several connectors the first one answers for it."""
    first = await charger(stores)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    found = await stores.chargers.get_charger_by_serial_number("abc111")
    assert found == first
    await stores.chargers.remove_charger(first.connector_id, T0)
    found = await stores.chargers.get_charger_by_serial_number("abc111")
    assert (found.connector_id, found.number) == (second_id, 2)


async def test_only_what_is_shown_available_is_offered(stores: Stores) -> None:
    """Words, sessions and lost connections all take a charger from the list."""
    free, faulted, held, used = [
        await charger(stores, serial) for serial in ("a", "b", "c", "d")
    ]
    await stores.chargers.update_charger_status(faulted.connector_id, "Faulted", T0)
    await opened(stores, held.connector_id)
    await charging(stores, used)
    assert await stores.chargers.get_available_chargers(T0 + 90) == (free,)


async def test_a_charger_gone_for_a_minute_is_not_offered(stores: Stores) -> None:
    """It still is a moment before; one that never was here shows its stored word."""
    gone, new = await charger(stores, "a"), await charger(stores, "b")
    await stores.chargers.station_connected(gone.station_id, T0)
    await stores.chargers.stations_gone([(gone.station_id, T0 + 100)])

    async def offered(at: float) -> list[int]:
        found = await stores.chargers.get_available_chargers(at)
        return [connector.connector_id for connector in found]

    assert await offered(T0 + 159.9) == [gone.connector_id, new.connector_id]
    assert await offered(T0 + 160.0) == [new.connector_id]


async def test_a_removed_charger_is_nowhere(stores: Stores) -> None:
    """It is removed once; after that nothing finds it."""
    made = await charger(stores)
    remove = stores.chargers.remove_charger
    assert await remove(made.connector_id, T0) is True
    assert await remove(made.connector_id, T0 + 1) is False
    assert await stores.chargers.get_chargers() == ()
    assert await stores.chargers.get_available_chargers(T0) == ()
    for lookup in (
        stores.chargers.get_charger(made.connector_id),
        stores.chargers.get_charger_by_serial_number("abc111"),
        stores.chargers.update_charger_status(made.connector_id, "Faulted", T0),
        opened(stores, made.connector_id),
    ):
        with pytest.raises(ConnectorUnknown):
            await lookup
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("abc111")


async def test_removing_what_is_not_there_says_so(stores: Stores) -> None:
    """There is nothing to remove under a number that nothing has."""
    for connector_id in NOWHERE:
        assert await stores.chargers.remove_charger(connector_id, T0) is False


async def test_a_charger_in_a_session_is_not_removed(stores: Stores) -> None:
    """Neither while it is held nor while it charges, but after that."""
    made = await charger(stores)
    session = await opened(stores, made.connector_id)
    with pytest.raises(ConnectorBusy):
        await stores.chargers.remove_charger(made.connector_id, T0)
    await stores.transactions.cancel(session.session_id, T0, EndReason.REFUSED)
    await charging(stores, made)
    with pytest.raises(ConnectorBusy):
        await stores.chargers.remove_charger(made.connector_id, T0)
    await ended(stores, await charger(stores, "abc112"))
    assert await stores.chargers.remove_charger(made.connector_id + 1, T0) is True


async def test_a_removed_serial_number_can_be_added_again(stores: Stores) -> None:
    """It is a new charger under a new number; its old sessions are still there."""
    old = await charger(stores)
    session = await ended(stores, old)
    await stores.chargers.set_credential("abc111", b"secret")
    await stores.chargers.station_connected(old.station_id, T0)
    await stores.chargers.stations_gone([(old.station_id, T0)])
    await stores.chargers.remove_charger(old.connector_id, T0)
    new = await charger(stores)
    assert new.connector_id > old.connector_id
    assert new.gone_at is None
    assert (await stores.chargers.get_station("abc111")).credential is None
    assert await stores.transactions.get_transaction(session.session_id) == session
    assert await stores.chargers.get_chargers() == (new,)


async def test_what_no_column_holds_is_refused(stores: Stores) -> None:
    """A charger with such a value is not made by halves."""
    chargers = stores.chargers
    for serial_number in ("", "x" * 49, "abc\x00111", "\ud800"):
        await is_refused(charger(stores, serial_number))
    for location in NOT_ON_EARTH:
        await is_refused(chargers.add_charger(None, "abc111", location))
    assert await chargers.get_chargers() == ()
    assert (await charger(stores, "x" * 48)).serial_number == "x" * 48
