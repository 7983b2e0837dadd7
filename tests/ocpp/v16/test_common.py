"""A charger's requests in everybody's words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from flexicharge.model import requests as common
from flexicharge.model.requests import JobKind
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import Call
from flexicharge.ocpp.v16.common import in_common
from flexicharge.ocpp.v16.understanding import understand

AT = 1_800_000_000.0
TIME = "2027-01-15T08:00:00Z"
START = {"connectorId": 1, "idTag": "Tag", "meterStart": 100, "timestamp": TIME}
STOP = {"transactionId": 5, "meterStop": 700, "timestamp": TIME, "reason": "Remote"}


def told(action: str, payload: dict[str, Any]) -> Any:
    return in_common(understand(Call("1", action, payload), AT))


def test_boots_carry_over_with_all_they_say() -> None:
    """What there is no common word for keeps the protocol's own."""
    boot = {
        "chargePointVendor": "V",
        "chargePointModel": "M",
        "firmwareVersion": "1",
        "iccid": "89",
    }
    assert told("BootNotification", boot) == common.Boot(
        vendor="V", model="M", firmware="1", more=(("iccid", "89"),)
    )


def test_statuses_carry_over() -> None:
    """Connector 0 stays 0: the charger itself."""
    status = {
        "connectorId": 0,
        "status": "Faulted",
        "errorCode": "OtherError",
        "vendorErrorCode": "E7",
        "timestamp": TIME,
    }
    assert told("StatusNotification", status) == common.ConnectorReport(
        connector_number=0,
        status=ConnectorStatus.FAULTED,
        error_code="OtherError",
        vendor_error_code="E7",
        claimed_at=AT,
    )


def test_a_status_that_nobody_knows_is_none() -> None:
    """It is answered, and changes nothing."""
    status = {"connectorId": 1, "status": "Dreaming", "errorCode": "NoError"}
    assert told("StatusNotification", status).status is None


def test_a_start_is_known_again_by_its_facts() -> None:
    """Connector, tag in any case, time and register; nothing else."""
    start = told("StartTransaction", START)
    assert isinstance(start, common.TransactionStart)
    assert (start.connector_number, start.meter_start_wh, start.claimed_at) == (
        1,
        100,
        AT,
    )
    again = told("StartTransaction", {**START, "idTag": "TAG", "reservationId": 4})
    assert (again.key, again.reservation_id) == (start.key, 4)
    for change in (
        {"connectorId": 2},
        {"idTag": "Other"},
        {"meterStart": 101},
        {"timestamp": "2027-01-15T08:00:01Z"},
    ):
        assert told("StartTransaction", {**START, **change}).key != start.key


def test_a_stop_is_known_again_by_its_facts() -> None:
    """Transaction, time and register."""
    stop = told("StopTransaction", STOP)
    assert (stop.meter_stop_wh, stop.reason, stop.claimed_at) == (700, "Remote", AT)
    assert told("StopTransaction", {**STOP, "transactionId": 6}).key != stop.key


@pytest.mark.parametrize("register", [-1, 10**13, "none", None])
def test_a_register_that_no_meter_has_is_not_known(register: object) -> None:
    """Below zero, beyond all chargers, no number, or not there: it is none."""
    start = {**START, "meterStart": register}
    assert told("StartTransaction", start).meter_start_wh is None
    assert (
        told("StopTransaction", {**STOP, "meterStop": register}).meter_stop_wh is None
    )


def test_readings_come_with_all_that_was_sampled() -> None:
    """Register, power and state of charge; and every sample as it came."""
    samples = [
        {"value": "1.5", "unit": "kWh"},
        {"value": "7000", "unit": "W", "measurand": "Power.Active.Import"},
        {"value": "40", "unit": "Percent", "measurand": "SoC"},
        {"value": "c2ln", "format": "SignedData"},
        {"value": "230", "unit": "V", "measurand": "Voltage", "phase": "L1-N"},
    ]
    metered = told(
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 5,
            "meterValue": [{"timestamp": TIME, "sampledValue": samples}],
        },
    )
    [value] = metered.values
    assert (metered.connector_number, metered.transaction_id) == (1, 5)
    assert (value.register_wh, value.power_w, value.percent) == (1500, 7000, 40)
    assert msgspec.json.decode(value.samples) == samples
    assert not value.tells_nothing


def test_a_stop_brings_what_was_sampled_in_its_transaction() -> None:
    """Value by value, each with its time."""
    data = [{"timestamp": TIME, "sampledValue": [{"value": str(n)}]} for n in (1, 2)]
    stop = told("StopTransaction", {**STOP, "transactionData": data})
    assert [value.register_wh for value in stop.values] == [1, 2]


def test_everything_else_has_its_word() -> None:
    """Jobs, events, certificates and vendors' messages."""
    event = {"type": "FirmwareUpdated", "timestamp": TIME}
    assert told("Heartbeat", {}) == common.Heartbeat()
    assert told("Authorize", {"idTag": "A"}) == common.TagShown("A")
    assert told("DataTransfer", {"vendorId": "v"}) == common.VendorMessage(
        vendor_id="v"
    )
    assert told("SecurityEventNotification", event) == common.SecurityEvent(
        type="FirmwareUpdated", claimed_at=AT
    )
    assert told("SignCertificate", {"csr": "PEM"}) == common.CertificateWanted("PEM")
    for action, kind in (
        ("DiagnosticsStatusNotification", JobKind.DIAGNOSTICS),
        ("FirmwareStatusNotification", JobKind.FIRMWARE),
        ("LogStatusNotification", JobKind.LOG),
        ("SignedFirmwareStatusNotification", JobKind.SIGNED_FIRMWARE),
    ):
        assert told(action, {"status": "Idle"}) == common.JobReport(kind, "Idle")
