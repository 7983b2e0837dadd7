"""Charge points over HTTP: who needs text for a price and who an integer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flexicharge.model.site import Site
from flexicharge.rest.charge_point_fields import ore_as_text
from flexicharge.storage.memory import MemoryChargers
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient
from tests.rest.fakes import NOW, FixedPricing

PLACE = (57.777714, 14.16301)


@pytest.fixture
def university(chargers: MemoryChargers) -> Site:
    """A site that sells at the hour's price."""
    return result_of(
        chargers.add_charge_point("Jönköping University", "Gjuterigatan 5", PLACE)
    )


@pytest.fixture
def station_square(chargers: MemoryChargers) -> Site:
    """A site with a price of its own."""
    return result_of(
        chargers.add_charge_point(
            "Nässjö",
            "Järnvägsgatan 26",
            PLACE,
            sek_per_kwh=Decimal("0.44525"),
            klarna_reservation_ore=30_000,
        )
    )


def test_the_list_gives_the_price_as_text(
    api: HttpClient, university: Site, station_square: Site, pricing: FixedPricing
) -> None:
    """IOS decodes a string at launch: öre with two decimals; the rest are integers."""
    answer = api.get("/chargePoints")
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/json; charset=utf-8"
    first, second = answer.json
    assert first == {
        "chargePointID": university.site_id,
        "name": "Jönköping University",
        "address": "Gjuterigatan 5",
        "location": list(PLACE),
        "coordinates": list(PLACE),
        "price": "250.50",
        "klarnaReservationAmount": 50000,
    }
    assert second["price"] == "44.52"
    assert second["klarnaReservationAmount"] == 30000
    assert {at for _, at in pricing.asked} == {NOW}


def test_the_detail_gives_the_price_as_an_integer(
    api: HttpClient, university: Site, station_square: Site
) -> None:
    """FLU takes only an integer: öre, rounded half up."""
    first = api.get(f"/chargePoints/{university.site_id}")
    second = api.get(f"/chargepoints/{station_square.site_id}/")
    assert first.status == second.status == 200
    assert (first.json["price"], second.json["price"]) == (251, 45)
    assert type(first.json["price"]) is int
    assert first.json | {"price": "250.50"} == api.get("/chargePoints").json[0]


def test_no_charge_point_is_404_with_no_body(api: HttpClient) -> None:
    """The original says so of an empty list."""
    answer = api.get("/chargePoints")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("site", ["2", "0", "-1", "one", "1.0", "9" * 30])
def test_an_unknown_charge_point_is_404_with_no_body(
    api: HttpClient, university: Site, site: str
) -> None:
    """A number that is none is as unknown as one that nobody has."""
    answer = api.get(f"/chargePoints/{site}")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("sek", "text"),
    [
        ("2.5", "250.00"),
        ("0.4452", "44.52"),
        ("-0.01234", "-1.23"),
        ("1000", "100000.00"),
    ],
)
def test_a_price_as_text_is_in_ore_with_two_decimals(sek: str, text: str) -> None:
    """The form is that of G22's NUMERIC(10,2); hours may cost less than nothing."""
    assert ore_as_text(Decimal(sek)) == text
