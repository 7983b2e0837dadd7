"""Everything that is tried of a charger, in order.

Nothing here resets, clears, unlocks, stops or installs anything: what it asks for is
only told, or names something that there is not. So there is no Reset, ClearCache,
ChangeAvailability, SendLocalList, SetChargingProfile, ReserveNow, RemoteStart, upload
or update, and nothing that makes a charger ask for a certificate.

An action that nobody has ever heard of is not sent either. It would have to be answered
with NotImplemented (OCPP-J 1.6 §4.2.3), but a charger that does not may make anything
of it, on its owner's ground. The actions of the security whitepaper are that test for
all chargers without it: each is to be answered, if only with that error.
"""

from __future__ import annotations

from typing import Final

from flexicharge.charging.conformance.answers import (
    has_a_list,
    has_a_schedule,
    knows_not,
    lists_certificates,
    tells_everything,
    tells_of,
)
from flexicharge.charging.conformance.probe import Busy, Probe
from flexicharge.ocpp.frames import JsonObject

NO_KEY: Final = "FlexiChargeNoSuchSetting"
NO_VENDOR: Final = "com.flexicharge.no-such-vendor"
NO_NUMBER: Final = 2_147_483_647  # the last there can be; ours begin at the other end
NO_CONNECTOR: Final = 99
NO_HASH: Final = "0" * 64
WINDOW_S: Final = 300
NONE: Final = frozenset({""})
REJECTED: Final = frozenset({"Rejected"})
NOT_HERE: Final = frozenset({"PropertyConstraintViolation"})
ONLY_TOLD: Final = "it only tells"
ONLY_SAYS: Final = "it says once more what it would say by itself"


def _trigger(
    message: str,
    *,
    action: str = "TriggerMessage",
    connector: int | None = None,
    not_during: tuple[Busy, ...] = (),
) -> Probe:
    """Return how it is tried whether a charger says something when it is told to."""
    payload: JsonObject = {"requestedMessage": message}
    if connector is not None:
        payload["connectorId"] = connector
    return Probe(
        name=f"{action} {message}",
        action=action,
        payload=payload,
        harmless=ONLY_SAYS,
        refusing=frozenset({"Rejected", "NotImplemented"}),
        follows=message,
        not_during=not_during,
    )


PROBES: Final = (
    Probe(
        name="GetConfiguration of all keys",
        action="GetConfiguration",
        payload={},
        harmless=ONLY_TOLD,
        good=NONE,
        look=tells_everything,
    ),
    Probe(
        name="GetConfiguration of one key",
        action="GetConfiguration",
        payload={"key": ["SupportedFeatureProfiles"]},
        harmless=ONLY_TOLD,
        good=NONE,
        look=tells_of("SupportedFeatureProfiles"),
    ),
    Probe(
        name="GetConfiguration of an unknown key",
        action="GetConfiguration",
        payload={"key": [NO_KEY]},
        harmless=ONLY_TOLD,
        good=NONE,
        look=knows_not(NO_KEY),
    ),
    Probe(
        name="ChangeConfiguration of an unknown key",
        action="ChangeConfiguration",
        payload={"key": NO_KEY, "value": "0"},
        harmless="no charger has the key, so there is nothing to change",
        good=frozenset({"NotSupported", "Rejected"}),
        good_codes=NOT_HERE,
    ),
    Probe(
        name="DataTransfer to an unknown vendor",
        action="DataTransfer",
        payload={"vendorId": NO_VENDOR},
        harmless="no charger is of the vendor, so it means nothing to any",
        good=frozenset({"UnknownVendorId", "UnknownMessageId", "Rejected"}),
    ),
    Probe(
        name="UnlockConnector of an unknown connector",
        action="UnlockConnector",
        payload={"connectorId": NO_CONNECTOR},
        harmless="the connector does not exist; no car may be connected all the same",
        good=frozenset({"NotSupported", "UnlockFailed"}),
        good_codes=NOT_HERE,
        not_during=(Busy.CHARGE,),
    ),
    Probe(
        name="RemoteStopTransaction of an unknown transaction",
        action="RemoteStopTransaction",
        payload={"transactionId": NO_NUMBER},
        harmless="the transaction does not exist; none may be open all the same",
        good=REJECTED,
        good_codes=NOT_HERE,
        not_during=(Busy.CHARGE,),
    ),
    _trigger("Heartbeat"),
    _trigger("StatusNotification", connector=1),
    _trigger("MeterValues", connector=1),
    _trigger("BootNotification", not_during=(Busy.RESTART,)),
    _trigger("DiagnosticsStatusNotification"),
    _trigger("FirmwareStatusNotification"),
    Probe(
        name="GetLocalListVersion",
        action="GetLocalListVersion",
        payload={},
        harmless=ONLY_TOLD,
        good=NONE,
        look=has_a_list,
    ),
    Probe(
        name="CancelReservation of an unknown reservation",
        action="CancelReservation",
        payload={"reservationId": NO_NUMBER},
        harmless="the reservation does not exist; none may be held all the same",
        good=REJECTED,
        good_codes=NOT_HERE,
        not_during=(Busy.RESERVATION,),
    ),
    Probe(
        name="GetCompositeSchedule",
        action="GetCompositeSchedule",
        payload={"connectorId": 1, "duration": WINDOW_S},
        harmless=ONLY_TOLD,
        refusing=REJECTED,
        look=has_a_schedule,
    ),
    Probe(
        name="ClearChargingProfile of an unknown profile",
        action="ClearChargingProfile",
        payload={"id": NO_NUMBER},
        harmless="the profile does not exist; none may lie there all the same",
        good=frozenset({"Unknown"}),
        good_codes=NOT_HERE,
        not_during=(Busy.CHARGE, Busy.PROFILES),
    ),
    Probe(
        name="GetInstalledCertificateIds",
        action="GetInstalledCertificateIds",
        payload={"certificateType": "CentralSystemRootCertificate"},
        harmless=ONLY_TOLD,
        good=frozenset({"Accepted", "NotFound"}),
        look=lists_certificates,
    ),
    Probe(
        name="DeleteCertificate of an unknown certificate",
        action="DeleteCertificate",
        payload={
            "certificateHashData": {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": NO_HASH,
                "issuerKeyHash": NO_HASH,
                "serialNumber": "0",
            }
        },
        harmless="no certificate has a hash of zeros",
        good=frozenset({"NotFound"}),
        refusing=frozenset({"Failed"}),
        good_codes=NOT_HERE,
    ),
    _trigger("Heartbeat", action="ExtendedTriggerMessage"),
    _trigger("LogStatusNotification", action="ExtendedTriggerMessage"),
)
