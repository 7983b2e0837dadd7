"""Making, changing and retiring charge points over HTTP, rule by rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flexicharge.actors.bus import LocalBus
from flexicharge.model.events import RETIREMENTS, StationRetired
from flexicharge.model.site import Site
from flexicharge.storage.memory import MemoryChargers, MemoryTransactions, MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW

FORSERUM = [57.70022044183724, 14.475150415104222]
SOUND = {"name": "Coop, Forserum", "address": "Jönköpingsvägen 2", "location": FORSERUM}


@pytest.fixture
def airport(chargers: MemoryChargers) -> Site:
    """A site with a price of its own and two chargers."""
    made = result_of(
        chargers.add_charge_point(
            "Airport", "Flygplansvägen", (57.7, 14.0), sek_per_kwh=Decimal("3.10")
        )
    )
    for serial_number in ("abc117", "abc118"):
        result_of(chargers.add_charger(made.site_id, serial_number, (57.7, 14.0)))
    return made


def post(api: HttpClient, **fields: Any) -> Response:
    """Ask for a sound charge point, but for some fields."""
    return api.request("POST", "/chargePoints", json=SOUND | fields, token="admin")


def put(api: HttpClient, site: object, **fields: Any) -> Response:
    """Ask for a change."""
    path = f"/chargePoints/{site}"
    return api.request("PUT", path, json=SOUND | fields, token="admin")


def test_a_new_charge_point_is_seen_by_everybody(api: HttpClient) -> None:
    """201 with the row; its price is the hour's until it has one of its own."""
    answer = post(api)
    assert answer.status == 201
    assert answer.json == {
        "chargePointID": 1,
        "name": "Coop, Forserum",
        "address": "Jönköpingsvägen 2",
        "location": FORSERUM,
        "coordinates": FORSERUM,
        "price": 251,
        "klarnaReservationAmount": 50_000,
    }
    assert api.get("/chargePoints/1").json == answer.json


def test_the_admin_site_sends_no_address(api: HttpClient) -> None:
    """Nor a price that means anything; apps get a text for an address all the same."""
    body = {"name": "Torget", "location": FORSERUM, "price": 0}
    body |= {"klarnaReservationAmount": 50_000}
    answer = api.request("POST", "/chargePoints", json=body, token="admin")
    assert answer.status == 201
    assert (answer.json["address"], answer.json["price"]) == ("", 251)


def test_a_charge_point_can_have_a_price_of_its_own(api: HttpClient) -> None:
    """It is öre per kWh, and öre to be reserved."""
    answer = post(api, price=312.5, klarnaReservationAmount=30_000)
    assert answer.json["price"] == 313
    assert answer.json["klarnaReservationAmount"] == 30_000
    assert api.get("/chargePoints").json[0]["price"] == "312.50"


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"name": None}, ["invalidName"]),
        ({"name": ""}, ["invalidName"]),
        ({"name": "x" * 31}, ["invalidName"]),
        ({"name": 5}, ["invalidDataType"]),
        ({"location": None}, ["invalidcoordinates"]),
        ({"location": [1]}, ["invalidcoordinates"]),
        ({"location": "57,14"}, ["invalidcoordinates", "invalidDataType"]),
        (
            {"location": ["123", "213"]},
            ["invalidDataType", "invalidLatitude", "invalidLongitude"],
        ),
        ({"location": [90.1, 0]}, ["invalidLatitude"]),
        ({"location": [0, -180.1]}, ["invalidLongitude"]),
        ({"address": "ab"}, ["invalidAddress"]),
        ({"address": "x" * 256}, ["invalidAddress"]),
        ({"address": 7}, ["invalidDataType"]),
        ({"price": -1}, ["invalidPrice"]),
        ({"price": "12"}, ["invalidPrice"]),
        ({"price": 1e9}, ["invalidPrice"]),
        ({"price": 0.0004}, ["invalidPrice"]),
        ({"klarnaReservationAmount": -1}, ["invalidKlarnaReservationAmount"]),
        ({"klarnaReservationAmount": 0.5}, ["invalidKlarnaReservationAmount"]),
        (
            {"name": "", "location": None, "address": ""},
            ["invalidName", "invalidcoordinates", "invalidAddress"],
        ),
    ],
    ids=str,
)
def test_every_rule_has_its_code(
    api: HttpClient, fields: dict[str, Any], codes: list[str]
) -> None:
    """They come in the contract's order, all at once, and nothing is made."""
    answer = post(api, **fields)
    assert (answer.status, answer.json) == (400, codes)
    assert api.get("/chargePoints").status == 404


