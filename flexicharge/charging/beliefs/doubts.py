"""Reservations that a station was asked for and never answered about: called off."""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.charging.beliefs.giving import Give
from flexicharge.charging.beliefs.reservations import Reservations
from flexicharge.errors import FlexiChargeError
from flexicharge.interfaces import IBackground
from flexicharge.model.site import Station
from flexicharge.model.station_command import DEFAULT_TIMEOUT_S
from flexicharge.ocpp.v16.commands import CancelReservation
from flexicharge.ocpp.v16.payloads import payload_of

AFTER_THE_ANSWER_S: Final = 0.1


@define(eq=False)
class Doubts:
    """Cancels what may be held for nobody, once the station speaks again (OCA 048_1).

    Without `settles` nothing is sent by itself. A restart forgets the doubts: then such
    a reservation lasts as long as it was asked for.
    """

    _reservations: Reservations
    _clock: IReactorTime
    _background: IBackground
    _settles: bool
    _in_doubt: dict[int, set[int]] = field(factory=dict, init=False)
    _log = Logger()

    def arose(self, station_id: int, payload: dict[str, Any]) -> None:
        """Note that a ReserveNow was sent, and no answer came in time."""
        if self._settles:
            numbers = self._in_doubt.setdefault(station_id, set())
            numbers.add(payload["reservationId"])

    def spoke(self, station: Station, give: Give) -> None:
        """Settle what is in doubt, for the station is there to be told."""
        numbers = self._in_doubt.pop(station.station_id, None)
        if numbers is not None:
            self._background.spawn(
                f"reservations in doubt at {station.serial_number}",
                self._settle(station, numbers, give),
            )

    async def _settle(self, station: Station, numbers: set[int], give: Give) -> None:
        """Call off what is still not answered; its own message is answered first."""
        await deferLater(self._clock, AFTER_THE_ANSWER_S)
        try:
            now = self._clock.seconds()
            unknown = await self._reservations.unknown(station.station_id, now)
            for number in sorted(numbers & unknown):
                cancel = CancelReservation(reservation_id=number)
                await give(
                    station.serial_number,
                    cancel.action,
                    payload_of(cancel),
                    DEFAULT_TIMEOUT_S,
                )
        except FlexiChargeError as why:
            self._log.info(
                "{serial_number} may still hold a reservation: {why!r}",
                serial_number=station.serial_number,
                why=why,
            )
