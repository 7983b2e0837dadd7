"""What every `IChargerStore` has on record of stations, and lets go with them."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
    StationUnknown,
)
from flexicharge.model.session import EndReason, TaggedStart
from flexicharge.model.site import (
    BootFact,
    Protocol,
    Registration,
    Station,
    StationOnRecord,
)
from flexicharge.model.status import ConnectorStatus

from .cases_standard_stations import BOOT, NO_SERIALS, SERIAL, put, site
from .stores import HERE, T0, Stores, charger, is_refused, opened, sealed


async def test_a_retired_station_is_nowhere(stores: Stores) -> None:
    """It goes with all its connectors, once; no secret of it stays."""
    made = await put(stores, {"connectors": 2, "security_profile": 1})
    other = await put(stores, {}, "CP-8")
    await stores.chargers.set_credential(SERIAL, b"old")
    await stores.chargers.expect_credential(SERIAL, b"new")
    await stores.chargers.retire_station(SERIAL, T0)
    for attempt in (
        stores.chargers.retire_station(SERIAL, T0),
        stores.chargers.get_station(SERIAL),
        stores.chargers.station_on_record(SERIAL),
        stores.chargers.set_credential(SERIAL, b"x"),
        stores.chargers.expect_credential(SERIAL, b"x"),
    ):
        with pytest.raises(StationUnknown):
            await attempt
    await stores.chargers.credential_shown(SERIAL, b"new")
    assert await stores.arrange.secrets_of(SERIAL) == (None, None)
    for connector in made.connectors:
        with pytest.raises(ConnectorUnknown):
            await stores.chargers.get_charger(connector.connector_id)
    assert await stores.chargers.get_chargers() == other.connectors


async def test_a_station_in_use_is_not_retired(stores: Stores) -> None:
    """As long as one session is open there, all of it stays."""
    made = await put(stores, {"connectors": 2})
    await stores.chargers.set_credential(SERIAL, b"secret")
    session = await opened(stores, made.connectors[1].connector_id)
    before = await stores.chargers.get_station(SERIAL)
    with pytest.raises(ConnectorBusy):
        await stores.chargers.retire_station(SERIAL, T0)
    assert await stores.chargers.get_station(SERIAL) == before
    await stores.transactions.cancel(session.session_id, T0, EndReason.REFUSED)
    await stores.chargers.retire_station(SERIAL, T0)
    assert await stores.chargers.get_chargers() == ()


async def test_a_session_beside_others_is_one_too(stores: Stores) -> None:
    """Though it is not what its connector does, nothing is retired or changed."""
    made = await put(stores, {"connectors": 2})
    second = made.connectors[1]
    session, _ = await stores.transactions.start_tagged(
        TaggedStart(
            station_id=made.station_id,
            connector_id=second.connector_id,
            meter_start_wh=0,
            started_at=T0,
            arrived_at=T0,
            claimed="{}",
            aside=True,
        )
    )
    assert await put(stores) == made
    for attempt in (
        put(stores, {"connectors": 1}),
        put(stores, {"protocol": Protocol.DIALECT}),
        stores.chargers.retire_station(SERIAL, T0),
        stores.chargers.remove_charger(second.connector_id, T0),
    ):
        with pytest.raises(ConnectorBusy):
            await attempt
    await stores.transactions.end(sealed(session))
    await stores.chargers.retire_station(SERIAL, T0)


async def test_a_retired_station_is_made_anew(stores: Stores) -> None:
    """As if there had never been one, but for the numbers; so does `add_charger`."""
    place = await site(stores)
    for retired_by in ("itself", "its charger", "its site"):
        old = await put(
            stores,
            {
                "protocol": Protocol.OCPP_2_1,
                "registration": Registration.REJECTED,
                "security_profile": 2,
                "site_id": place.site_id,
            },
        )
        await stores.chargers.set_credential(SERIAL, b"old")
        await stores.chargers.expect_credential(SERIAL, b"new")
        await stores.chargers.expect_profile(SERIAL, 3)
        await stores.chargers.station_booted(old.station_id, BOOT)
        await stores.chargers.station_connected(old.station_id, T0)
        if retired_by == "itself":
            await stores.chargers.retire_station(SERIAL, T0)
        elif retired_by == "its charger":
            await stores.chargers.remove_charger(old.connectors[0].connector_id, T0)
        else:
            await stores.chargers.remove_charge_point(place.site_id, T0)
        fresh, is_new = await stores.chargers.put_station(SERIAL, {}, T0)
        assert is_new is True
        assert fresh.connectors[0].connector_id > old.connectors[0].connector_id
        record = await stores.chargers.station_on_record(SERIAL)
        assert record == blank_record(fresh)
        await stores.chargers.retire_station(SERIAL, T0)
    await charger(stores, SERIAL)
    again = await stores.chargers.station_on_record(SERIAL)
    assert again.station.protocol is Protocol.DIALECT
    assert again.station.registration is Registration.ACCEPTED
    assert again.station.security_profile == 0


def blank_record(made: Station) -> StationOnRecord:
    """Return what is on record of a station that was made of its name alone."""
    [connector] = made.connectors
    station = Station(
        station_id=made.station_id,
        serial_number=SERIAL,
        protocol=Protocol.OCPP_1_6,
        credential=None,
        sek_per_kwh=None,
        connectors=(evolve(connector, status=ConnectorStatus.AVAILABLE),),
    )
    return StationOnRecord(station=station, site_id=None, latitude=0.0, longitude=0.0)


async def test_what_a_station_said_when_it_booted_is_on_record(stores: Stores) -> None:
    """Its last words count; over-long ones are cut, and none are refused."""
    made = await put(stores)
    await stores.chargers.station_booted(made.station_id, BOOT)
    assert (await stores.chargers.get_station(SERIAL)).boot == BOOT
    text = "Volt\0 " + "é\ud800" * 400
    long = BootFact(vendor=text, model=text, firmware=text, booted_at=T0 + 0.12345678)
    await stores.chargers.station_booted(made.station_id, long)
    boot = (await stores.chargers.station_on_record(SERIAL)).station.boot
    assert boot is not None
    assert {boot.vendor, boot.model, boot.firmware} == {boot.vendor}
    assert boot.vendor.startswith("Volt é?é?")
    assert len(boot.vendor) == 254  # 255, and the NUL of those left out
    assert boot.booted_at == T0 + 0.123457


async def test_an_operator_sees_since_when_a_station_is_here(stores: Stores) -> None:
    """Both times are kept to the microsecond; neither is there before it was."""
    made = await put(stores, {"location": HERE})

    async def seen() -> tuple[float | None, float | None]:
        record = await stores.chargers.station_on_record(SERIAL)
        assert record.station == await stores.chargers.get_station(SERIAL)
        assert (record.latitude, record.longitude) == HERE
        return record.connected_since, record.gone_at

    assert await seen() == (None, None)
    await stores.chargers.station_connected(made.station_id, T0 + 0.12345678)
    assert await seen() == (T0 + 0.123457, None)
    await stores.chargers.stations_gone([(made.station_id, T0 + 9)])
    assert await seen() == (T0 + 0.123457, T0 + 9)
    await stores.chargers.station_connected(made.station_id, T0 + 20)
    assert await seen() == (T0 + 20, None)


async def test_stations_are_listed_page_by_page(stores: Stores) -> None:
    """By serial number, character by character; those retired are not there."""
    for serial in ("b", "é", "B", "a", "_", "a1"):
        await put(stores, {"connectors": 2}, serial)
    await charger(stores, "gone")
    await stores.chargers.retire_station("gone", T0)

    async def page(limit: int, after: str = "") -> list[str]:
        found = await stores.chargers.stations_on_record(after=after, limit=limit)
        return [record.station.serial_number for record in found]

    assert await page(99) == ["B", "_", "a", "a1", "b", "é"]
    assert await page(2) == ["B", "_"]
    assert await page(2, "_") == ["a", "a1"]
    assert await page(2, "aa") == ["b", "é"]
    assert await page(2, "é") == await page(0) == []
    [first] = await stores.chargers.stations_on_record(limit=1)
    assert first == await stores.chargers.station_on_record("B")
    assert len(first.station.connectors) == 2


async def test_no_list_of_stations_begins_after_what_is_no_text(
    stores: Stores,
) -> None:
    """Nor has any a length below nothing."""
    await put(stores)
    for after in ("a\0", "\ud800"):
        await is_refused(stores.chargers.stations_on_record(after=after, limit=9))
    await is_refused(stores.chargers.stations_on_record(limit=-1))


async def test_what_is_no_stations_name_finds_none(stores: Stores) -> None:
    """No text finds a station that is not exactly it; some could not be stored."""
    made = await put(stores)
    for serial in (*NO_SERIALS, "cp-7", "CP-7 ", "CP-7\0"):
        for attempt in (
            stores.chargers.station_on_record(serial),
            stores.chargers.retire_station(serial, T0),
            stores.chargers.expect_credential(serial, b"x"),
        ):
            with pytest.raises(StationUnknown):
                await attempt
        await stores.chargers.credential_shown(serial, b"x")
        await stores.chargers.expect_profile(serial, 1)
        await stores.chargers.profile_shown(serial, 1)
    assert await stores.chargers.get_station(SERIAL) == made


async def test_a_password_that_was_told_counts_once_it_is_shown(
    stores: Stores,
) -> None:
    """Until then the old one does as well; another one's showing changes nothing."""
    await put(stores)
    old, new = b"\x00old\xff", b"\x00new\xff"

    async def kept() -> tuple[bytes | None, bytes | None]:
        station = await stores.chargers.get_station(SERIAL)
        return station.credential, station.next_credential

    await stores.chargers.set_credential(SERIAL, old)
    await stores.chargers.credential_shown(SERIAL, old)
    assert await kept() == (old, None)
    await stores.chargers.expect_credential(SERIAL, b"first")
    await stores.chargers.expect_credential(SERIAL, new)
    assert await kept() == (old, new)
    for shown in (old, b"first", b""):
        await stores.chargers.credential_shown(SERIAL, shown)
    assert await kept() == (old, new)
    for _ in range(2):
        await stores.chargers.credential_shown(SERIAL, new)
        assert await kept() == (new, None)


