"""Each of the 26 commands becomes a payload that its schema allows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import (
    ChargingProfile,
    Kind,
    Period,
    Purpose,
    RateUnit,
    Recurrency,
    Schedule,
)
from flexicharge.model.id_tag import TagStatus, TagVerdict
from flexicharge.ocpp.frames import encode
from flexicharge.ocpp.v16 import commands as ask
from flexicharge.ocpp.v16 import security_commands as secure
from flexicharge.ocpp.v16.actions import TO_CHARGER
from flexicharge.ocpp.v16.charging import profile_in
from flexicharge.ocpp.v16.payloads import ChargerCommand, payload_of

AT = 1_800_000_000.0
TIME = "2027-01-15T08:00:00Z"
PROFILE = ChargingProfile(
    profile_id=1,
    stack_level=2,
    purpose=Purpose.TX,
    kind=Kind.RECURRING,
    recurrency=Recurrency.DAILY,
    transaction_id=5,
    valid_from=AT,
    valid_to=AT,
    schedule=Schedule(
        unit=RateUnit.AMPERES,
        periods=(
            Period(start_s=0, limit=Decimal("6.1")),
            Period(start_s=60, limit=Decimal(16), phases=1),
        ),
        duration_s=3600,
        starts_at=AT,
        min_rate=Decimal("6.0"),
    ),
)
PROFILE_PAYLOAD: dict[str, Any] = {
    "chargingProfileId": 1,
    "transactionId": 5,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Daily",
    "validFrom": TIME,
    "validTo": TIME,
    "chargingSchedule": {
        "duration": 3600,
        "startSchedule": TIME,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 6.1},
            {"startPeriod": 60, "limit": 16.0, "numberPhases": 1},
        ],
        "minChargingRate": 6.0,
    },
}
HASH = secure.CertificateHash(
    hash_algorithm="SHA256",
    issuer_name_hash="0AB",
    issuer_key_hash="00",
    serial_number="01",
)
CASES: list[tuple[ChargerCommand, dict[str, Any]]] = [
    (ask.CancelReservation(reservation_id=7), {"reservationId": 7}),
    (
        ask.ChangeAvailability(connector_id=0, type=ask.Availability.INOPERATIVE),
        {"connectorId": 0, "type": "Inoperative"},
    ),
    (
        ask.ChangeConfiguration(key="MeterValueSampleInterval", value="60"),
        {"key": "MeterValueSampleInterval", "value": "60"},
    ),
    (ask.ClearCache(), {}),
    (ask.ClearChargingProfile(), {}),
    (
        ask.ClearChargingProfile(
            connector_id=1,
            charging_profile_purpose=Purpose.TX_DEFAULT,
            stack_level=0,
        ),
        {
            "connectorId": 1,
            "chargingProfilePurpose": "TxDefaultProfile",
            "stackLevel": 0,
        },
    ),
    (ask.DataTransfer(vendor_id="v", data=""), {"vendorId": "v", "data": ""}),
    (
        ask.GetCompositeSchedule(
            connector_id=1, duration=60, charging_rate_unit=RateUnit.WATTS
        ),
        {"connectorId": 1, "duration": 60, "chargingRateUnit": "W"},
    ),
    (ask.GetConfiguration(), {}),
    (ask.GetConfiguration(key=("A", "B")), {"key": ["A", "B"]}),
    (
        ask.GetDiagnostics(location="ftp://h/d", start_time_at=AT, stop_time_at=AT),
        {"location": "ftp://h/d", "startTime": TIME, "stopTime": TIME},
    ),
    (ask.GetLocalListVersion(), {}),
    (
        ask.RemoteStartTransaction(
            id_tag="A", connector_id=1, charging_profile=PROFILE
        ),
        {"connectorId": 1, "idTag": "A", "chargingProfile": PROFILE_PAYLOAD},
    ),
    (ask.RemoteStopTransaction(transaction_id=5), {"transactionId": 5}),
    (
        ask.ReserveNow(
            connector_id=0,
            expiry_date_at=AT,
            id_tag="A",
            parent_id_tag="P",
            reservation_id=7,
        ),
        {
            "connectorId": 0,
            "expiryDate": TIME,
            "idTag": "A",
            "parentIdTag": "P",
            "reservationId": 7,
        },
    ),
    (ask.Reset(type=ask.ResetType.HARD), {"type": "Hard"}),
    (
        ask.SendLocalList(
            list_version=3,
            local_authorization_list=(
                ask.ListEntry("A", TagVerdict(TagStatus.BLOCKED, AT, "P")),
                ask.ListEntry("B"),
            ),
            update_type=ask.UpdateType.DIFFERENTIAL,
        ),
        {
            "listVersion": 3,
            "localAuthorizationList": [
                {
                    "idTag": "A",
                    "idTagInfo": {
                        "expiryDate": TIME,
                        "parentIdTag": "P",
                        "status": "Blocked",
                    },
                },
                {"idTag": "B"},
            ],
            "updateType": "Differential",
        },
    ),
    (
        ask.SetChargingProfile(connector_id=1, cs_charging_profiles=PROFILE),
        {"connectorId": 1, "csChargingProfiles": PROFILE_PAYLOAD},
    ),
    (
        ask.TriggerMessage(requested_message="MeterValues", connector_id=1),
        {"requestedMessage": "MeterValues", "connectorId": 1},
    ),
    (ask.UnlockConnector(connector_id=1), {"connectorId": 1}),
    (
        ask.UpdateFirmware(location="http://h/f", retrieve_date_at=AT, retries=2),
        {"location": "http://h/f", "retries": 2, "retrieveDate": TIME},
    ),
    (secure.CertificateSigned(certificate_chain="PEM"), {"certificateChain": "PEM"}),
    (
        secure.DeleteCertificate(certificate_hash_data=HASH),
        {
            "certificateHashData": {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": "0AB",
                "issuerKeyHash": "00",
                "serialNumber": "01",
            }
        },
    ),
    (
        secure.ExtendedTriggerMessage(requested_message="SignChargePointCertificate"),
        {"requestedMessage": "SignChargePointCertificate"},
    ),
    (
        secure.GetInstalledCertificateIds(
            certificate_type=secure.RootType.MANUFACTURER
        ),
        {"certificateType": "ManufacturerRootCertificate"},
    ),
    (
        secure.GetLog(
            log=secure.Log(remote_location="ftp://h", oldest_timestamp_at=AT),
            log_type=secure.LogType.SECURITY,
            request_id=4,
        ),
        {
            "log": {"remoteLocation": "ftp://h", "oldestTimestamp": TIME},
            "logType": "SecurityLog",
            "requestId": 4,
        },
    ),
    (
        secure.InstallCertificate(
            certificate_type=secure.RootType.CENTRAL_SYSTEM, certificate="PEM"
        ),
        {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"},
    ),
    (
        secure.SignedUpdateFirmware(
            request_id=4,
            firmware=secure.Firmware(
                location="http://h/f",
                retrieve_date_time_at=AT,
                signing_certificate="PEM",
                signature="x",
            ),
        ),
        {
            "requestId": 4,
            "firmware": {
                "location": "http://h/f",
                "retrieveDateTime": TIME,
                "signingCertificate": "PEM",
                "signature": "x",
            },
        },
    ),
]


@pytest.mark.parametrize(
    ("command", "payload"), CASES, ids=lambda case: getattr(case, "action", "")
)
def test_a_command_is_written_as_its_schema_has_it(
    command: ChargerCommand, payload: dict[str, Any]
) -> None:
    """Byte for byte: names, order, times, and nothing that was not given."""
    assert encode(payload_of(command)) == encode(payload)


def test_no_action_to_a_charger_is_left_out() -> None:
    """The cases above are all twenty-six."""
    assert {command.action for command, _ in CASES} == TO_CHARGER


def test_a_profile_is_read_back_as_it_was_written() -> None:
    """What a charger is given is what we believe of it."""
    assert profile_in(PROFILE_PAYLOAD) == PROFILE


@pytest.mark.parametrize(
    ("command", "where"),
    [
        (ask.ChangeConfiguration(key="k" * 51, value=""), "key"),
        (ask.UpdateFirmware(location="no uri", retrieve_date_at=AT), "location"),
        (secure.CertificateSigned(certificate_chain="x" * 10_001), "certificateChain"),
        (ask.TriggerMessage(requested_message="Dance"), "requestedMessage"),
    ],
)
def test_what_no_charger_could_take_is_not_sent(
    command: ChargerCommand, where: str
) -> None:
    """The error names the field."""
    with pytest.raises(UnusableValue, match=where):
        payload_of(command)
