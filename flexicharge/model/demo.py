"""The demo network: the sites and chargers every FlexiCharge client knows, and prices.

Names, numbers and places are those of the contract; prices are made up, but the same
for the same hour on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final
from zlib import crc32

from attrs import frozen

from flexicharge.model.tariff import HOUR_S, HourPrice, hour_of

DAY_S: Final = 86_400
TARIFF_DAYS_AHEAD: Final = 30
DEMO_CHARGER: Final = "testchargeralwaysconnected"  # number 100000


@frozen
class DemoSite:
    """A site of the demo network and the serial numbers of its chargers."""

    name: str
    address: str
    location: tuple[float, float]
    serial_numbers: tuple[str, ...]


DEMO_SITES: Final = (
    DemoSite(
        "Jönköping University",
        "Gjuterigatan 5",
        (57.777714, 14.16301),
        (DEMO_CHARGER, "abc111", "abc112", "abc113"),
    ),
    DemoSite(
        "Nässjö Centralstation",
        "Järnvägsgatan 26",
        (57.652328901782795, 14.694810832097543),
        ("abc114", "abc115"),
    ),
    DemoSite(
        "Coop, Forserum",
        "Jönköpingsvägen 2",
        (57.70022044183724, 14.475150415104222),
        ("abc116",),
    ),
    DemoSite(
        "Airport Parking, Jönköping",
        "Flygplansvägen",
        (57.749812214261034, 14.070100435207065),
        ("abc117", "abc118", "abc119"),
    ),
)


@frozen(kw_only=True)
class DemoCharge:
    """A charge of the past, which began on the hour."""

    serial_number: str
    hours_ago: int
    lasted_s: int
    energy_wh: int
    percent: int


# Numbers 1 to 3 of an empty database; all within the hours that have prices.
DEMO_CHARGES: Final = (
    DemoCharge(
        serial_number="abc112", hours_ago=20, lasted_s=5400, energy_wh=9_450, percent=74
    ),
    DemoCharge(
        serial_number="abc115", hours_ago=9, lasted_s=2700, energy_wh=4_980, percent=61
    ),
    DemoCharge(
        serial_number="abc118", hours_ago=4, lasted_s=7200, energy_wh=13_200, percent=88
    ),
)


def demo_tariffs(now: float) -> Iterator[HourPrice]:
    """Yield an hourly price from yesterday to 30 days ahead."""
    first = hour_of(now) - DAY_S
    for hour_at in range(
        first, first + (TARIFF_DAYS_AHEAD + 1) * DAY_S + HOUR_S, HOUR_S
    ):
        yield HourPrice(hour_at, demo_price(hour_at))


def demo_price(hour_at: int) -> Decimal:
    """Return SEK per kWh between 0.50 and 5.99, decided by the hour alone."""
    return Decimal(50 + crc32(str(hour_at).encode()) % 550) / 100
