"""Station records: from the store, or while it is away from memory."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from attrs import define, evolve, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.waiting import patiently
from flexicharge.errors import DatabaseAway, StationUnknown
from flexicharge.interfaces import IBackground, IChargerStore
from flexicharge.model.site import MAX_IDENTITY, Station, StationChanges

REMEMBERED: Final = 100_000


@define(eq=False)
class StationDirectory:
    """Finds the record behind a serial number, and notes there what a station showed.

    A station that was seen before is still known while the database is away; one that
    was not has to wait for it.
    """

    _chargers: IChargerStore
    _clock: IReactorTime
    _background: IBackground
    _seen: dict[str, Station] = field(factory=dict, init=False)

    async def find_like(self, identity: str) -> Station:
        """Return the record of a name in another letter case, if in none as it is.

        Then all in capitals, then all in small letters. Raise `StationUnknown`.
        """
        for spelling in dict.fromkeys((identity, identity.upper(), identity.lower())):
            try:
                return await self.find(spelling)
            except StationUnknown:
                continue
        raise StationUnknown(identity[:MAX_IDENTITY])

    async def find(self, serial_number: str) -> Station:
        """Return a station's record; raise `StationUnknown`."""
        if not 0 < len(serial_number) <= MAX_IDENTITY or "\0" in serial_number:
            raise StationUnknown(serial_number[:MAX_IDENTITY])
        try:
            station = await self._chargers.get_station(serial_number)
        except DatabaseAway:
            if serial_number in self._seen:
                return self._seen[serial_number]
            station = await patiently(
                lambda: self._chargers.get_station(serial_number),
                self._clock,
                f"the record of {serial_number}",
            )
        except StationUnknown:
            self._seen.pop(serial_number, None)
            raise
        return self._remember(station)

    async def make(self, serial_number: str, changes: StationChanges) -> Station:
        """Return the record that a station is given; raise `NumbersExhausted`."""
        station, _ = await self._chargers.put_station(
            serial_number, changes, self._clock.seconds()
        )
        return self._remember(station)

    def credential_shown(self, station: Station, credential: bytes) -> Station:
        """Return a station with the password it was told as its only one."""
        serial_number = station.serial_number
        self._note(
            f"the new password of {serial_number}",
            lambda: self._chargers.credential_shown(serial_number, credential),
        )
        return self._remember(
            evolve(station, credential=credential, next_credential=None)
        )

    def profile_shown(self, station: Station, profile: int) -> Station:
        """Return a station from which this security profile is demanded from now on."""
        serial_number = station.serial_number
        self._note(
            f"the security profile of {serial_number}",
            lambda: self._chargers.profile_shown(serial_number, profile),
        )
        demanded = max(profile, station.security_profile)
        return self._remember(
            evolve(station, security_profile=demanded, next_security_profile=None)
        )

    def _note(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something stored, if need be when the database is back."""
        self._background.spawn(what, patiently(work, self._clock, what))

    def _remember(self, station: Station) -> Station:
        self._seen.pop(station.serial_number, None)
        self._seen[station.serial_number] = station
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return station
