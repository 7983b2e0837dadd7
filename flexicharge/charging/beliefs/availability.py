"""What connectors are to be, what they say they are, and whether that agrees."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from attrs import frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of, whole_of
from flexicharge.model.requests import ConnectorReport
from flexicharge.model.site import Station
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.v16.commands import Availability
from flexicharge.ocpp.v16.confirmations import Outcome

WANTED: Final = "availability"
REPORTED: Final = "connectors"
WHOLE_STATION: Final = 0
MAX_WORD: Final = 50
BUSY: Final = frozenset(
    {
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
        ConnectorStatus.FINISHING,
    }
)
OUT_OF_SERVICE: Final = frozenset(
    {ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}
)


class Agreement(StrEnum):
    """How what was wanted of a connector compares with what it says."""

    AS_WANTED = "asWanted"
    PENDING = "pending"  # it said nothing since, or what runs there is to end first
    DIFFERS = "differs"


@frozen(kw_only=True)
class Wanted:
    """What a connector was told to be, and has agreed to, at a POSIX time."""

    connector_id: int
    availability: Availability
    scheduled: bool
    at: float


@frozen(kw_only=True)
class Reported:
    """A connector's last status, with its error; a status of None is an unknown word.

    Connector 0 is the station itself. `given_up_at` is when it last became Available
    again without a charge: nobody had plugged in, or gone on.
    """

    connector_id: int
    status: ConnectorStatus | None
    error_code: str = ""
    info: str = ""
    vendor_id: str = ""
    vendor_error_code: str = ""
    given_up_at: float | None = None
    at: float


@frozen(kw_only=True)
class ConnectorState:
    """What a connector says, what it is to be, and who it is held for.

    None is what nobody has said; `agreement` is None where there is nothing to compare.
    """

    connector_id: int
    reported: Reported | None
    wanted: Wanted | None = None
    agreement: Agreement | None = None
    reservation_id: int | None = None


@frozen
class Availabilities:
    """Both sides of a connector's availability, as the stations know them."""

    _wanted: Drawer[Wanted]
    _reported: Drawer[Reported]

    async def changed(self, answered: Answered) -> None:
        """Believe the answer to a ChangeAvailability; a refusal changes nothing."""
        connector_id = whole_of(answered.asked.get("connectorId"))
        is_scheduled = answered.outcome is Outcome.PENDING
        if connector_id is None or not (answered.is_done or is_scheduled):
            return
        wanted = Wanted(
            connector_id=connector_id,
            availability=Availability(answered.asked["type"]),
            scheduled=is_scheduled,
            at=answered.at,
        )
        station_id = answered.station.station_id
        # Said of the whole station, it is said of each connector (OCPP 1.6 §5.2).
        is_all = connector_id == WHOLE_STATION
        await self._wanted.put(
            station_id, {str(connector_id): wanted}, answered.at, instead=is_all
        )

    async def noted(self, station: Station, report: ConnectorReport, at: float) -> None:
        """Believe a status, of a connector that we know or of the station itself."""
        number = report.connector_number
        if number != WHOLE_STATION and station.numbered(number) is None:
            return
        old = (await self._reported.all(station.station_id)).get(str(number))
        reported = Reported(
            connector_id=number,
            status=report.status,
            error_code=text_of(report.error_code, MAX_WORD),
            info=text_of(report.info),
            vendor_id=text_of(report.vendor_id),
            vendor_error_code=text_of(report.vendor_error_code),
            given_up_at=_given_up_at(old, report.status, at),
            at=at,
        )
        await self._reported.put(station.station_id, {str(number): reported}, at)

    async def given_up_at(self, station_id: int, number: int) -> float | None:
        """Return when a connector last became free without a charge, if it did."""
        reported = (await self._reported.all(station_id)).get(str(number))
        return None if reported is None else reported.given_up_at

    async def states(self, station: Station) -> tuple[ConnectorState, ...]:
        """Return the states of the station itself, if known, and of each connector."""
        reported = await self._reported.all(station.station_id)
        wanted = await self._wanted.all(station.station_id)
        numbers = [connector.number for connector in station.connectors]
        if str(WHOLE_STATION) in reported or str(WHOLE_STATION) in wanted:
            numbers.insert(0, WHOLE_STATION)
        return tuple(
            _state(number, reported.get(str(number)), wanted.values())
            for number in numbers
        )


def _given_up_at(
    old: Reported | None, status: ConnectorStatus | None, at: float
) -> float | None:
    if old is None:
        return None
    was_preparing = old.status is ConnectorStatus.PREPARING
    is_free = status is ConnectorStatus.AVAILABLE
    return at if was_preparing and is_free else old.given_up_at


def _state(
    number: int, reported: Reported | None, wanted: Iterable[Wanted]
) -> ConnectorState:
    mine = [one for one in wanted if one.connector_id in (number, WHOLE_STATION)]
    last = max(mine, key=lambda one: (one.at, one.connector_id), default=None)
    return ConnectorState(
        connector_id=number,
        reported=reported,
        wanted=last,
        agreement=_agreement(reported, last),
    )


def _agreement(reported: Reported | None, wanted: Wanted | None) -> Agreement | None:
    if reported is None or reported.status is None or wanted is None:
        return None
    is_out = reported.status in OUT_OF_SERVICE
    if is_out == (wanted.availability is Availability.INOPERATIVE):
        return Agreement.AS_WANTED
    if reported.status is ConnectorStatus.FAULTED:
        return None  # a fault hides what it would be
    is_busy = wanted.scheduled and reported.status in BUSY
    is_silent = reported.at <= wanted.at
    return Agreement.PENDING if is_busy or is_silent else Agreement.DIFFERS
