"""Commands on their way to a station, wherever its actor is."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IBus, IStations
from flexicharge.model.commands import Command, Verdict
from flexicharge.model.events import station_address

BUS_MARGIN_S: Final = 1.0  # the actor's own deadline is to be the one that passes


@frozen
class Order:
    """A command, and how many seconds the station has to answer it."""

    command: Command
    timeout: float


@implementer(IStations)
@frozen
class BusStations:
    """Reaches stations over the bus."""

    _bus: IBus

    async def is_connected(self, serial_number: str) -> bool:
        """Tell whether a station has an open socket."""
        return await self._bus.is_served(station_address(serial_number))

    async def command(
        self, serial_number: str, command: Command, timeout: float
    ) -> Verdict:
        """Return what the station answers; see `IStations`."""
        verdict = await self._bus.request(
            station_address(serial_number),
            Order(command, timeout),
            timeout + BUS_MARGIN_S,
        )
        return Verdict(verdict)
