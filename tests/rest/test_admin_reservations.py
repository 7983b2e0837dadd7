"""The reservations at a station over HTTP, for its operators."""

from __future__ import annotations

import pytest

from flexicharge.charging.beliefs.reservation import (
    ReservationStatus,
    StationReservation,
)
from flexicharge.model.id_tag import session_of_tag
from flexicharge.model.site import Protocol, Station
from flexicharge.storage.memory import MemoryChargers, MemoryTransactions, MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW
from tests.rest.operators import FakeKnown

BELIEVED = StationReservation(
    reservation_id=-7,
    connector_id=0,
    id_tag="04A2B3",
    parent_id_tag="FAMILY",
    expires_at=NOW + 60,
    status=ReservationStatus.USED,
    session_id=77,
    asked_at=NOW - 60,
    at=NOW,
)


@pytest.fixture
def station(chargers: MemoryChargers) -> Station:
    """A station of OCPP 1.6 with two connectors."""
    made, _ = result_of(chargers.put_station("CP-1", {"connectors": 2}, NOW))
    return made


def get(api: HttpClient, serial: str = "CP-1") -> Response:
    """Ask for reservations."""
    path = f"/admin/chargers/{serial}/reservations"
    return api.request("GET", path, token="admin")


def hold(world: MemoryWorld, station: Station, number: int) -> int:
    """Let a driver reserve a connector; return the number of the session."""
    session, _ = result_of(
        MemoryTransactions(world).add_transaction(
            f"user-{number}",
            station.connectors[number - 1].connector_id,
            at=NOW + number,
            reserved_until=NOW + 300,
        )
    )
    return session.session_id


def test_what_an_operator_had_held_is_shown(
    api: HttpClient, station: Station, known: FakeKnown
) -> None:
    """However it went on."""
    known.held = (BELIEVED,)
    assert get(api).json == [
        {
            "reservationId": -7,
            "connectorId": 0,
            "idTag": "04A2B3",
            "parentIdTag": "FAMILY",
            "expiryDate": "2027-01-15T08:01:00.000Z",
            "status": "used",
            "transactionId": 77,
        }
    ]


def test_what_drivers_hold_comes_first(
    api: HttpClient, world: MemoryWorld, station: Station, known: FakeKnown
) -> None:
    """While it is held, under the tag that their charge is to start with."""
    known.held = (BELIEVED,)
    first, second = hold(world, station, 1), hold(world, station, 2)
    *held, believed = get(api).json
    assert [each["reservationId"] for each in held] == [second, first]
    assert [each["connectorId"] for each in held] == [2, 1]
    assert [session_of_tag(each["idTag"]) for each in held] == [second, first]
    assert held[0]["status"] == "active"
    assert held[0]["expiryDate"] == "2027-01-15T08:05:00.000Z"
    assert believed["reservationId"] == -7
    result_of(MemoryTransactions(world).begin_stop(second, NOW + 5))
    assert [each["reservationId"] for each in get(api).json] == [first, -7]


def test_the_dialect_has_no_tags(
    api: HttpClient, world: MemoryWorld, chargers: MemoryChargers
) -> None:
    """What is held there is held for a driver all the same."""
    station, _ = result_of(
        chargers.put_station("CP-1", {"protocol": Protocol.DIALECT}, NOW)
    )
    number = hold(world, station, 1)
    (held,) = get(api).json
    assert (held["reservationId"], held["idTag"]) == (number, None)


def test_an_unknown_station_holds_nothing(api: HttpClient, world: MemoryWorld) -> None:
    """404 and no body; 503 while the database is away."""
    answer = get(api)
    assert (answer.status, answer.body) == (404, b"")
    world.faults.away = True
    assert get(api).status == 503
