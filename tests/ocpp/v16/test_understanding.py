"""Each of the fourteen actions of a charger is a value of its own."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.errors import BadInput
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import Call
from flexicharge.ocpp.v16 import requests as said
from flexicharge.ocpp.v16.actions import FROM_CHARGER
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall
from flexicharge.ocpp.v16.samples import MeterValue, Quantity, Sample
from flexicharge.ocpp.v16.understanding import understand

AT = 1_800_000_000.0
TIME = "2027-01-15T08:00:00Z"
SIGNED = "AP;0;3;ALCV3ABBBISHMA2RYEGAZE3HV5YQBQRAEHAR2MN" * 20

CASES: list[tuple[str, dict[str, Any], said.ChargerRequest]] = [
    (
        "BootNotification",
        {
            "chargePointVendor": "V",
            "chargePointModel": "M",
            "chargePointSerialNumber": "1",
            "chargeBoxSerialNumber": "2",
            "firmwareVersion": "3",
            "iccid": "4",
            "imsi": "5",
            "meterType": "6",
            "meterSerialNumber": "7",
        },
        said.BootNotification(
            charge_point_vendor="V",
            charge_point_model="M",
            charge_point_serial_number="1",
            charge_box_serial_number="2",
            firmware_version="3",
            iccid="4",
            imsi="5",
            meter_type="6",
            meter_serial_number="7",
        ),
    ),
    ("Authorize", {"idTag": "A"}, said.Authorize("A")),
    (
        "StartTransaction",
        {
            "connectorId": 2,
            "idTag": "A",
            "meterStart": -7,
            "reservationId": 9,
            "timestamp": TIME,
        },
        said.StartTransaction(
            connector_id=2,
            id_tag="A",
            meter_start_wh=-7,
            timestamp_at=AT,
            reservation_id=9,
        ),
    ),
    (
        "StopTransaction",
        {
            "transactionId": 5,
            "meterStop": 700,
            "timestamp": TIME,
            "idTag": "B",
            "reason": "EVDisconnected",
            "transactionData": [
                {
                    "timestamp": TIME,
                    "sampledValue": [
                        {"value": SIGNED, "format": "SignedData"},
                        {"value": "700", "context": "Transaction.End"},
                    ],
                }
            ],
        },
        said.StopTransaction(
            transaction_id=5,
            meter_stop_wh=700,
            timestamp_at=AT,
            id_tag="B",
            reason="EVDisconnected",
            transaction_data=(
                MeterValue(
                    AT,
                    (
                        Sample(SIGNED, Quantity(format="SignedData", unit="Wh")),
                        Sample("700", Quantity(context="Transaction.End", unit="Wh")),
                    ),
                ),
            ),
        ),
    ),
    (
        "StopTransaction",
        {"transactionId": -1, "meterStop": 0, "timestamp": TIME},
        said.StopTransaction(
            transaction_id=-1, meter_stop_wh=0, timestamp_at=AT, reason="Local"
        ),
    ),
    (
        "MeterValues",
        {
            "connectorId": 0,
            "transactionId": 5,
            "meterValue": [
                {
                    "timestamp": TIME,
                    "sampledValue": [
                        {
                            "value": "229.9",
                            "context": "Sample.Clock",
                            "format": "Raw",
                            "measurand": "Voltage",
                            "phase": "L1-N",
                            "location": "Inlet",
                            "unit": "V",
                        },
                        {"value": "0.99", "measurand": "Power.Factor"},
                    ],
                }
            ],
        },
        said.MeterValues(
            connector_id=0,
            transaction_id=5,
            meter_values=(
                MeterValue(
                    AT,
                    (
                        Sample(
                            "229.9",
                            Quantity(
                                context="Sample.Clock",
                                measurand="Voltage",
                                phase="L1-N",
                                location="Inlet",
                                unit="V",
                            ),
                        ),
                        Sample("0.99", Quantity(measurand="Power.Factor")),
                    ),
                ),
            ),
        ),
    ),
    (
        "StatusNotification",
        {
            "connectorId": 0,
            "errorCode": "ConnectorLockFailure",
            "info": "i",
            "status": "Faulted",
            "timestamp": TIME,
            "vendorId": "v",
            "vendorErrorCode": "E7",
        },
        said.StatusNotification(
            connector_id=0,
            error_code="ConnectorLockFailure",
            info="i",
            status=ConnectorStatus.FAULTED,
            timestamp_at=AT,
            vendor_id="v",
            vendor_error_code="E7",
        ),
    ),
    (
        "StatusNotification",
        {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
        said.StatusNotification(
            connector_id=1, error_code="NoError", status=ConnectorStatus.AVAILABLE
        ),
    ),
    ("Heartbeat", {}, said.Heartbeat()),
    (
        "DataTransfer",
        {"vendorId": "v", "messageId": "m", "data": "{}"},
        said.DataTransfer(vendor_id="v", message_id="m", data="{}"),
    ),
    (
        "DiagnosticsStatusNotification",
        {"status": "Uploaded"},
        said.DiagnosticsStatusNotification("Uploaded"),
    ),
    (
        "FirmwareStatusNotification",
        {"status": "Installed"},
        said.FirmwareStatusNotification("Installed"),
    ),
    (
        "LogStatusNotification",
        {"status": "Uploading", "requestId": 4},
        said.LogStatusNotification("Uploading", 4),
    ),
    (
        "LogStatusNotification",
        {"status": "Idle"},
        said.LogStatusNotification("Idle", None),
    ),
    (
        "SignedFirmwareStatusNotification",
        {"status": "InvalidSignature", "requestId": 4},
        said.SignedFirmwareStatusNotification("InvalidSignature", 4),
    ),
    (
        "SecurityEventNotification",
        {"type": "TamperDetectionActivated", "timestamp": TIME, "techInfo": "x"},
        said.SecurityEventNotification(
            type="TamperDetectionActivated", timestamp_at=AT, tech_info="x"
        ),
    ),
    ("SignCertificate", {"csr": "PEM"}, said.SignCertificate("PEM")),
]


@pytest.mark.parametrize(("action", "payload", "request_"), CASES)
def test_a_call_is_read_into_its_value(
    action: str, payload: dict[str, Any], request_: said.ChargerRequest
) -> None:
    """Every field is there; what is left out has the specification's default."""
    understood = understand(Call("1", action, payload), AT + 1)
    assert understood.request == request_
    assert understood.payload == payload
    assert understood.repairs == ()


def test_no_action_of_a_charger_is_left_out() -> None:
    """The cases above are all fourteen."""
    assert {action for action, _, _ in CASES} == FROM_CHARGER


def test_a_time_with_more_digits_than_sense_is_refused() -> None:
    """The schema allows any number of digits; we do not read them all."""
    endless = f"2027-01-15T08:00:00.{'0' * 200}Z"
    call = Call("1", "SecurityEventNotification", {"type": "t", "timestamp": endless})
    with pytest.raises(FaultyCall) as refused:
        understand(call, AT)
    assert isinstance(refused.value, BadInput)
    assert refused.value.code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
