"""Chargers over HTTP, as each client reads them."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from flexicharge.model.site import Connector
from flexicharge.model.status import GONE_AFTER_S
from flexicharge.storage.memory import MemoryChargers, MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient
from tests.rest.fakes import NOW

JSON = "application/json; charset=utf-8"
AIRPORT = (57.749812214261034, 14.070100435207065)


@pytest.fixture
def airport(chargers: MemoryChargers) -> Connector:
    """A charger on a site."""
    site = result_of(chargers.add_charge_point("Airport", "Flygplansvägen", AIRPORT))
    return result_of(chargers.add_charger(site.site_id, "abc117", AIRPORT))


def test_all_chargers_are_listed_under_every_generations_names(
    api: HttpClient, airport: Connector
) -> None:
    """One object satisfies AND, FLU, IOS, GUI, PYT and BPT; the encoding is named."""
    answer = api.get("/chargers")
    assert (answer.status, answer.header("Content-Type")) == (200, JSON)
    assert answer.json == [
        {
            "connectorID": airport.connector_id,
            "chargerID": airport.connector_id,
            "location": list(AIRPORT),
            "coordinates": list(AIRPORT),
            "serialNumber": "abc117",
            "status": "Available",
            "chargePointID": airport.site_id,
        }
    ]


def test_no_charger_is_an_empty_array(api: HttpClient) -> None:
    """An empty network is not an error."""
    assert api.get("/chargers").body == b"[]"
    assert api.get("/chargers/available").body == b"[]"


def test_one_charger_is_read_by_number_and_by_serial(
    api: HttpClient, airport: Connector
) -> None:
    """Both ways lead to the object of the list."""
    [listed] = api.get("/chargers").json
    assert api.get(f"/chargers/{airport.connector_id}").json == listed
    assert api.get("/CHARGERS/Serial/abc117/").json == listed


def test_a_serial_number_is_not_found_in_another_case(
    api: HttpClient, airport: Connector
) -> None:
    """Only the words of a path are read in any case."""
    assert api.get(f"/chargers/serial/{airport.serial_number.upper()}").json == []


@pytest.mark.parametrize(
    "charger",
    [
        "100001",
        "99999",
        "abc",
        "-1",
        "1e5",
        "100000.0",
        "9" * 30,
        "%D9%A1%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0",
        "0x186a0",
    ],
)
def test_an_unknown_charger_is_404_with_no_body(
    api: HttpClient, airport: Connector, charger: str
) -> None:
    """A number that is none is as unknown as one that nobody has."""
    answer = api.get(f"/chargers/{charger}")
    assert (answer.status, answer.body) == (404, b"")
    assert answer.header("Content-Length") == "0"
    assert answer.header("Access-Control-Allow-Origin") == "*"


def test_an_unknown_serial_number_is_an_empty_array(
    api: HttpClient, airport: Connector
) -> None:
    """The original says `[]` with 200."""
    answer = api.get("/chargers/serial/" + "s" * 36)
    assert (answer.status, answer.body) == (200, b"[]")


def test_a_serial_number_that_cannot_be_is_named_invalid(
    api: HttpClient, airport: Connector
) -> None:
    """Over 36 characters there is nothing to look for."""
    answer = api.get("/chargers/serial/" + "s" * 37)
    assert (answer.status, answer.json) == (400, ["invalidSerialNumber"])


def test_a_station_gone_for_a_minute_shows_as_unavailable(
    api: HttpClient, chargers: MemoryChargers, airport: Connector, clock: Clock
) -> None:
    """What is shown depends on the time of asking, in the list and alone."""
    result_of(chargers.station_connected(airport.station_id, NOW))
    result_of(chargers.stations_gone([(airport.station_id, NOW)]))
    path = f"/chargers/{airport.connector_id}"
    clock.advance(GONE_AFTER_S - 1)
    assert api.get(path).json["status"] == "Available"
    assert len(api.get("/chargers/available").json) == 1
    clock.advance(1)
    assert api.get(path).json["status"] == "Unavailable"
    assert api.get("/chargers").json[0]["status"] == "Unavailable"
    assert api.get("/chargers/available").json == []


def test_a_charger_on_no_site_says_site_0(
    api: HttpClient, chargers: MemoryChargers
) -> None:
    """No app survives a null there."""
    result_of(chargers.add_charger(None, "abc120", AIRPORT))
    assert api.get("/chargers").json[0]["chargePointID"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/chargers",
        "/chargers/available",
        "/chargers/serial/abc117",
        "/chargers/100000",
        "/chargePoints",
        "/chargePoints/1",
    ],
)
def test_without_the_database_everything_is_503(
    api: HttpClient, world: MemoryWorld, path: str
) -> None:
    """Clients are told that it is not them, and when to come back."""
    world.faults.away = True
    answer = api.get(path)
    assert (answer.status, answer.json) == (503, ["dbError"])
    assert answer.header("Retry-After") == "5"
    assert answer.header("Access-Control-Allow-Origin") == "*"
