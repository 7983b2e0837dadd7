"""What a charger tells or asks, as values: one for each action it may send.

`*_at` are POSIX seconds by the charger's own clock, to be believed with care. Texts
are within the schema's limits; what was cut or mended is in the repairs beside them.
"""

from __future__ import annotations

from attrs import frozen

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.v16.samples import MeterValue


@frozen(kw_only=True)
class BootNotification:
    """The charger (re)started; this is what it says of itself."""

    charge_point_vendor: str
    charge_point_model: str
    charge_point_serial_number: str = ""
    charge_box_serial_number: str = ""
    firmware_version: str = ""
    iccid: str = ""
    imsi: str = ""
    meter_type: str = ""
    meter_serial_number: str = ""


@frozen
class Authorize:
    """May this tag charge? '' is a tag that nobody has."""

    id_tag: str


@frozen(kw_only=True)
class StartTransaction:
    """Energy flows; the register stood at `meter_start_wh`, which may be anything."""

    connector_id: int
    id_tag: str
    meter_start_wh: int
    timestamp_at: float | None  # None if it makes no sense, or is missing
    reservation_id: int | None = None


@frozen(kw_only=True)
class StopTransaction:
    """A transaction is over; -1 and 0 are chargers' words for one they do not know."""

    transaction_id: int
    meter_stop_wh: int
    timestamp_at: float | None
    id_tag: str | None = None
    reason: str = "Local"  # what a charger means that gives none (OCPP 1.6 §6.49)
    transaction_data: tuple[MeterValue, ...] = ()


@frozen(kw_only=True)
class MeterValues:
    """Readings of a connector; of 0, those of the whole charger."""

    connector_id: int
    transaction_id: int | None
    meter_values: tuple[MeterValue, ...]


@frozen(kw_only=True)
class StatusNotification:
    """A connector's status; of 0, that of the charger itself."""

    connector_id: int
    status: ConnectorStatus | None  # None for a word that 1.6 does not have
    error_code: str
    info: str = ""
    vendor_id: str = ""
    vendor_error_code: str = ""
    timestamp_at: float | None = None


@frozen
class Heartbeat:
    """What time is it?"""


@frozen(kw_only=True)
class DataTransfer:
    """A vendor's own message; its data is text of any length up to the frame's."""

    vendor_id: str
    message_id: str = ""
    data: str = ""


@frozen
class DiagnosticsStatusNotification:
    """How an upload of diagnostics goes."""

    status: str


@frozen
class FirmwareStatusNotification:
    """How a firmware update goes."""

    status: str


@frozen
class LogStatusNotification:
    """How an upload of a log goes."""

    status: str
    request_id: int | None


@frozen
class SignedFirmwareStatusNotification:
    """How an update with signed firmware goes."""

    status: str
    request_id: int | None


@frozen(kw_only=True)
class SecurityEventNotification:
    """Something happened that a security officer should know."""

    type: str
    timestamp_at: float
    tech_info: str = ""


@frozen
class SignCertificate:
    """A certificate signing request, in PEM."""

    csr: str


ChargerRequest = (
    BootNotification
    | Authorize
    | StartTransaction
    | StopTransaction
    | MeterValues
    | StatusNotification
    | Heartbeat
    | DataTransfer
    | DiagnosticsStatusNotification
    | FirmwareStatusNotification
    | LogStatusNotification
    | SignedFirmwareStatusNotification
    | SecurityEventNotification
    | SignCertificate
)