async def test_a_password_that_is_set_is_the_only_one(stores: Stores) -> None:
    """What the station was told meanwhile is good no more, shown or not."""
    await put(stores)
    for credential in (b"set", None):
        await stores.chargers.expect_credential(SERIAL, b"told")
        await stores.chargers.set_credential(SERIAL, credential)
        await stores.chargers.credential_shown(SERIAL, b"told")
        station = await stores.chargers.get_station(SERIAL)
        assert (station.credential, station.next_credential) == (credential, None)


async def test_a_demanded_profile_only_rises_by_what_is_shown(stores: Stores) -> None:
    """What is expected is forgotten when it, or a higher one, was shown."""
    await put(stores)

    async def profiles() -> tuple[int, int | None]:
        station = await stores.chargers.get_station(SERIAL)
        return station.security_profile, station.next_security_profile

    await stores.chargers.expect_profile(SERIAL, 2)
    assert await profiles() == (0, 2)
    for shown, then in ((0, (0, 2)), (1, (1, 2)), (2, (2, None)), (1, (2, None))):
        await stores.chargers.profile_shown(SERIAL, shown)
        assert await profiles() == then
    await stores.chargers.expect_profile(SERIAL, 3)
    await stores.chargers.expect_profile(SERIAL, None)
    assert await profiles() == (2, None)
    await stores.chargers.profile_shown(SERIAL, 3)
    assert await profiles() == (3, None)


