"""Making, changing and retiring chargers over HTTP, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.actors.bus import LocalBus
from flexicharge.model.events import RETIREMENTS, StationRetired
from flexicharge.model.site import LAST_CONNECTOR, Connector, Site
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW

AIRPORT = (57.749812214261034, 14.070100435207065)
SITELESS = {"serialNumber": "new-1", "location": list(AIRPORT)}


@pytest.fixture
def site(chargers: MemoryChargers) -> Site:
    """A site without chargers."""
    return result_of(chargers.add_charge_point("Airport", "Flygplansvägen", AIRPORT))


@pytest.fixture
def airport(chargers: MemoryChargers, site: Site) -> Connector:
    """A charger on that site."""
    return result_of(chargers.add_charger(site.site_id, "abc117", AIRPORT))


def add(api: HttpClient, **changes: Any) -> Response:
    """Ask for a sound charger on site 1, but for some fields; None leaves one out."""
    fields = SITELESS | {"chargePointID": 1} | changes
    body = {name: value for name, value in fields.items() if value is not None}
    return api.request("POST", "/chargers", json=body, token="admin")


def put(api: HttpClient, charger: object, body: object) -> Response:
    """Ask for a change of a charger."""
    return api.request("PUT", f"/chargers/{charger}", json=body, token="admin")


def delete(api: HttpClient, charger: object) -> Response:
    """Ask for the end of a charger."""
    return api.request("DELETE", f"/chargers/{charger}", token="admin")


def test_a_new_charger_is_available_under_the_next_number(
    api: HttpClient, site: Site
) -> None:
    """201 with the object that everybody is then shown."""
    answer = add(api)
    assert answer.status == 201
    assert answer.json == {
        "connectorID": 100000,
        "chargerID": 100000,
        "location": list(AIRPORT),
        "coordinates": list(AIRPORT),
        "serialNumber": "new-1",
        "status": "Available",
        "chargePointID": site.site_id,
    }
    assert api.get("/chargers").json == [answer.json]


def test_both_names_of_the_place_are_taken(api: HttpClient, site: Site) -> None:
    """`coordinates` is M23's; a `location` that says nothing does not hide it."""
    assert add(api, location=None, coordinates=[1, -2]).json["location"] == [1, -2]
    body = SITELESS | {"chargePointID": 1, "location": None, "coordinates": [3, 4]}
    body["serialNumber"] = "new-2"
    answer = api.request("POST", "/chargers", json=body, token="admin")
    assert answer.json["coordinates"] == [3, 4]


def test_an_empty_body_breaks_three_rules(api: HttpClient) -> None:
    """The codes and their order are those that were observed."""
    answer = api.request("POST", "/chargers", json={}, token="admin")
    assert answer.status == 404
    assert answer.json == [
        "invalidCoordinates",
        "invalidSerialNumber",
        "invalidChargePointID",
    ]


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        ([], ["invalidCoordinates"]),
        ([57.7], ["invalidCoordinates"]),
        ([57.7, 14.1, 0], ["invalidCoordinates"]),
        ("57.7, 14.1", ["invalidCoordinates", "invalidDataType"]),
        ({"latitude": 57.7}, ["invalidCoordinates", "invalidDataType"]),
        (["57.7", 14.1], ["invalidDataType"]),
        ([57.7, None], ["invalidDataType"]),
        ([True, 14.1], ["invalidDataType"]),
        (["north", "east"], ["invalidDataType"]),
        (["91", 14.1], ["invalidDataType", "invalidLatitude"]),
        ([90.1, 14.1], ["invalidLatitude"]),
        ([-91, 14.1], ["invalidLatitude"]),
        ([57.7, 180.5], ["invalidLongitude"]),
        ([57.7, -181], ["invalidLongitude"]),
        ([10**400, -(10**400)], ["invalidLatitude", "invalidLongitude"]),
    ],
)
def test_a_place_must_be_one_on_earth(
    api: HttpClient, site: Site, place: object, codes: list[str]
) -> None:
    """A pair of numbers, in their ranges; numbers as text are compared as well."""
    answer = add(api, location=place)
    assert (answer.status, answer.json) == (404, codes)


def test_the_poles_and_the_date_line_are_on_earth(api: HttpClient, site: Site) -> None:
    """The ends of the ranges belong to them."""
    assert add(api, location=[90, -180]).status == 201
    assert add(api, location=[-90.0, 180.0], serialNumber="new-2").status == 201


