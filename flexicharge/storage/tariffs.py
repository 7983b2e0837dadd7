"""Hourly prices in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IDatabase, ITariffStore
from flexicharge.model.tariff import HourPrice

GET: Final = """
SELECT extract(epoch FROM hour_at)::bigint, sek_per_kwh FROM tariffs
WHERE hour_at BETWEEN to_timestamp(%s) AND to_timestamp(%s) ORDER BY hour_at
"""
PUT: Final = """
INSERT INTO tariffs (hour_at, sek_per_kwh)
SELECT to_timestamp(hour_at), sek_per_kwh
FROM unnest(%s::bigint[], %s::numeric[]) AS hour (hour_at, sek_per_kwh)
ON CONFLICT (hour_at) DO NOTHING
"""


@implementer(ITariffStore)
@frozen
class PostgresTariffs:
    """What energy costs by the hour."""

    _database: IDatabase

    async def get_tariffs(
        self, first_hour_at: int, last_hour_at: int
    ) -> tuple[HourPrice, ...]:
        """Return the hours between two, both included, in time order."""
        rows = await self._database.query(GET, (first_hour_at, last_hour_at))
        return tuple(HourPrice(*row) for row in rows)

    async def put_tariffs(self, hours: Iterable[HourPrice]) -> None:
        """Store hours that are not there yet; those that are stay as they are."""
        new = tuple(hours)
        prices = [hour.sek_per_kwh for hour in new]
        await self._database.query(PUT, ([hour.hour_at for hour in new], prices))
