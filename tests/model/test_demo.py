"""The demo network is the one every FlexiCharge client knows."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from flexicharge.model.demo import DAY_S, DEMO_SITES, demo_price, demo_tariffs
from flexicharge.model.site import MAX_SERIAL
from flexicharge.model.tariff import HOUR_S, hour_of

NOW = 1_800_000_000.0


def test_the_serial_numbers_come_in_the_order_of_the_public_numbers() -> None:
    """Handed out in this order, 100000 is the demo charger and 100009 is abc119."""
    serial_numbers = [serial for site in DEMO_SITES for serial in site.serial_numbers]
    assert serial_numbers == ["testchargeralwaysconnected"] + [
        f"abc{number}" for number in range(111, 120)
    ]
    assert all(len(serial) <= MAX_SERIAL for serial in serial_numbers)


def test_the_sites_have_their_own_names_and_places() -> None:
    """Four sites, told apart by name and by place."""
    assert len({site.name for site in DEMO_SITES}) == 4
    assert len({site.location for site in DEMO_SITES}) == 4


def test_tariffs_leave_no_hour_out() -> None:
    """Every hour from yesterday to thirty days ahead has one price, in time order."""
    hours = [tariff.hour_at for tariff in demo_tariffs(NOW + 1234.5)]
    assert hours[0] == hour_of(NOW + 1234.5) - DAY_S
    assert hours[-1] == hour_of(NOW + 1234.5) + 30 * DAY_S
    assert all(later - earlier == HOUR_S for earlier, later in pairwise(hours))


def test_an_hour_costs_the_same_whenever_it_is_looked_at() -> None:
    """Two starts of the server a day apart agree on the hours they share."""
    today = {tariff.hour_at: tariff for tariff in demo_tariffs(NOW)}
    tomorrow = {tariff.hour_at: tariff for tariff in demo_tariffs(NOW + DAY_S)}
    shared = today.keys() & tomorrow.keys()
    assert len(shared) == 30 * 24 + 1
    assert all(today[hour_at] == tomorrow[hour_at] for hour_at in shared)


@given(st.integers(min_value=0, max_value=4_000_000_000).map(hour_of))
def test_prices_are_such_as_people_know(hour_at: int) -> None:
    """A kilowatt hour costs 0.50 to 5.99 kronor, in whole öre."""
    price = demo_price(hour_at)
    assert Decimal("0.50") <= price <= Decimal("5.99")
    assert price * 100 == int(price * 100)


def test_prices_change_over_the_day() -> None:
    """Somebody who looks at the prices sees that they move."""
    prices = {tariff.sek_per_kwh for tariff in demo_tariffs(NOW)}
    assert len(prices) > 100