@pytest.mark.parametrize(
    ("serial_number", "code"),
    [
        (None, "invalidSerialNumber"),
        ("", "invalidSerialNumber"),
        ("s" * 37, "invalidSerialNumber"),
        ("abc\n", "invalidSerialNumber"),
        (117, "invalidDataType"),
        (["abc117"], "invalidDataType"),
    ],
)
def test_a_serial_number_is_text_of_1_to_36_characters(
    api: HttpClient, site: Site, serial_number: object, code: str
) -> None:
    """What is no text has the wrong type, whatever its length."""
    answer = add(api, serialNumber=serial_number)
    assert (answer.status, answer.json) == (404, [code])


def test_a_serial_number_of_36_characters_is_taken(api: HttpClient, site: Site) -> None:
    """The longest there is."""
    assert add(api, serialNumber="s" * 36).status == 201


@pytest.mark.parametrize("charge_point", [None, "1", True, 1.5, [1]])
def test_a_charge_point_is_named_by_a_whole_number(
    api: HttpClient, site: Site, charge_point: object
) -> None:
    """Digits as text are none."""
    answer = add(api, chargePointID=charge_point)
    assert (answer.status, answer.json) == (404, ["invalidChargePointID"])


def test_a_whole_number_may_be_written_with_a_point(
    api: HttpClient, site: Site
) -> None:
    """Browsers know one kind of number only."""
    assert add(api, chargePointID=1.0).json["chargePointID"] == site.site_id


@pytest.mark.parametrize("charge_point", [2, 0, -1, 10**30])
def test_an_unknown_charge_point_is_named_so(
    api: HttpClient, site: Site, charge_point: int
) -> None:
    """A number that no site has, however large."""
    answer = add(api, chargePointID=charge_point)
    assert (answer.status, answer.json) == (404, ["dbForeignKeyConstraintError"])


def test_a_serial_number_in_use_is_named_so(
    api: HttpClient, airport: Connector
) -> None:
    """GUI looks for this very word in an array."""
    answer = add(api, serialNumber=airport.serial_number)
    assert (answer.status, answer.json) == (404, ["dbUniqueConstraintError"])


def test_when_all_numbers_are_given_out_it_is_said(
    api: HttpClient, world: MemoryWorld, airport: Connector
) -> None:
    """Not the caller's fault, and no fault of ours either."""
    world.network.next_connector_number = LAST_CONNECTOR + 1
    answer = add(api)
    assert (answer.status, answer.json) == (409, ["noConnectorIDsLeft"])


def test_a_status_is_changed_by_its_word(api: HttpClient, airport: Connector) -> None:
    """GUI sends the whole charger; only its status is taken."""
    whole = api.get(f"/chargers/{airport.connector_id}").json
    answer = put(api, airport.connector_id, whole | {"status": "Faulted"})
    assert answer.status == 200
    assert answer.json == whole | {"status": "Faulted"}
    assert api.get("/chargers").json == [answer.json]


def test_a_status_may_be_an_old_number(api: HttpClient, airport: Connector) -> None:
    """The first README's 3 is Faulty; words come out."""
    assert put(api, airport.connector_id, {"status": 3}).json["status"] == "Faulted"


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, ["invalidStatus"]),
        ({"status": None}, ["invalidStatus"]),
        ({"status": "Occupied"}, ["invalidStatus"]),
        ({"status": "available"}, ["invalidStatus"]),
        ({"status": 4}, ["invalidStatus", "invalidDataType"]),
        ({"status": True}, ["invalidStatus", "invalidDataType"]),
        ({"status": ["Available"]}, ["invalidStatus", "invalidDataType"]),
    ],
)
def test_a_status_is_one_of_nine_words(
    api: HttpClient, airport: Connector, body: object, codes: list[str]
) -> None:
    """Anything else is refused before the charger is looked for."""
    for charger in (airport.connector_id, 999_999):
        answer = put(api, charger, body)
        assert (answer.status, answer.json) == (400, codes)


@pytest.mark.parametrize("charger", ["100001", "99999", "abc"])
def test_an_unknown_charger_is_changed_to_false(
    api: HttpClient, airport: Connector, charger: str
) -> None:
    """So the original said it, with 200."""
    answer = put(api, charger, {"status": "Available"})
    assert (answer.status, answer.body) == (200, b"false")