def test_a_price_is_what_is_kept_of_it(
    api: HttpClient, chargers: MemoryChargers
) -> None:
    """Five decimals of a krona; the smallest one that is something is no other."""
    for name, price, kept in (
        ("A", 0.0005, "0.00001"),
        ("B", 100.00049, "1.00000"),
        ("C", 100.0005, "1.00001"),
    ):
        assert post(api, name=name, price=price).status == 201
        site = result_of(chargers.get_charge_points())[-1]
        assert str(site.sek_per_kwh) == kept


def test_a_name_is_given_once(api: HttpClient, airport: Site) -> None:
    """GUI looks for the code in the array, of a POST and of a PUT."""
    post(api)
    for answer in (post(api, name="Airport"), put(api, 2, name="Airport")):
        assert (answer.status, answer.json) == (400, ["dbUniqueConstraintError"])


def test_a_change_answers_with_the_one_object(api: HttpClient, airport: Site) -> None:
    """What GUI sends for price and reservation says nothing, so both stay."""
    body = {"name": "Flyget", "location": FORSERUM, "price": 0}
    body |= {"klarnaReservationAmount": 500}
    path = f"/chargePoints/{airport.site_id}"
    answer = api.request("PUT", path, json=body, token="admin")
    assert answer.status == 200
    assert answer.json == api.get(path).json
    assert answer.json == {
        "chargePointID": airport.site_id,
        "name": "Flyget",
        "address": "Flygplansvägen",
        "location": FORSERUM,
        "coordinates": FORSERUM,
        "price": 310,
        "klarnaReservationAmount": 50_000,
    }


def test_a_price_is_changed_and_taken_back(api: HttpClient, airport: Site) -> None:
    """A number is a price from now on, null the hourly tariff."""
    assert put(api, airport.site_id, price=199).json["price"] == 199
    assert put(api, airport.site_id, price=None).json["price"] == 251


def test_a_change_is_judged_as_a_new_one(api: HttpClient, airport: Site) -> None:
    """The original found fault with every change; now only with what is wrong."""
    answer = api.request(
        "PUT", f"/chargePoints/{airport.site_id}", json={}, token="admin"
    )
    assert answer.status == 400
    assert answer.json == ["invalidName", "invalidcoordinates"]


@pytest.mark.parametrize("site", ["99", "0", "-1", "abc", "9" * 40])
def test_what_is_no_charge_point_is_not_there(api: HttpClient, site: str) -> None:
    """404 without a body, for a change and for an end."""
    deleted = api.request("DELETE", f"/chargePoints/{site}", token="admin")
    for answer in (put(api, site), deleted):
        assert (answer.status, answer.body) == (404, b"")


def test_an_end_takes_the_chargers_along(
    api: HttpClient, airport: Site, bus: LocalBus
) -> None:
    """204; the stations are hung up on, and the name is free again."""
    retired: list[StationRetired] = []
    bus.subscribe(RETIREMENTS, retired.append)
    path = f"/chargePoints/{airport.site_id}"
    answer = api.request("DELETE", path, token="admin")
    assert (answer.status, answer.body) == (204, b"")
    assert api.get(path).status == api.get("/chargers/100000").status == 404
    assert retired == [StationRetired("abc117"), StationRetired("abc118")]
    assert post(api, name="Airport").status == 201


def test_one_that_is_in_use_stays(
    api: HttpClient, airport: Site, world: MemoryWorld
) -> None:
    """409 with a code, and everything is as it was."""
    result_of(
        MemoryTransactions(world).add_transaction(
            "user-1", 100001, at=NOW, reserved_until=NOW + 300
        )
    )
    path = f"/chargePoints/{airport.site_id}"
    answer = api.request("DELETE", path, token="admin")
    assert (answer.status, answer.json) == (409, ["chargePointInUse"])
    assert api.get(path).status == api.get("/chargers/100000").status == 200
