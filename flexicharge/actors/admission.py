"""Who may connect, and who of two that claim to be the same station."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen
from twisted.logger import Logger

from flexicharge.actors.charger import ChargerActor
from flexicharge.actors.directory import StationDirectory
from flexicharge.errors import (
    AlreadyTaken,
    NotAuthorized,
    StationUnknown,
    TooManyRequests,
)
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces import IAlarms
from flexicharge.model.site import Protocol, Station

CHALLENGE_S: Final = 2.0
REPLACED: Final = 1008
FLAPPING_EVERY: Final = 10
REMEMBERED: Final = 10_000


@frozen(kw_only=True)
class Arrival:
    """A handshake that wants to be a station."""

    serial_number: str
    password: str | None = field(default=None, repr=False)
    peer: str


@frozen
class Admission:
    """A station that may open its socket, and whether it proved who it is."""

    station: Station
    authenticated: bool


@define(eq=False)
class Gatekeeper:
    """Decides about handshakes; `password_only` forbids entry by serial alone.

    `credential_of` makes of a station's password what is stored of it; `attempts`
    counts wrong ones for each name and address.
    """

    _directory: StationDirectory
    _alarms: IAlarms
    _credential_of: Callable[[str], bytes]
    _password_only: bool
    _attempts: RateLimit
    _present: dict[str, ChargerActor]
    _replaced: Counter[str] = field(factory=Counter, init=False)
    _kept: dict[str, str] = field(factory=dict, init=False, repr=False)
    _log = Logger()

    def keep_for(self, serial_number: str, password: str) -> None:
        """Admit a station only with a password, whatever its record says.

        For one that the server plays itself, under a password that exists nowhere else:
        by its name alone anybody could take its place.
        """
        self._kept[serial_number] = password

    async def admit(self, arrival: Arrival) -> Admission:
        """Return the record of a station that may connect.

        Raise `StationUnknown`, `NotAuthorized`, or `AlreadyTaken` if the socket that is
        already open answers within two seconds and is no worse than the newcomer.
        """
        station = await self._directory.find(arrival.serial_number)
        if station.protocol is not Protocol.DIALECT:
            raise StationUnknown(arrival.serial_number)
        authenticated = self._authenticate(station, arrival)
        judged: ChargerActor | None = None
        while (old := self._present.get(arrival.serial_number)) not in (None, judged):
            await self._challenge(old, arrival, authenticated)
            judged = old
        return Admission(station, authenticated)

    def _authenticate(self, station: Station, arrival: Arrival) -> bool:
        """Return whether a password was checked: the record says if one must be."""
        kept = self._kept.get(arrival.serial_number)
        if kept is not None:
            _compare(kept.encode(), (arrival.password or "").encode())
            return True
        if station.credential is None:
            if self._password_only:
                raise NotAuthorized("this station has no password")
            return False
        attempt = f"{arrival.serial_number} {arrival.peer}"
        try:
            self._attempts.take(attempt)
        except TooManyRequests:
            raise NotAuthorized("too many attempts") from None
        offered = self._credential_of(arrival.password or "")
        _compare(station.credential, offered)
        self._attempts.give_back(attempt)
        return True

    async def _challenge(
        self, old: ChargerActor, arrival: Arrival, authenticated: bool
    ) -> None:
        """Let the old socket prove that it lives; never refuse for a dead one."""
        serial_number = arrival.serial_number
        answers = await old.is_alive(CHALLENGE_S)
        if self._present.get(serial_number) is not old:
            return
        self._count_flapping(serial_number)
        if not answers:
            self._log.warn(
                "{serial_number} came back; its old socket is dead",
                serial_number=serial_number,
            )
            old.link.drop()
            return
        if old.link.authenticated >= authenticated and old.link.peer == arrival.peer:
            raise AlreadyTaken("serialNumber")
        self._alarms.raise_alarm(
            "two stations of one name",
            serial_number=serial_number,
            old=old.link.peer,
            new=arrival.peer,
        )
        old.link.hang_up(REPLACED, "another connection took over")

    def _count_flapping(self, serial_number: str) -> None:
        self._replaced[serial_number] += 1
        if self._replaced[serial_number] % FLAPPING_EVERY == 0:
            self._alarms.raise_alarm(
                "flapping station",
                serial_number=serial_number,
                times=self._replaced[serial_number],
            )
        while len(self._replaced) > REMEMBERED:
            del self._replaced[next(iter(self._replaced))]


def _compare(wanted: bytes, offered: bytes) -> None:
    if not hmac.compare_digest(wanted, offered):
        raise NotAuthorized("wrong password")