def test_a_changed_status_ends_no_charge(
    api: HttpClient, world: MemoryWorld, airport: Connector
) -> None:
    """Apps are still shown that somebody has it."""
    reserve(world, airport)
    answer = put(api, airport.connector_id, {"status": "Available"})
    assert answer.json["status"] == "Reserved"


def test_a_charger_is_retired(
    api: HttpClient, bus: LocalBus, airport: Connector
) -> None:
    """204; nobody is shown it any more, and its station is hung up on."""
    heard: list[object] = []
    bus.subscribe(RETIREMENTS, heard.append)
    answer = delete(api, airport.connector_id)
    assert (answer.status, answer.body) == (204, b"")
    assert heard == [StationRetired("abc117")]
    assert api.get("/chargers").json == []
    assert delete(api, airport.connector_id).status == 404


def test_the_serial_number_of_a_retired_charger_can_be_used_anew(
    api: HttpClient, airport: Connector
) -> None:
    """Under a number that nobody had before."""
    delete(api, airport.connector_id)
    made = add(api, serialNumber="abc117").json
    assert made["connectorID"] == airport.connector_id + 1


@pytest.mark.parametrize("charger", ["100001", "99999", "abc", "-1"])
def test_an_unknown_charger_cannot_be_retired(
    api: HttpClient, airport: Connector, charger: str
) -> None:
    """404 with no body, for whatever is no charger."""
    answer = delete(api, charger)
    assert (answer.status, answer.body) == (404, b"")


def test_a_charger_in_use_is_not_retired(
    api: HttpClient, world: MemoryWorld, bus: LocalBus, airport: Connector
) -> None:
    """Whoever charges there keeps it, and its line."""
    reserve(world, airport)
    bus.subscribe(RETIREMENTS, pytest.fail)
    answer = delete(api, airport.connector_id)
    assert (answer.status, answer.json) == (409, ["chargerInUse"])
    assert len(api.get("/chargers").json) == 1


def test_of_two_who_retire_a_charger_one_is_told_there_is_none(
    api: HttpClient,
    clock: Clock,
    chargers: MemoryChargers,
    world: MemoryWorld,
    airport: Connector,
) -> None:
    """It goes between the look and the deed."""
    world.faults.slow(1.0)
    begun = api.begin("DELETE", f"/chargers/{airport.connector_id}", token="admin")
    clock.advance(1.0)
    world.faults.slow(0.0)
    result_of(chargers.remove_charger(airport.connector_id, NOW))
    clock.advance(1.0)
    assert begun.response().status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_administrators_change_chargers(
    api: HttpClient, airport: Connector, method: str
) -> None:
    """401 without a token, 403 with anybody else's; before the body is looked at."""
    path = "/chargers" if method == "POST" else f"/chargers/{airport.connector_id}"
    nobody = api.request(method, path, json={"status": "Available"})
    assert (nobody.status, nobody.json["code"]) == (401, "unauthorizedError")
    driver = api.request(method, path, body=b"{", token="driver")
    assert (driver.status, driver.body) == (403, b"Insufficient scope")
    assert len(api.get("/chargers").json) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_without_the_database_nothing_changes(
    api: HttpClient, world: MemoryWorld, airport: Connector, method: str
) -> None:
    """503 in the form that all clients know."""
    world.faults.away = True
    if method == "POST":
        answer = add(api)
    elif method == "PUT":
        answer = put(api, airport.connector_id, {"status": "Available"})
    else:
        answer = delete(api, airport.connector_id)
    assert (answer.status, answer.json) == (503, ["dbError"])


def test_a_body_that_is_no_object_is_a_bad_request(api: HttpClient, site: Site) -> None:
    """As everywhere."""
    answer = api.request("POST", "/chargers", body=b"[]", token="admin")
    assert (answer.status, answer.json["code"]) == (400, "badRequest")


def reserve(world: MemoryWorld, connector: Connector) -> None:
    """Let somebody reserve a charger."""
    transactions = MemoryTransactions(world)
    result_of(
        transactions.add_transaction(
            "user-1", connector.connector_id, at=NOW, reserved_until=NOW + 300
        )
    )
