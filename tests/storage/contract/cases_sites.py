"""How every `IChargerStore` makes, finds, changes and retires sites."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
    SiteUnknown,
    StationUnknown,
)
from flexicharge.model.session import RUNNING, UNSTARTED
from flexicharge.model.site import Site, SiteChanges

from .stores import (
    HERE,
    NOT_ON_EARTH,
    NOWHERE,
    T0,
    Stores,
    charger,
    charging,
    ended,
    in_state,
    is_refused,
    opened,
    sealed,
)

ENDLESS = Decimal("Infinity")
NO_PRICES = (Decimal(10**7), Decimal("NaN"), ENDLESS, -ENDLESS)


async def site(stores: Stores, name: str = "A") -> Site:
    """Return a new site where a kWh costs three kronor."""
    return await stores.chargers.add_charge_point(
        name, "Here 1", HERE, sek_per_kwh=Decimal(3)
    )


async def test_a_site_is_found_as_it_was_made(stores: Stores) -> None:
    """Whoever looks a site up sees what was stored."""
    made = await stores.chargers.add_charge_point(
        "Jönköping University",
        "Gjuterigatan 5",
        (57.652328901782795, 14.694810832097543),
        sek_per_kwh=Decimal("2.34567"),
        klarna_reservation_ore=30_000,
    )
    assert made == Site(
        site_id=made.site_id,
        name="Jönköping University",
        address="Gjuterigatan 5",
        latitude=57.652328901782795,
        longitude=14.694810832097543,
        sek_per_kwh=Decimal("2.34567"),
        klarna_reservation_ore=30_000,
    )
    assert await stores.chargers.get_charge_point(made.site_id) == made


async def test_a_site_needs_no_price(stores: Stores) -> None:
    """Without a price the tariff counts; 500 kronor are reserved by default."""
    made = await stores.chargers.add_charge_point("A", "", HERE)
    assert made.sek_per_kwh is None
    assert made.klarna_reservation_ore == 50_000


async def test_a_free_site_is_not_one_without_a_price(stores: Stores) -> None:
    """A price of 0 stays a price."""
    zero = Decimal(0)
    made = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=zero)
    found = await stores.chargers.get_charge_point(made.site_id)
    assert found.sek_per_kwh == zero


async def test_a_price_is_kept_to_five_places(stores: Stores) -> None:
    """What is finer is rounded."""
    price = Decimal("1.234567")
    made = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    assert made.sek_per_kwh == Decimal("1.23457")


async def test_sites_are_listed_by_number(stores: Stores) -> None:
    """All sites come in the order they were made."""
    made = [
        await stores.chargers.add_charge_point(name, "", HERE)
        for name in ("B", "C", "A")
    ]
    assert await stores.chargers.get_charge_points() == tuple(made)
    assert made == sorted(made, key=lambda site: site.site_id)


async def test_a_site_that_is_not_there_is_unknown(stores: Stores) -> None:
    """Any number that no site has is `SiteUnknown`, even an absurd one."""
    assert await stores.chargers.get_charge_points() == ()
    for site_id in NOWHERE:
        with pytest.raises(SiteUnknown):
            await stores.chargers.get_charge_point(site_id)


async def test_a_site_has_its_name_alone(stores: Stores) -> None:
    """A second site of the same name is refused and leaves nothing behind."""
    await stores.chargers.add_charge_point("A", "here", HERE)
    with pytest.raises(AlreadyTaken) as taken:
        await stores.chargers.add_charge_point("A", "there", HERE)
    assert taken.value.what == "name"
    assert len(await stores.chargers.get_charge_points()) == 1


async def test_a_site_that_no_row_holds_is_refused(stores: Stores) -> None:
    """It is not made by halves."""
    add = stores.chargers.add_charge_point
    await is_refused(add("A\0", "", HERE))
    await is_refused(add("A", "\ud800", HERE))
    for price in NO_PRICES:
        await is_refused(add("A", "", HERE, sek_per_kwh=price))
    for ore in (-1, 2**63):
        await is_refused(add("A", "", HERE, klarna_reservation_ore=ore))
    for location in NOT_ON_EARTH:
        await is_refused(add("A", "", location))
    assert await stores.chargers.get_charge_points() == ()


async def test_a_site_can_be_changed_altogether(stores: Stores) -> None:
    """All that is told of it but its number is different then; no other site is."""
    old, other = await site(stores), await site(stores, "B")
    changed = await stores.chargers.update_charge_point(
        old.site_id,
        name="C",
        address="There 2",
        location=(-1.5, 2.5),
        sek_per_kwh=Decimal("0.123454"),
        klarna_reservation_ore=0,
    )
    assert changed == Site(
        site_id=old.site_id,
        name="C",
        address="There 2",
        latitude=-1.5,
        longitude=2.5,
        sek_per_kwh=Decimal("0.12345"),
        klarna_reservation_ore=0,
    )
    assert await stores.chargers.get_charge_points() == (changed, other)


async def test_what_is_not_given_stays_as_it_is(stores: Stores) -> None:
    """One thing can be changed alone; a price of None is not the same as none given."""
    made = await site(stores)
    update = stores.chargers.update_charge_point
    assert await update(made.site_id) == made
    assert await update(made.site_id, name="A") == made
    moved = await update(made.site_id, location=(1.0, 2.0))
    assert (moved.latitude, moved.longitude, moved.name) == (1.0, 2.0, "A")
    assert moved.sek_per_kwh == Decimal(3)
    by_tariff = await update(made.site_id, sek_per_kwh=None)
    assert (by_tariff.sek_per_kwh, by_tariff.address) == (None, "Here 1")
    free = await update(made.site_id, sek_per_kwh=Decimal(0))
    assert free.sek_per_kwh == Decimal(0)
    assert await stores.chargers.get_charge_point(made.site_id) == free


async def test_a_site_is_not_given_anothers_name(stores: Stores) -> None:
    """It is told so, and nothing else of that change is made either."""
    one, _ = await site(stores, "A"), await site(stores, "B")
    with pytest.raises(AlreadyTaken) as taken:
        await stores.chargers.update_charge_point(
            one.site_id, name="B", address="elsewhere"
        )
    assert taken.value.what == "name"
    assert await stores.chargers.get_charge_point(one.site_id) == one


async def test_no_site_is_changed_to_what_no_row_holds(stores: Stores) -> None:
    """A change with such a value leaves the site as it was."""
    made = await site(stores)
    wrong: list[SiteChanges] = [
        {"name": "A\0"},
        {"address": "\ud800"},
        *(SiteChanges(sek_per_kwh=price) for price in NO_PRICES),
        *(SiteChanges(location=location) for location in NOT_ON_EARTH),
        *(SiteChanges(klarna_reservation_ore=ore) for ore in (-1, 2**63)),
    ]
    for changes in wrong:
        await is_refused(stores.chargers.update_charge_point(made.site_id, **changes))
    assert await stores.chargers.get_charge_points() == (made,)


async def test_a_site_that_is_not_there_is_neither_changed_nor_removed(
    stores: Stores,
) -> None:
    """Nothing is done under a number that nothing has."""
    made = await site(stores)
    for site_id in NOWHERE:
        with pytest.raises(SiteUnknown):
            await stores.chargers.update_charge_point(site_id, name="B")
        with pytest.raises(SiteUnknown):
            await stores.chargers.remove_charge_point(site_id, T0)
    assert await stores.chargers.get_charge_points() == (made,)


async def test_an_open_session_keeps_its_price(stores: Stores) -> None:
    """What is asked at the site from now on is what the next session pays."""
    made = await site(stores)
    held = await charger(stores, "abc111", site_id=made.site_id)
    used = await charger(stores, "abc112", site_id=made.site_id)
    early = [
        await opened(stores, held.connector_id),
        await charging(stores, used),
    ]
    await stores.chargers.update_charge_point(made.site_id, sek_per_kwh=Decimal(9))
    for session in early:
        found = await stores.transactions.get_transaction(session.session_id)
        assert found.site_sek_per_kwh == Decimal(3)
    assert (await stores.chargers.get_station("abc111")).sek_per_kwh == Decimal(9)
    await stores.transactions.end(sealed(early[1]))
    late = await opened(stores, used.connector_id)
    assert late.site_sek_per_kwh == Decimal(9)


async def test_a_removed_site_is_nowhere(stores: Stores) -> None:
    """It is removed once; after that nothing finds it and nothing is put on it."""
    made, other = await site(stores), await site(stores, "B")
    assert await stores.chargers.remove_charge_point(made.site_id, T0) == ()
    assert await stores.chargers.get_charge_points() == (other,)
    for attempt in (
        stores.chargers.get_charge_point(made.site_id),
        stores.chargers.update_charge_point(made.site_id, name="C"),
        stores.chargers.remove_charge_point(made.site_id, T0 + 1),
        charger(stores, site_id=made.site_id),
    ):
        with pytest.raises(SiteUnknown):
            await attempt
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("abc111")


async def test_a_removed_site_takes_its_chargers_along(stores: Stores) -> None:
    """Whoever removes it is told which stations those are, each once; no other goes."""
    made, other = await site(stores), await site(stores, "B")
    last = await charger(stores, "b", site_id=made.site_id)
    first = await charger(stores, "a", site_id=made.site_id)
    second_id = await stores.arrange.add_connector(last.station_id, 2)
    gone = await charger(stores, "c", site_id=made.site_id)
    await stores.chargers.remove_charger(gone.connector_id, T0)
    staying = [
        await charger(stores, "d", site_id=other.site_id),
        await charger(stores, "e"),
    ]
    removed = await stores.chargers.remove_charge_point(made.site_id, T0)
    assert removed == ("b", "a")
    assert await stores.chargers.get_chargers() == tuple(staying)
    for connector_id in (first.connector_id, last.connector_id, second_id):
        with pytest.raises(ConnectorUnknown):
            await stores.chargers.get_charger(connector_id)
        with pytest.raises(ConnectorUnknown):
            await opened(stores, connector_id)


async def test_a_site_in_use_is_not_removed(stores: Stores) -> None:
    """As long as one session is open there, the site and all on it stay."""
    made = await site(stores)
    idle = await charger(stores, "idle", site_id=made.site_id)
    for state in (*UNSTARTED, *RUNNING):
        busy = await charger(stores, f"busy {state}", site_id=made.site_id)
        await in_state(stores, busy, state)
        with pytest.raises(ConnectorBusy):
            await stores.chargers.remove_charge_point(made.site_id, T0)
        assert await stores.chargers.get_charge_point(made.site_id) == made
        assert await stores.chargers.get_charger(idle.connector_id) == idle
        await stores.chargers.get_station(f"busy {state}")
        await finish(stores, busy.station_id)
    assert len(await stores.chargers.remove_charge_point(made.site_id, T0)) == 6


async def finish(stores: Stores, station_id: int) -> None:
    """End the open session of a station, or cancel it."""
    [session] = await stores.transactions.get_open_for_station(station_id)
    stopped = await stores.transactions.begin_stop(session.session_id, T0 + 1200)
    await stores.transactions.end(sealed(stopped))


async def test_what_was_charged_on_a_removed_site_is_still_there(
    stores: Stores,
) -> None:
    """Sessions, their prices and what they cost are never deleted."""
    made = await site(stores)
    station = await charger(stores, site_id=made.site_id)
    session = await ended(stores, station)
    await stores.chargers.remove_charge_point(made.site_id, T0)
    assert await stores.transactions.get_transaction(session.session_id) == session
    assert session.site_sek_per_kwh == Decimal(3)
    assert await stores.arrange.charges(session.session_id) == [1000]


async def test_a_removed_sites_name_can_be_used_anew(stores: Stores) -> None:
    """By a new site, or by one that is renamed; its number is nobody else's."""
    old = await site(stores)
    await charger(stores, site_id=old.site_id)
    await stores.chargers.remove_charge_point(old.site_id, T0)
    new = await site(stores)
    assert new.site_id > old.site_id
    station = await charger(stores, site_id=new.site_id)
    assert await stores.chargers.get_chargers() == (station,)
    await stores.chargers.remove_charge_point(new.site_id, T0)
    third = await site(stores, "C")
    assert third.site_id > new.site_id
    renamed = await stores.chargers.update_charge_point(third.site_id, name="A")
    assert renamed.name == "A"
    with pytest.raises(AlreadyTaken):
        await site(stores)
