"""A charging session: energy and money of one charge, under one number.

The states and the moves between them are the whole rule; stores guard every change
with it, so that two parties who act at once cannot both succeed.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import frozen

RESERVED_FOR_S: Final = 300.0
SKIPPED_NUMBER: Final = 9999  # an alias in the driver's API, never a session of its own


class SessionState(StrEnum):
    """Where a session stands; `ended` and `cancelled` are final."""

    OPENED = "opened"
    RESERVED = "reserved"
    STARTING = "starting"
    CHARGING = "charging"
    STOPPING = "stopping"
    ENDED = "ended"
    CANCELLED = "cancelled"


UNSTARTED: Final = (SessionState.OPENED, SessionState.RESERVED, SessionState.STARTING)
RUNNING: Final = (SessionState.CHARGING, SessionState.STOPPING)
FINAL: Final = (SessionState.ENDED, SessionState.CANCELLED)


class EndReason(StrEnum):
    """Why a session is over, as it stands in the store."""

    DRIVER = "driver"  # the driver's app stopped it
    STATION = "station"  # the station stopped it on its own
    AVAILABLE = "available"  # the station became free and never sent a stop
    SILENT = "silent"  # none of its frames came for the grace period
    NOT_CHARGING = "notCharging"  # the station refused a stop: nothing was charging
    SUPERSEDED = "superseded"  # another one began on its connector
    OPERATOR = "operator"  # an operator closed it
    REFUSED = "refused"  # the station would not reserve
    EXPIRED = "expired"  # nobody started it in time
    OFFLINE = "offline"  # the station was gone before it could be reserved


class SessionFlag(StrEnum):
    """What an accountant should know about a session's figures."""

    METER_IN_DOUBT = "meterInDoubt"
    PRICE_GUESSED = "priceGuessed"
    FROM_LAST_READING = "fromLastReading"
    NO_PAYER = "noPayer"
    TAG_REFUSED = "tagRefused"  # charged although its tag was not good for it
    OTHER_FAMILY = "otherFamily"  # stopped by a tag that may not
    CONNECTOR_IN_DOUBT = "connectorInDoubt"  # said to be on one that we do not know
    CONNECTOR_FAULTED = "connectorFaulted"  # it said that it was Faulted
    START_IN_DOUBT = "startInDoubt"  # nobody knows where the register stood then


@frozen(kw_only=True)
class Session:
    """One charge as stored; `*_at` are POSIX seconds, registers are whole Wh."""

    session_id: int
    station_id: int
    serial_number: str
    connector_id: int
    user_id: str | None
    state: SessionState
    opened_at: float
    reserved_until: float | None = None
    start_requested_at: float | None = None
    started_at: float | None = None
    stop_requested_at: float | None = None
    ended_at: float | None = None
    meter_start_wh: int | None = None
    meter_last_wh: int | None = None
    meter_stop_wh: int | None = None
    energy_wh: int | None = None
    percent: int | None = None
    site_sek_per_kwh: Decimal | None = None
    price_ore: int | None = None
    end_reason: EndReason | None = None
    flags: tuple[SessionFlag, ...] = ()
    payment_id: int | None = None
    is_paid: bool = False
    paid_at: float | None = None
    for_self_tests: bool = False  # nobody owes anything for it, and it will be deleted
    booked: bool = False  # it was booked: a station's refusal does not take it away
    id_tag: str = ""  # it was started with; '' if the protocol has none
    stop_id_tag: str = ""
    stop_reason: str = ""  # the station's own word
    aside: bool = False  # it is not what its connector is doing now

    @property
    def at_standard_station(self) -> bool:
        """True once a standard station began it: one that goes on without a line.

        It keeps what happens meanwhile, and tells it when the line is back. A start
        without a tag is refused, which no start of the dialect ever is.
        """
        return self.id_tag != "" or SessionFlag.TAG_REFUSED in self.flags

    @property
    def waits_as_booked(self) -> bool:
        """True while it is only held because it was booked: nobody asked to start."""
        return self.booked and self.state in (
            SessionState.OPENED,
            SessionState.RESERVED,
        )

    @property
    def energy_so_far_wh(self) -> int:
        """The billed energy, or while it runs what the last refresh of the row knew."""
        if self.energy_wh is not None:
            return self.energy_wh
        if self.meter_last_wh is None or self.meter_start_wh is None:
            return 0
        return max(self.meter_last_wh - self.meter_start_wh, 0)


@frozen(kw_only=True)
class StartFact:
    """A station says that energy flows: which session it is, is the store's to find."""

    station_id: int
    connector_id: int
    meter_start_wh: int
    started_at: float
    claimed: str  # the frame's own words, kept as evidence
    key: str = ""  # what makes it the same when it is said again; '' for nothing
    given_up: bool = False  # its driver wants it no more; it is nobody else's either


@frozen(kw_only=True)
class TaggedStart:
    """A standard station says that energy flows, and under which tag.

    `session_id` is the unstarted session that the tag is of, if it is one's own tag;
    `user_id` is who pays otherwise. `started_at` is the time that counts, `arrived_at`
    when it was said. `aside` is true of one that is not what the connector does now.
    """

    station_id: int
    connector_id: int
    meter_start_wh: int | None
    started_at: float
    arrived_at: float
    claimed: str
    key: str = ""
    id_tag: str = ""
    user_id: str | None = None
    session_id: int | None = None
    aside: bool = False
    flags: tuple[SessionFlag, ...] = ()


@frozen(kw_only=True)
class StationFact:
    """Something on record in a station's own words, and what it was taken for."""

    fact_id: int
    kind: str
    session_id: int | None
    at: float
    claimed: str


@frozen
class Said:
    """Something on record that a station said, when, and the session it was about."""

    session_id: int | None
    at: float


@frozen(kw_only=True)
class EndFact:
    """All that is sealed when a session ends."""

    session_id: int
    meter_stop_wh: int
    energy_wh: int
    price_ore: int
    ended_at: float
    reason: EndReason
    percent: int | None = None  # None leaves what is known
    flags: tuple[SessionFlag, ...] = ()
    claimed: str | None = None
    key: str = ""  # as that of a start
    brackets: str = "[]"  # the priced hours as JSON, exact, for the bill
    arrived_at: float | None = None  # when it was said; None means at `ended_at`
    id_tag: str = ""
    stop_reason: str = ""
