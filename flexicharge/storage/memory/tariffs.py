"""Hourly prices, in memory."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import ITariffStore
from flexicharge.model.tariff import HOUR_S, HourPrice
from flexicharge.storage.memory.guards import stored_price
from flexicharge.storage.memory.world import MemoryWorld


@implementer(ITariffStore)
@frozen
class MemoryTariffs:
    """What energy costs by the hour."""

    _world: MemoryWorld

    async def get_tariffs(
        self, first_hour_at: int, last_hour_at: int
    ) -> tuple[HourPrice, ...]:
        """Return the hours between two, both included, in time order."""
        async with self._world.commit("get_tariffs"):
            hours = self._world.tariffs
            asked = range(first_hour_at, last_hour_at + 1, HOUR_S)
            return tuple(hours[at] for at in asked if at in hours)

    async def put_tariffs(self, hours: Iterable[HourPrice]) -> None:
        """Store hours that are not there yet; those that are stay as they are."""
        rows = [HourPrice(h.hour_at, stored_price(h.sek_per_kwh)) for h in hours]
        async with self._world.commit("put_tariffs"):
            for row in rows:
                self._world.tariffs.setdefault(row.hour_at, row)