async def test_an_operator_may_demand_less_again(stores: Stores) -> None:
    """And what the station was told is waited for unless as much is demanded."""
    await put(stores, {"security_profile": 1})
    await stores.chargers.expect_profile(SERIAL, 2)
    for demanded, expected in ((0, 2), (1, 2), (2, None), (1, None)):
        changed = await put(stores, {"security_profile": demanded})
        assert changed.security_profile == demanded
        assert changed.next_security_profile == expected


async def test_what_is_no_security_profile_is_refused(stores: Stores) -> None:
    """It is neither expected nor demanded."""
    made = await put(stores)
    for profile in (-1, 4):
        await is_refused(stores.chargers.expect_profile(SERIAL, profile))
    await is_refused(stores.chargers.profile_shown(SERIAL, 4))
    assert await stores.chargers.get_station(SERIAL) == made


async def test_the_self_tests_station_is_not_an_operators(stores: Stores) -> None:
    """It is in no list, and none of what operators do finds or changes it."""
    await stores.self_tests.prepare(SERIAL, b"secret", (), T0)
    listed = await put(stores, {}, "CP-8")
    before = await stores.chargers.get_station(SERIAL)
    for attempt in (
        stores.chargers.station_on_record(SERIAL),
        stores.chargers.retire_station(SERIAL, T0),
        stores.chargers.set_credential(SERIAL, b"x"),
        stores.chargers.expect_credential(SERIAL, b"x"),
    ):
        with pytest.raises(StationUnknown):
            await attempt
    await stores.chargers.expect_profile(SERIAL, 1)
    await stores.chargers.profile_shown(SERIAL, 1)
    with pytest.raises(AlreadyTaken) as taken:
        await put(stores, {"connectors": 2})
    assert taken.value.what == "serialNumber"
    [record] = await stores.chargers.stations_on_record(limit=9)
    assert record.station == listed
    assert await stores.chargers.get_station(SERIAL) == before
    await stores.self_tests.purge(T0)
    with pytest.raises(AlreadyTaken):
        await put(stores)
    assert [record] == list(await stores.chargers.stations_on_record(limit=9))
