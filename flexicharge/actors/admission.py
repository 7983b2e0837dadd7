"""Who may connect, and who of two that claim to be the same station."""

from __future__ import annotations

from collections import Counter
from typing import Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.actors.arrivals import Admission, Arrival
from flexicharge.actors.charger import ChargerActor
from flexicharge.actors.directory import StationDirectory
from flexicharge.actors.proof import Proof, Proven
from flexicharge.errors import AlreadyTaken, ReturnsTooOften, TooManyRequests
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces import IAlarms
from flexicharge.model.entry import Entry
from flexicharge.model.site import Protocol, Station

CHALLENGE_S: Final = 2.0
REPLACED: Final = 1008
FLAPPING_EVERY: Final = 10
REMEMBERED: Final = 10_000


@define(eq=False)
class Gatekeeper:
    """Decides about handshakes of stations on record.

    `returns` counts how often standard stations connect. The dialect's are never
    refused for that: they would not come back.
    """

    _directory: StationDirectory
    _proof: Proof
    _alarms: IAlarms
    _returns: RateLimit
    _present: dict[str, ChargerActor]
    _replaced: Counter[str] = field(factory=Counter, init=False)
    _log = Logger()

    async def admit(self, station: Station, arrival: Arrival) -> Admission:
        """Return how a station may connect, with its record as it is then.

        Raise what `Proof.of` does, `ReturnsTooOften`, `StationUnknown` if it was taken
        off the record meanwhile, or `AlreadyTaken` if the socket that is already open
        answers within two seconds and is no worse than the newcomer.
        """
        proven = self._proof.of(station, arrival)
        if station.protocol is not Protocol.DIALECT:
            self._count_return(station, arrival)
        station = self._renewed(station, proven)
        judged: ChargerActor | None = None
        while (old := self._present.get(station.serial_number)) not in (None, judged):
            await self._challenge(old, station, arrival, proven.entry)
            judged = old
            station, proven = await self._as_it_is_now(station, arrival)
        return Admission(station, proven.entry)

    async def _as_it_is_now(
        self, station: Station, arrival: Arrival
    ) -> tuple[Station, Proven]:
        """Return what is proven of a station, whose record may be another by now."""
        station = await self._directory.find(station.serial_number)
        proven = self._proof.of(station, arrival)
        return self._renewed(station, proven), proven

    def _count_return(self, station: Station, arrival: Arrival) -> None:
        """Count who has proven who it is, so that nobody else can use it up."""
        try:
            self._returns.take(f"{station.serial_number} {arrival.peer}")
        except TooManyRequests:
            raise ReturnsTooOften("it connects again and again") from None

    def _renewed(self, station: Station, proven: Proven) -> Station:
        """Return a station that came with what it was told to, held to that."""
        credential, profile = station.next_credential, station.next_security_profile
        if credential is not None and proven.credential == credential:
            station = self._directory.credential_shown(station, credential)
        if profile is not None and proven.entry.profile >= profile:
            station = self._directory.profile_shown(station, profile)
        return station

    async def _challenge(
        self, old: ChargerActor, station: Station, arrival: Arrival, entry: Entry
    ) -> None:
        """Let the old socket prove that it lives; never refuse for a dead one."""
        serial_number = station.serial_number
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
        is_elsewhere = old.link.peer != arrival.peer
        stays = _stays(old.link.entry, entry, station, is_elsewhere=is_elsewhere)
        if is_elsewhere or old.link.entry.profile > entry.profile:
            self._alarms.raise_alarm(
                "two stations of one name",
                serial_number=serial_number,
                old=old.link.peer,
                new=arrival.peer,
                kept="old" if stays else "new",
            )
        if stays:
            raise AlreadyTaken("serialNumber")
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


def _stays(old: Entry, new: Entry, station: Station, *, is_elsewhere: bool) -> bool:
    """Tell whether a socket that lives stays, and a newcomer has to go.

    A better proof wins. Of equals from one place the first stays, and from two the
    second, which has proven who it is. Where neither has, a standard station's first
    stays: it would come back by itself, the dialect's does not.
    """
    if old.profile != new.profile:
        return old.profile > new.profile
    if not is_elsewhere:
        return True
    return not new.is_authenticated and station.protocol is not Protocol.DIALECT
