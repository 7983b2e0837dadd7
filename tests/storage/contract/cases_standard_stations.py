"""How every `IChargerStore` has operators make and change stations."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    NumbersExhausted,
    SiteUnknown,
    StationUnknown,
    UnusableValue,
)
from flexicharge.model.session import (
    RUNNING,
    UNSTARTED,
    EndReason,
    SessionState,
)
from flexicharge.model.site import (
    FIRST_CONNECTOR,
    LAST_NUMBER_GIVEN_OUT,
    MAX_CONNECTORS,
    BootFact,
    Connector,
    Protocol,
    Registration,
    Site,
    Station,
    StationChanges,
)
from flexicharge.model.status import ConnectorStatus

from .stores import (
    HERE,
    NOT_ON_EARTH,
    NOWHERE,
    T0,
    Stores,
    charger,
    in_state,
    is_refused,
    opened,
)

THERE = (-1.5, 2.5)
SERIAL = "CP-7"
NO_SERIALS = ("", "x" * 49, "CP\x007", "\ud800")
BOOT = BootFact(vendor="Volt", model="One", firmware="1.0", booted_at=T0 + 5)


async def put(
    stores: Stores, changes: StationChanges | None = None, serial: str = SERIAL
) -> Station:
    """Return a station that was made, or changed, a moment after T0."""
    station, _ = await stores.chargers.put_station(serial, changes or {}, T0 + 1)
    return station


async def site(stores: Stores, name: str = "A") -> Site:
    """Return a new site here."""
    return await stores.chargers.add_charge_point(name, "", HERE)


def numbers(station: Station) -> list[tuple[int, int]]:
    """Return a station's connectors as (number on it, public number)."""
    return [(c.number, c.connector_id) for c in station.connectors]


async def test_a_station_can_be_made_of_its_name_alone(stores: Stores) -> None:
    """It speaks OCPP 1.6, is accepted, has one connector, and is nowhere yet."""
    made, is_new = await stores.chargers.put_station(SERIAL, {}, T0)
    connector = Connector(
        connector_id=FIRST_CONNECTOR,
        station_id=made.station_id,
        serial_number=SERIAL,
        number=1,
        site_id=None,
        latitude=0.0,
        longitude=0.0,
        status=ConnectorStatus.AVAILABLE,
    )
    assert is_new is True
    assert made == Station(
        station_id=made.station_id,
        serial_number=SERIAL,
        protocol=Protocol.OCPP_1_6,
        credential=None,
        sek_per_kwh=None,
        connectors=(connector,),
    )
    assert made.registration is Registration.ACCEPTED
    assert await stores.chargers.get_station(SERIAL) == made
    assert await stores.chargers.get_chargers() == (connector,)


async def test_a_station_can_be_made_as_its_operator_wants_it(stores: Stores) -> None:
    """With as many connectors as it has, numbered from 1 on it, and publicly."""
    await charger(stores)
    place = await site(stores)
    made = await put(
        stores,
        {
            "protocol": Protocol.OCPP_2_0_1,
            "site_id": place.site_id,
            "location": THERE,
            "connectors": 3,
            "registration": Registration.PENDING,
            "security_profile": 2,
        },
    )
    assert made.protocol is Protocol.OCPP_2_0_1
    assert made.registration is Registration.PENDING
    assert made.security_profile == 2
    assert numbers(made) == [(n, FIRST_CONNECTOR + n) for n in (1, 2, 3)]
    places = {(c.site_id, c.latitude, c.longitude) for c in made.connectors}
    assert places == {(place.site_id, *THERE)}
    assert await stores.chargers.get_station(SERIAL) == made


async def test_a_station_is_given_its_password_with_all_else(stores: Stores) -> None:
    """At once, so that it never stands there without; it is the only one then."""
    assert (await put(stores, {"credential": b"first"})).credential == b"first"
    await stores.chargers.expect_credential(SERIAL, b"told")
    same = await put(stores, {"connectors": 2})
    assert (same.credential, same.next_credential) == (b"first", b"told")
    changed = await put(stores, {"credential": b"second"})
    assert (changed.credential, changed.next_credential) == (b"second", None)
    await stores.chargers.retire_station(SERIAL, T0)
    assert (await put(stores, {})).credential is None
    await stores.chargers.retire_station(SERIAL, T0)
    assert (await put(stores, {"credential": b"third"})).credential == b"third"


async def test_a_new_station_is_where_its_site_is(stores: Stores) -> None:
    """Unless it is told to be elsewhere; it costs what the site asks."""
    price = Decimal("3.5")
    place = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    made = await put(stores, {"site_id": place.site_id})
    assert made.sek_per_kwh == price
    [connector] = made.connectors
    assert (connector.latitude, connector.longitude) == HERE
    [moved] = (await put(stores, {"location": THERE})).connectors
    assert (moved.site_id, moved.latitude, moved.longitude) == (place.site_id, *THERE)


