"""What stations report to security officers, summed up (security whitepaper §4)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of
from flexicharge.interfaces import IAlarms, IStationBook
from flexicharge.model.site import Station

KIND: Final = "securityEvents"
EVENT: Final = "securityEvent"
MAX_TYPE: Final = 50
MAX_TECH_INFO: Final = 255
MAX_KINDS: Final = 500
ANYTHING: Final = "*"  # stands for all that came when there were too many kinds
AGAIN_AFTER_S: Final = 3_600.0
# What may be an attack, or makes a station unsafe. The whitepaper calls routine such as
# a reboot critical too, for it is to be sent; nobody has to be woken for that.
ALARMING: Final = frozenset(
    {
        "AttemptedReplayAttacks",
        "CentralSystemFailedToAuthenticate",
        "FailedToAuthenticateAtCentralSystem",
        "InvalidCentralSystemCertificate",
        "InvalidChargePointCertificate",
        "InvalidFirmwareSignature",
        "InvalidFirmwareSigningCertificate",
        "InvalidTLSCipherSuite",
        "InvalidTLSVersion",
        "MemoryExhaustion",
        "SecurityLogWasCleared",
        "TamperDetectionActivated",
    }
)


@frozen(kw_only=True)
class SummedEvent:
    """All events of one type and text: how many, and when (POSIX seconds).

    `claimed_at` is when the last one was, by the station's own clock. `noted_at` is
    when the last one was that stands among the station's events.
    """

    type: str
    tech_info: str
    count: int
    first_at: float
    at: float
    noted_at: float
    claimed_at: float | None


@frozen
class SecurityEvents:
    """Keeps events, sums up what is said again, and alarms where a person is needed."""

    _sums: Drawer[SummedEvent]
    _book: IStationBook
    _alarms: IAlarms

    async def reported(
        self,
        station: Station,
        type_: str,
        claimed_at: float | None,
        tech_info: str,
        at: float,
    ) -> None:
        """Keep an event. The same one stands among the events once an hour at most."""
        sums = await self._sums.all(station.station_id)
        new = SummedEvent(
            type=text_of(type_, MAX_TYPE),
            tech_info=text_of(tech_info, MAX_TECH_INFO),
            count=1,
            first_at=at,
            at=at,
            noted_at=at,
            claimed_at=claimed_at,
        )
        name = _name(new)
        if name not in sums and len(sums) >= MAX_KINDS:
            name = ANYTHING
            new = evolve(new, type=ANYTHING, tech_info="")
        old = sums.get(name)
        is_news = old is None or at - old.noted_at >= AGAIN_AFTER_S
        if old is not None:
            new = _added(old, new, is_news=is_news)
        await self._sums.put(station.station_id, {name: new}, at)
        if is_news:
            await self._tell(station, new)

    async def all(self, station_id: int) -> tuple[SummedEvent, ...]:
        """Return the sums, the last event first."""
        sums = (await self._sums.all(station_id)).values()
        return tuple(sorted(sums, key=lambda one: one.at, reverse=True))

    async def _tell(self, station: Station, event: SummedEvent) -> None:
        body = {
            "type": event.type,
            "techInfo": event.tech_info,
            "claimedAt": event.claimed_at,
            "count": event.count,
        }
        if event.type in ALARMING:
            self._alarms.raise_alarm(
                "security event", serial_number=station.serial_number, **body
            )
        await self._book.note(station.station_id, EVENT, body, event.at)


def _name(event: SummedEvent) -> str:
    digest = sha256(event.tech_info.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{event.type} {digest[:16]}"


def _added(old: SummedEvent, new: SummedEvent, *, is_news: bool) -> SummedEvent:
    return evolve(
        old,
        count=old.count + 1,
        at=new.at,
        noted_at=new.at if is_news else old.noted_at,
        claimed_at=new.claimed_at,
    )
