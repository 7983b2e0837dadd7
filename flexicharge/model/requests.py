"""What a station may ask or tell us, in no protocol's words.

`connector_hint` is whatever number the frame gave for its connector: one on the
station, a public one, or None. `key` is what makes a start or a stop the same when it
is said again, at most 64 characters; '' where nothing does. `claimed_at` is when the
station says it was, in POSIX seconds; None if that makes no sense.
"""

from __future__ import annotations

from attrs import frozen

from flexicharge.model.status import ConnectorStatus


@frozen(kw_only=True)
class Boot:
    """The station (re)started."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""


@frozen(kw_only=True)
class StatusReport:
    """A connector's new status; `error_code` is text for the log only."""

    connector_hint: int | None
    status: ConnectorStatus
    error_code: str = ""


@frozen(kw_only=True)
class Started:
    """Energy flows; the register stood at `meter_start_wh`."""

    connector_hint: int | None
    meter_start_wh: int
    key: str = ""
    claimed_at: float | None = None


@frozen(kw_only=True)
class Metered:
    """A reading in mid-session: energy since its start, or the register itself.

    What the station left out or spoilt is None; `register_wh` wins over `charged_wh`.
    """

    connector_hint: int | None
    charged_wh: int | None = None
    register_wh: int | None = None
    power_w: int | None = None
    percent: int | None = None


@frozen(kw_only=True)
class Stopped:
    """The session is over; the register stands at `meter_stop_wh`."""

    connector_hint: int | None = None
    meter_stop_wh: int
    reason: str = ""
    key: str = ""
    claimed_at: float | None = None


@frozen
class Heartbeat:
    """The station wants to know the time."""


@frozen
class Authorize:
    """The station wants to know whether a tag may charge."""


@frozen
class UnknownVendorMessage:
    """A vendor message that we do not know."""


Request = (
    Boot
    | StatusReport
    | Started
    | Metered
    | Stopped
    | Heartbeat
    | Authorize
    | UnknownVendorMessage
)


@frozen
class Evidence:
    """A frame's own words, and when it came (POSIX seconds)."""

    claimed: str
    at: float


# --- what we answer -----------------------------------------------------------


@frozen
class BootAccepted:
    """Welcome; it is `now` (POSIX seconds)."""

    now: float


@frozen
class TimeIs:
    """The answer to a heartbeat."""

    now: float


@frozen
class TagAccepted:
    """The tag may charge."""


@frozen
class StatusNoted:
    """The status was taken."""


@frozen
class SessionStarted:
    """The start is committed, under this number."""

    session_id: int


@frozen
class SessionStopped:
    """The stop is committed."""


@frozen
class ReadingKept:
    """The reading is committed."""


@frozen
class VendorMessageUnknown:
    """The vendor message was understood as one that we do not know."""


@frozen
class Refused:
    """The request cannot be met; `why` is the contract's word for it."""

    why: str


Answer = (
    BootAccepted
    | TimeIs
    | TagAccepted
    | StatusNoted
    | SessionStarted
    | SessionStopped
    | ReadingKept
    | VendorMessageUnknown
    | Refused
)