async def test_only_what_is_given_of_a_station_is_changed(stores: Stores) -> None:
    """Each thing alone, and nothing at all, leave everything else as it was."""
    place = await site(stores)
    expected = await put(stores, {"connectors": 2})
    await stores.chargers.set_credential(SERIAL, b"old")
    await stores.chargers.expect_credential(SERIAL, b"new")
    await stores.chargers.station_booted(expected.station_id, BOOT)
    await stores.chargers.update_charger_status(FIRST_CONNECTOR + 1, "Faulted", T0)
    expected = await stores.chargers.get_station(SERIAL)
    steps: list[tuple[StationChanges, dict[str, object]]] = [
        ({}, {}),
        ({"protocol": Protocol.OCPP_2_1}, {"protocol": Protocol.OCPP_2_1}),
        (
            {"registration": Registration.REJECTED},
            {"registration": Registration.REJECTED},
        ),
        ({"security_profile": 1}, {"security_profile": 1}),
        ({"connectors": 2}, {}),
    ]
    for changes, difference in steps:
        expected = evolve(expected, **difference)  # type: ignore[arg-type]
        changed, is_new = await stores.chargers.put_station(SERIAL, changes, T0)
        assert (changed, is_new) == (expected, False)
        assert await stores.chargers.get_station(SERIAL) == expected
    for changes, moved in (
        (StationChanges(site_id=place.site_id), (place.site_id, 0.0, 0.0)),
        (StationChanges(location=THERE), (place.site_id, *THERE)),
        (StationChanges(site_id=None), (None, *THERE)),
    ):
        await put(stores, changes)
        record = await stores.chargers.station_on_record(SERIAL)
        assert (record.site_id, record.latitude, record.longitude) == moved
    assert record.station.credential == b"old"


async def test_a_changed_station_shows_what_it_costs_and_does(stores: Stores) -> None:
    """The answer to a change is the station as whoever asks next finds it."""
    price = Decimal("3.5")
    place = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    made = await put(stores, {"connectors": 2})
    await opened(stores, made.connectors[0].connector_id)
    await stores.chargers.stations_gone([(made.station_id, T0)])
    changed = await put(stores, {"site_id": place.site_id})
    assert changed == await stores.chargers.get_station(SERIAL)
    assert changed.sek_per_kwh == price
    assert [c.session_state for c in changed.connectors] == [SessionState.OPENED, None]
    assert [c.gone_at for c in changed.connectors] == [T0, T0]


async def test_connectors_are_added_where_numbers_are_missing(stores: Stores) -> None:
    """Those there stay; a new one never has a public number that one ever had."""
    made = await put(stores, {"connectors": 3})
    first, second, third = (c.connector_id for c in made.connectors)
    await stores.chargers.remove_charger(second, T0)
    changed = await put(stores, {"connectors": 5})
    assert numbers(changed) == [
        (1, first), (2, third + 1), (3, third), (4, third + 2), (5, third + 3)
    ]  # fmt: skip
    assert {c.status for c in changed.connectors} == {ConnectorStatus.AVAILABLE}
    assert numbers(await stores.chargers.get_station(SERIAL)) == numbers(changed)


async def test_connectors_above_are_retired(stores: Stores) -> None:
    """Nothing finds them; back again they are new ones."""
    made = await put(stores, {"connectors": 3})
    first, second, third = (c.connector_id for c in made.connectors)
    assert numbers(await put(stores, {"connectors": 1})) == [(1, first)]
    assert numbers(await stores.chargers.get_station(SERIAL)) == [(1, first)]
    for gone in (second, third):
        with pytest.raises(ConnectorUnknown):
            await stores.chargers.get_charger(gone)
        with pytest.raises(ConnectorUnknown):
            await opened(stores, gone)
    assert numbers(await put(stores, {"connectors": 2})) == [(1, first), (2, third + 1)]


async def test_a_station_has_1_to_64_connectors(stores: Stores) -> None:
    """Another number is refused, and what was asked with it as well."""
    made = await put(stores, {"connectors": MAX_CONNECTORS})
    assert [c.number for c in made.connectors] == list(range(1, MAX_CONNECTORS + 1))
    for count in (0, -1, MAX_CONNECTORS + 1, 10**30):
        for serial in (SERIAL, "CP-8"):
            with pytest.raises(UnusableValue):
                await put(stores, {"connectors": count, "security_profile": 1}, serial)
    assert await stores.chargers.get_station(SERIAL) == made
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("CP-8")


