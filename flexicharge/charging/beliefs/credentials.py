"""How a station is let in from now on: its next password, its next security profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.configuration import (
    AUTHORIZATION_KEY,
    SECURITY_PROFILE,
)
from flexicharge.interfaces import IChargerStore
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.confirmations import Outcome

HIGHEST_PROFILE: Final = 3


@frozen
class Credentials:
    """Keeps the records of stations in step with what they are told of themselves."""

    _chargers: IChargerStore
    _credential_of: Callable[[str], bytes]
    _in_doubt: dict[int, bytes] = field(factory=dict, init=False, repr=False)

    async def told(self, station: Station, payload: dict[str, Any]) -> None:
        """Expect what a station is about to be told, beside what it has until now.

        A profile only if it is higher: what is demanded of a station never falls.
        """
        serial_number, value = station.serial_number, payload.get("value")
        if _is(AUTHORIZATION_KEY, payload) and isinstance(value, str) and value:
            await self._chargers.expect_credential(
                serial_number, self._credential_of(value)
            )
        profile = _profile(payload)
        if profile is not None and profile > station.security_profile:
            await self._chargers.expect_profile(serial_number, profile)

    async def answered(self, answered: Answered) -> None:
        """Act on the answer: a password that was accepted is the only one.

        A profile counts once it was shown, so that a failed rise does not lose the
        station (OCA 083).
        """
        if answered.is_done:
            await self._accepted(answered.station, answered.asked)
        elif answered.outcome is not Outcome.PENDING:
            await self.not_told(answered.station, answered.asked)

    async def _accepted(self, station: Station, payload: dict[str, Any]) -> None:
        if _is(AUTHORIZATION_KEY, payload):
            await self._chargers.credential_shown(
                station.serial_number, self._credential_of(str(payload.get("value")))
            )

    def unanswered(self, station: Station, payload: dict[str, Any]) -> None:
        """Note that a station may have a password that it never answered about.

        If it is told the same again and that fails, it may come with it all the same.
        """
        if _is(AUTHORIZATION_KEY, payload):
            credential = self._credential_of(str(payload.get("value")))
            self._in_doubt[station.station_id] = credential

    async def not_told(self, station: Station, payload: dict[str, Any]) -> None:
        """Expect it no longer: the station will not have it."""
        serial_number = station.serial_number
        if _is(AUTHORIZATION_KEY, payload):
            known = await self._chargers.get_station(serial_number)
            credential = self._credential_of(str(payload.get("value")))
            is_in_doubt = self._in_doubt.get(station.station_id) == credential
            if known.next_credential == credential and not is_in_doubt:
                await self._chargers.set_credential(serial_number, known.credential)
        profile = _profile(payload)
        if profile is not None:
            known = await self._chargers.get_station(serial_number)
            if known.next_security_profile == profile:
                await self._chargers.expect_profile(serial_number, None)


def _is(key: str, payload: dict[str, Any]) -> bool:
    given = payload.get("key")
    return isinstance(given, str) and given.casefold() == key.casefold()


def _profile(payload: dict[str, Any]) -> int | None:
    """Return the security profile that a ChangeConfiguration sets, if it sets one."""
    value = str(payload.get("value")).strip()
    if not _is(SECURITY_PROFILE, payload) or len(value) != 1 or not value.isdecimal():
        return None
    profile = int(value)
    return profile if profile <= HIGHEST_PROFILE else None
