"""The demo network, written into whichever stores a server uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from flexicharge.interfaces import IChargerStore, IDatabase, ITariffStore
from flexicharge.model.demo import DEMO_SITES, demo_tariffs
from flexicharge.storage.charger_rows import IS_UNTOUCHED
from flexicharge.storage.locks import in_one_commit

# Two servers that start at once write one network: the second waits, and finds it. What
# was drawn by one that was killed meanwhile is nobody's, and every client knows which
# numbers come first. Where anything is, whatever was drawn has been given out.
BEGIN: Final = in_one_commit("BEGIN", "LOCK TABLE sites IN SHARE ROW EXCLUSIVE MODE")
FROM_THE_FIRST: Final = f"""
DO $$
BEGIN
    IF ({IS_UNTOUCHED}) AND NOT EXISTS (SELECT FROM sessions) THEN
        ALTER TABLE sites ALTER COLUMN site_id RESTART;
        ALTER SEQUENCE connector_numbers RESTART;
        ALTER SEQUENCE session_numbers RESTART;
    END IF;
END
$$
"""


@asynccontextmanager
async def all_or_nothing(database: IDatabase) -> AsyncIterator[None]:
    """Commit whatever is done within, or if it raises or is killed none of it.

    `database` has one connection, and nobody else uses it meanwhile.
    """
    await database.query(BEGIN)
    try:
        await database.query(FROM_THE_FIRST)
        yield
    except BaseException:
        await database.query("ROLLBACK")
        raise
    await database.query("COMMIT")


async def seed_demo(chargers: IChargerStore, tariffs: ITariffStore, now: float) -> bool:
    """Write the demo sites and chargers if there never were any; return whether so.

    The prices from yesterday to 30 days ahead are written every time, where an hour
    has none. One after the other: the public numbers follow the contract's order.
    """
    await tariffs.put_tariffs(demo_tariffs(now))
    if not await chargers.is_untouched():
        return False
    for demo in DEMO_SITES:
        site = await chargers.add_charge_point(demo.name, demo.address, demo.location)
        for serial_number in demo.serial_numbers:
            await chargers.add_charger(site.site_id, serial_number, demo.location)
    return True
