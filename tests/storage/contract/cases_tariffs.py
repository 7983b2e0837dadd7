"""What every `ITariffStore` does."""

from __future__ import annotations

from decimal import Decimal

from flexicharge.model.tariff import HOUR_S, HourPrice

from .stores import T0, Stores, is_refused

EIGHT = int(T0)


def hour(number: int, price: str) -> HourPrice:
    """Return the price of an hour after T0."""
    return HourPrice(EIGHT + number * HOUR_S, Decimal(price))


async def test_hours_are_found_in_time_order(stores: Stores) -> None:
    """From the first to the last, both included."""
    await stores.tariffs.put_tariffs(hour(number, "1.5") for number in (3, 0, 2, 1))
    found = await stores.tariffs.get_tariffs(EIGHT + HOUR_S, EIGHT + 2 * HOUR_S)
    assert found == (hour(1, "1.5"), hour(2, "1.5"))
    assert all(isinstance(price.hour_at, int) for price in found)


async def test_there_may_be_no_hour(stores: Stores) -> None:
    """Nothing is stored yet, or the end lies before the start."""
    assert await stores.tariffs.get_tariffs(EIGHT, EIGHT + HOUR_S) == ()
    await stores.tariffs.put_tariffs([])
    await stores.tariffs.put_tariffs([hour(0, "1")])
    assert await stores.tariffs.get_tariffs(EIGHT + 1, EIGHT) == ()
    assert await stores.tariffs.get_tariffs(EIGHT + 1, EIGHT + HOUR_S) == ()


async def test_an_hour_keeps_its_first_price(stores: Stores) -> None:
    """A price that people have seen is not changed under their hands."""
    await stores.tariffs.put_tariffs([hour(0, "1.5")])
    await stores.tariffs.put_tariffs([hour(0, "9"), hour(1, "2"), hour(1, "3")])
    found = await stores.tariffs.get_tariffs(EIGHT, EIGHT + HOUR_S)
    assert found == (hour(0, "1.5"), hour(1, "2"))


async def test_prices_are_exact(stores: Stores) -> None:
    """Negative, free, and to five places; what is finer is rounded."""
    prices = ["-0.12345", "0", "0.00001", "2.345675", "9999999.99999"]
    await stores.tariffs.put_tariffs(hour(n, price) for n, price in enumerate(prices))
    found = await stores.tariffs.get_tariffs(EIGHT, EIGHT + 9 * HOUR_S)
    expected = ["-0.12345", "0", "0.00001", "2.34568", "9999999.99999"]
    assert [price.sek_per_kwh for price in found] == [Decimal(p) for p in expected]


async def test_a_price_that_no_column_holds_is_refused(stores: Stores) -> None:
    """With all the hours that came with it."""
    for price in ("10000000", "-10000000", "NaN", "Infinity"):
        hours = [hour(0, "1"), hour(1, price), hour(2, "1")]
        await is_refused(stores.tariffs.put_tariffs(hours))
    assert await stores.tariffs.get_tariffs(EIGHT, EIGHT + 9 * HOUR_S) == ()