async def test_a_connector_in_a_session_is_not_retired(stores: Stores) -> None:
    """Nor is anything else changed then; one that stays may be in a session."""
    for state in (*UNSTARTED, *RUNNING):
        made = await put(stores, {"connectors": 3}, state)
        await in_state(stores, made.connectors[1], state)
        before = await stores.chargers.get_station(state)
        changes = StationChanges(connectors=1, registration=Registration.REJECTED)
        with pytest.raises(ConnectorBusy):
            await put(stores, changes, state)
        assert await stores.chargers.get_station(state) == before
        after = await put(stores, {"connectors": 2}, state)
        assert after.connectors == before.connectors[:2]


async def test_a_protocol_changes_between_sessions_only(stores: Stores) -> None:
    """Whatever it was or is to be; to say it again while one is open is no change."""
    for was, to_be in (
        (Protocol.DIALECT, Protocol.OCPP_1_6),
        (Protocol.OCPP_1_6, Protocol.DIALECT),
        (Protocol.OCPP_1_6, Protocol.OCPP_2_1),
    ):
        serial = f"{was} {to_be}"
        made = await put(stores, {"protocol": was, "connectors": 2}, serial)
        session = await opened(stores, made.connectors[1].connector_id)
        with pytest.raises(ConnectorBusy):
            await put(stores, {"protocol": to_be, "security_profile": 3}, serial)
        same = await put(stores, {"protocol": was}, serial)
        assert (same.protocol, same.security_profile) == (was, 0)
        await stores.transactions.cancel(session.session_id, T0, EndReason.REFUSED)
        assert (await put(stores, {"protocol": to_be}, serial)).protocol is to_be


async def test_a_dialect_charger_can_be_given_more_connectors(stores: Stores) -> None:
    """What `add_charger` made is a station like any other."""
    made = await charger(stores)
    changed, is_new = await stores.chargers.put_station(
        "abc111", {"connectors": 2, "registration": Registration.PENDING}, T0
    )
    assert is_new is False
    assert changed.protocol is Protocol.DIALECT
    assert changed.connectors[0] == made
    assert numbers(changed)[1] == (2, made.connector_id + 1)


async def test_no_station_is_put_on_a_site_that_is_not_there(stores: Stores) -> None:
    """Neither a new one nor one that is; nothing else is changed then."""
    retired = await site(stores)
    await stores.chargers.remove_charge_point(retired.site_id, T0)
    made = await put(stores)
    for site_id in (retired.site_id, *NOWHERE):
        for serial in (SERIAL, "CP-8"):
            with pytest.raises(SiteUnknown):
                await put(stores, {"site_id": site_id, "connectors": 2}, serial)
    assert await stores.chargers.get_station(SERIAL) == made
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("CP-8")


async def test_a_station_goes_with_the_site_it_is_on_now(stores: Stores) -> None:
    """Not with one that it was on before."""
    old, new = await site(stores), await site(stores, "B")
    made = await put(stores, {"site_id": old.site_id})
    await put(stores, {"site_id": new.site_id})
    assert await stores.chargers.remove_charge_point(old.site_id, T0) == ()
    assert numbers(await stores.chargers.get_station(SERIAL)) == numbers(made)
    assert await stores.chargers.remove_charge_point(new.site_id, T0) == (SERIAL,)


async def test_no_station_is_made_by_halves_when_numbers_run_out(
    stores: Stores,
) -> None:
    """Two are asked for where one is left: none is given out, nothing is changed."""
    made = await put(stores)
    for serial in (SERIAL, "CP-8"):
        await stores.arrange.draw_connectors_from(LAST_NUMBER_GIVEN_OUT)
        with pytest.raises(NumbersExhausted):
            await put(stores, {"connectors": 3, "security_profile": 1}, serial)
    assert await stores.chargers.get_station(SERIAL) == made
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("CP-8")
    changes = StationChanges(connectors=1, security_profile=1)
    assert (await put(stores, changes)).security_profile == 1


async def test_a_station_that_no_row_holds_is_refused(stores: Stores) -> None:
    """It is neither made nor changed."""
    made = await put(stores)
    for serial in NO_SERIALS:
        await is_refused(put(stores, {}, serial))
    wrong: list[StationChanges] = [
        *(StationChanges(location=location) for location in NOT_ON_EARTH),
        *(StationChanges(security_profile=profile) for profile in (-1, 4)),
    ]
    for changes in wrong:
        for serial in (SERIAL, "CP-8"):
            await is_refused(put(stores, changes, serial))
    assert await stores.chargers.get_chargers() == made.connectors
    assert (await put(stores, {}, "x" * 48)).serial_number == "x" * 48
