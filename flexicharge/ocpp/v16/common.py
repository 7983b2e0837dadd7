"""A charger's requests in the words that all protocols share, where they fit.

What has no such word yet (jobs of firmware and logs, security events, certificates) is
a vendor's message to the rest of the house: it is answered, and nothing comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from flexicharge.model import requests as common
from flexicharge.model.metering import whole_wh
from flexicharge.ocpp.frames import encode
from flexicharge.ocpp.v16 import requests as said
from flexicharge.ocpp.v16.readings import connector_meant, newest_of

KEY_BYTES: Final = 16


def in_common(request: said.ChargerRequest, connectors: int) -> common.Request:
    """Return a request of a charger with so many connectors in everybody's words.

    Raise `UnusableValue` for a register that no meter can have.
    """
    match request:
        case said.BootNotification():
            return common.Boot(
                vendor=request.charge_point_vendor,
                model=request.charge_point_model,
                firmware=request.firmware_version,
            )
        case said.StatusNotification():
            return common.StatusReport(
                connector_hint=request.connector_id,
                status=request.status,
                error_code=request.error_code,
            )
        case said.StartTransaction():
            return _started(request)
        case said.StopTransaction():
            return _stopped(request)
        case said.MeterValues():
            return _metered(request, connectors)
        case said.Heartbeat():
            return common.Heartbeat()
        case said.Authorize():
            return common.Authorize()
    return common.UnknownVendorMessage()


def _started(start: said.StartTransaction) -> common.Started:
    facts = [
        start.connector_id,
        start.id_tag.casefold(),
        start.timestamp_at,
        start.meter_start_wh,
    ]
    return common.Started(
        connector_hint=start.connector_id,
        meter_start_wh=whole_wh(start.meter_start_wh, what="meterStart"),
        key=_key(facts),
        claimed_at=start.timestamp_at,
    )


def _stopped(stop: said.StopTransaction) -> common.Stopped:
    facts = [stop.transaction_id, stop.timestamp_at, stop.meter_stop_wh]
    return common.Stopped(
        meter_stop_wh=whole_wh(stop.meter_stop_wh, what="meterStop"),
        reason=stop.reason,
        key=_key(facts),
        claimed_at=stop.timestamp_at,
    )


def _metered(metered: said.MeterValues, connectors: int) -> common.Metered:
    """Return the newest state that is told; that of the main meter is nobody's."""
    reading = newest_of(metered.meter_values)
    meant = connector_meant(metered.connector_id, connectors)
    if reading is None or meant is None:
        return common.Metered(connector_hint=meant)
    return common.Metered(
        connector_hint=meant,
        register_wh=reading.register_wh,
        power_w=reading.power_w,
        percent=reading.percent,
    )


def _key(facts: Sequence[object]) -> str:
    return blake2b(encode(facts), digest_size=KEY_BYTES).hexdigest()
