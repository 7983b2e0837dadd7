"""The demo network, written into whichever stores a server uses."""

from __future__ import annotations

from flexicharge.interfaces import IChargerStore, ITariffStore
from flexicharge.model.demo import DEMO_SITES, demo_tariffs


async def seed_demo(chargers: IChargerStore, tariffs: ITariffStore, now: float) -> bool:
    """Write the demo sites and chargers if there are no sites; return whether so.

    The prices from yesterday to 30 days ahead are written every time, where an hour
    has none. One after the other: the public numbers follow the contract's order.
    """
    await tariffs.put_tariffs(demo_tariffs(now))
    if await chargers.get_charge_points():
        return False
    for demo in DEMO_SITES:
        site = await chargers.add_charge_point(demo.name, demo.address, demo.location)
        for serial_number in demo.serial_numbers:
            await chargers.add_charger(site.site_id, serial_number, demo.location)
    return True
