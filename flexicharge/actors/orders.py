"""Commands on their way to a station, wherever its actor is."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IBus, IStations
from flexicharge.model.commands import Command, RawAnswer, RawCall, Verdict
from flexicharge.model.events import station_address

BUS_MARGIN_S: Final = 1.0  # the actor's own deadline is to be the one that passes


@frozen
class Order:
    """A command, and how many seconds the station has to answer it."""

    command: Command
    timeout: float


@frozen
class RawOrder:
    """An operator's Call, and how many seconds the station has to answer it."""

    asked: RawCall
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

    async def call(
        self, serial_number: str, asked: RawCall, timeout: float
    ) -> RawAnswer:
        """Return the station's answer, a CallError too; see `IStations`."""
        answer = await self._bus.request(
            station_address(serial_number),
            RawOrder(asked, timeout),
            timeout + BUS_MARGIN_S,
        )
        if not isinstance(answer, RawAnswer):
            raise TypeError("a station's actor answered with something else")
        return answer
