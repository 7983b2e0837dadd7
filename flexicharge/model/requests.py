"""What a station may ask or tell us, in no protocol's words.

`connector_hint` is whatever number the frame gave for its connector: one on the
station, a public one, or None. `key` is what makes a start or a stop the same when it
is said again, at most 64 characters; '' where nothing does. `claimed_at` is when the
station says it was, in POSIX seconds; None if that makes no sense.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen

from flexicharge.model.id_tag import TagVerdict
from flexicharge.model.site import Registration
from flexicharge.model.status import ConnectorStatus


@frozen(kw_only=True)
class Boot:
    """The station (re)started."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""
    more: tuple[tuple[str, str], ...] = ()  # whatever else, in the protocol's words


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


# --- what only standard stations say ------------------------------------------


@frozen(kw_only=True)
class TakenValue:
    """What was sampled at one moment; None is what it does not tell.

    `samples` is a JSON array of the samples as they came, for the record.
    """

    claimed_at: float | None
    register_wh: int | None = None
    power_w: int | None = None
    percent: int | None = None
    samples: str = "[]"

    @property
    def tells_nothing(self) -> bool:
        """Whether there is neither energy nor power nor a state of charge."""
        return (
            self.register_wh is None and self.power_w is None and self.percent is None
        )


@frozen
class TagShown:
    """May this tag charge? '' is a tag that nobody has."""

    id_tag: str


@frozen(kw_only=True)
class ConnectorReport:
    """A connector's status, or with number 0 that of the station itself.

    A `status` of None is a word that nobody knows.
    """

    connector_number: int
    status: ConnectorStatus | None
    error_code: str = ""
    info: str = ""
    vendor_id: str = ""
    vendor_error_code: str = ""
    claimed_at: float | None = None


@frozen(kw_only=True)
class TransactionStart:
    """Energy flows; a register that nobody knows is None."""

    connector_number: int
    id_tag: str
    meter_start_wh: int | None
    key: str = ""
    claimed_at: float | None = None
    reservation_id: int | None = None


# Chargers have many words for a transaction whose number they were never told.
LAST_TRANSACTION: Final = (1 << 31) - 1


def is_number(transaction_id: int | None) -> bool:
    """Tell whether a transaction's number is one that can have been given."""
    return transaction_id is not None and 0 < transaction_id <= LAST_TRANSACTION


@frozen(kw_only=True)
class TransactionStop:
    """A transaction is over; `values` are what was sampled in it."""

    transaction_id: int
    meter_stop_wh: int | None
    reason: str = ""
    key: str = ""
    claimed_at: float | None = None
    id_tag: str | None = None
    values: tuple[TakenValue, ...] = ()


@frozen(kw_only=True)
class MeterValues:
    """Readings of a connector; of 0, those of the whole station."""

    connector_number: int
    transaction_id: int | None
    values: tuple[TakenValue, ...]


class JobKind(StrEnum):
    """What a station does for us that takes a while."""

    DIAGNOSTICS = "diagnostics"
    FIRMWARE = "firmware"
    LOG = "log"
    SIGNED_FIRMWARE = "signedFirmware"


@frozen
class JobReport:
    """How a job goes, in the protocol's own word."""

    kind: JobKind
    status: str
    request_id: int | None = None


@frozen(kw_only=True)
class SecurityEvent:
    """Something happened that a security officer should know."""

    type: str
    claimed_at: float | None
    tech_info: str = ""


@frozen
class CertificateWanted:
    """A request for a certificate, in PEM."""

    csr: str


@frozen(kw_only=True)
class VendorMessage:
    """A vendor's own message."""

    vendor_id: str
    message_id: str = ""
    data: str = ""


Request = (
    Boot
    | StatusReport
    | Started
    | Metered
    | Stopped
    | Heartbeat
    | Authorize
    | UnknownVendorMessage
    | TagShown
    | ConnectorReport
    | TransactionStart
    | TransactionStop
    | MeterValues
    | JobReport
    | SecurityEvent
    | CertificateWanted
    | VendorMessage
)


@frozen
class Evidence:
    """A frame's own words, and when it came (POSIX seconds).

    `frame_key` is what only the very same frame has, its message id included; '' where
    message ids tell nothing.
    """

    claimed: str
    at: float
    frame_key: str = ""


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
class BootJudged:
    """It is `now`; `interval_s` is until the next heartbeat, or the next boot."""

    registration: Registration
    now: float
    interval_s: int


@frozen
class TagJudged:
    """What a tag is good for."""

    verdict: TagVerdict


@frozen
class TransactionStarted:
    """The start is committed, under this number, whatever its tag is good for."""

    session_id: int
    verdict: TagVerdict


@frozen
class TransactionStopped:
    """The stop is committed or kept; with a verdict if a tag came with it."""

    verdict: TagVerdict | None = None


@frozen
class Noted:
    """It was taken; there is nothing to say to it."""


@frozen
class CertificateComes:
    """Whether a certificate will be issued; it comes later."""

    accepted: bool


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
    | BootJudged
    | TagJudged
    | TransactionStarted
    | TransactionStopped
    | Noted
    | CertificateComes
    | Refused
)
