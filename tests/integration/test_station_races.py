"""Operators who make, change and retire stations at once, and others meanwhile."""

from __future__ import annotations

import pytest
import pytest_twisted

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    SiteUnknown,
)
from flexicharge.model.id_tag import IdTag
from flexicharge.model.site import Protocol, Registration, Station, StationChanges
from flexicharge.storage.tags import PostgresIdTags

from .desk import NOON, Desk, Work, at_once, kinds

SERIAL = "CP-7"


def put(desk: Desk, changes: StationChanges | None = None) -> Work:
    """Make or change the station."""
    return desk.chargers.put_station(SERIAL, changes or {}, NOON)


async def made(desk: Desk, connectors: int = 1) -> Station:
    """Return the station, made with some connectors."""
    station, _ = await put(desk, {"connectors": connectors})
    assert isinstance(station, Station)
    return station


@pytest_twisted.ensureDeferred
async def test_station_that_is_made_by_many_at_once_is_made_once(desk: Desk) -> None:
    """One has made it, the others change what is there; all see the same connector."""
    wanted = [StationChanges(security_profile=1)] * 4
    results = await at_once(*(put(desk, changes) for changes in wanted))
    assert sorted(is_new for _, is_new in results) == [False, False, False, True]
    stations = {station for station, _ in results}
    assert stations == {await desk.chargers.get_station(SERIAL)}
    assert len(await desk.chargers.get_chargers()) == 1


@pytest_twisted.ensureDeferred
async def test_retired_station_is_made_anew_once(desk: Desk) -> None:
    """Whether by `put_station`, or by `add_charger` at the same moment."""
    await made(desk)
    for _ in range(3):
        retiring = (desk.chargers.retire_station(SERIAL, NOON) for _ in range(3))
        retired = await at_once(*retiring)
        assert kinds(retired) == ["NoneType", "StationUnknown", "StationUnknown"]
        results = await at_once(
            put(desk), put(desk), desk.charger(SERIAL), put(desk, {"connectors": 1})
        )
        assert kinds(results) in (
            ["AlreadyTaken", "tuple", "tuple", "tuple"],
            ["Connector", "tuple", "tuple", "tuple"],
        )
        assert len(await desk.chargers.get_chargers()) == 1


@pytest_twisted.ensureDeferred
async def test_connector_that_is_just_taken_is_not_retired(desk: Desk) -> None:
    """A driver who comes a moment before the operator keeps it."""
    first, second = (await made(desk, 2)).connectors
    added, fewer, other = await desk.in_turn(
        second,
        desk.add(second, "u1"),
        put(desk, {"connectors": 1}),
        put(desk, {"protocol": Protocol.DIALECT}),
    )
    assert added[1] is True
    assert isinstance(fewer, ConnectorBusy)
    assert isinstance(other, ConnectorBusy)
    station = await desk.chargers.get_station(SERIAL)
    assert [c.connector_id for c in station.connectors] == [
        first.connector_id, second.connector_id
    ]  # fmt: skip
    assert station.protocol is Protocol.OCPP_1_6


@pytest_twisted.ensureDeferred
async def test_connector_just_retired_is_not_taken(desk: Desk) -> None:
    """A driver, or a car, that comes a moment after the operator finds none."""
    _, second = (await made(desk, 2)).connectors
    changed, added, started = await desk.in_turn(
        second, put(desk, {"connectors": 1}), desk.add(second, "u1"), desk.start(second)
    )
    assert len(changed[0].connectors) == 1
    assert isinstance(added, ConnectorUnknown)
    assert isinstance(started, ConnectorUnknown)


@pytest_twisted.ensureDeferred
async def test_one_of_driver_and_operator_has_the_station(desk: Desk) -> None:
    """Whoever of them is first; the other is told."""
    [connector] = (await made(desk)).connectors
    added, refused = await desk.in_turn(
        connector, desk.add(connector, "u1"), desk.chargers.retire_station(SERIAL, NOON)
    )
    assert added[1] is True
    assert isinstance(refused, ConnectorBusy)
    await desk.transactions.begin_stop(added[0].session_id, NOON)
    retired, late = await desk.in_turn(
        connector, desk.chargers.retire_station(SERIAL, NOON), desk.add(connector, "u1")
    )
    assert retired is None
    assert isinstance(late, ConnectorUnknown)


@pytest_twisted.ensureDeferred
async def test_station_that_is_just_retired_is_given_no_password(desk: Desk) -> None:
    """What comes a moment late finds no station; the record keeps no secret."""
    [connector] = (await made(desk)).connectors
    await desk.chargers.expect_credential(SERIAL, b"told")
    retired, *late = await desk.in_turn(
        connector,
        desk.chargers.retire_station(SERIAL, NOON),
        desk.chargers.set_credential(SERIAL, b"set"),
        desk.chargers.expect_credential(SERIAL, b"told later"),
    )
    assert retired is None
    assert kinds(late) == ["StationUnknown"] * 2
    await desk.chargers.credential_shown(SERIAL, b"told")
    rows = await desk.database.query("SELECT credential, next_credential FROM stations")
    assert rows == [(None, None)]


@pytest_twisted.ensureDeferred
async def test_connectors_added_to_a_station_go_with_its_site(desk: Desk) -> None:
    """An operator who removes the site a moment later has removed them too."""
    site = await desk.site()
    await put(desk, {"site_id": site.site_id})
    changed, removed = await desk.in_turn(
        site, put(desk, {"connectors": 3}), desk.remove(site)
    )
    assert removed == (SERIAL,)
    for connector in changed[0].connectors:
        with pytest.raises(ConnectorUnknown):
            await desk.chargers.get_charger(connector.connector_id)


@pytest_twisted.ensureDeferred
async def test_station_is_not_put_on_a_site_just_removed(desk: Desk) -> None:
    """Nor is one that stood there changed: it is gone, and made anew elsewhere."""
    site = await desk.site()
    old = (await put(desk, {"site_id": site.site_id}))[0].connectors[0]
    removed, back, anew = await desk.in_turn(
        site,
        desk.remove(site),
        put(desk, {"site_id": site.site_id}),
        put(desk, {"registration": Registration.PENDING}),
    )
    assert removed == (SERIAL,)
    assert isinstance(back, SiteUnknown)
    station, is_new = anew
    assert is_new is True
    assert station.connectors[0].site_id is None
    assert station.connectors[0].connector_id > old.connector_id


@pytest_twisted.ensureDeferred
async def test_station_that_moves_does_not_go_with_its_old_site(desk: Desk) -> None:
    """The one who removes that a moment later does not find it there."""
    old = await desk.site()
    new = await desk.chargers.add_charge_point("B", "There 2", (57.7, 14.1))
    await put(desk, {"site_id": old.site_id})
    moved, removed = await desk.in_turn(
        old, put(desk, {"site_id": new.site_id}), desk.remove(old)
    )
    assert removed == ()
    assert await desk.chargers.get_station(SERIAL) == moved[0]


@pytest_twisted.ensureDeferred
async def test_tag_that_many_put_at_once_is_new_to_one(desk: Desk) -> None:
    """Also if they write it differently."""
    tags = PostgresIdTags(desk.database)
    told = await at_once(*(tags.put_tag(IdTag(id_tag=t), NOON) for t in ("a", "A") * 2))
    assert sorted(told) == [False, False, False, True]
    assert len(await tags.get_tags(limit=9)) == 1
