"""What a charger of OCPP 1.6 does when the central system asks."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.ocpp.v16.times import text_of
from flexicharge.simulator.standard.configuration import Configuration
from tests.simulator.standard.central import Bench
from tests.simulator.standard.conftest import MakeBench

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}


def word(bench: Bench, action: str, **payload: Any) -> str:
    """Return the word that an order is answered with."""
    status: str = bench.order(action, **payload)["status"]
    return status


def a_profile(limit: float, **how: Any) -> dict[str, Any]:
    """Return a charging profile that leaves so many watts."""
    return {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
        **how,
    }


# remote starts and stops


def test_a_remote_start_begins_where_the_car_is(bench: MakeBench) -> None:
    """The answer comes first, then the start with the tag of the order."""
    made = bench(connectors=2)
    made.plug_in()
    assert word(made, "RemoteStartTransaction", idTag="FCAE") == "Accepted"
    [start] = made.payloads("StartTransaction")
    assert (start["connectorId"], start["idTag"]) == (1, "FCAE")
    assert made.said["Authorize"] == 0


def test_a_remote_start_waits_for_the_cable(bench: MakeBench) -> None:
    """For ConnectionTimeOut, and no longer."""
    made = bench()
    assert word(made, "RemoteStartTransaction", idTag="FCAE", connectorId=1)
    assert made.statuses[-1] == "Preparing"
    made.plug_in()
    assert made.said["StartTransaction"] == 1


def test_a_remote_start_asks_first_if_it_is_set_so(bench: MakeBench) -> None:
    """Then the tag is judged like one that is shown."""
    made = bench()
    made.plug_in()
    made.order("ChangeConfiguration", key="AuthorizeRemoteTxRequests", value="true")
    made.central.answers["Authorize"] = {"idTagInfo": {"status": "Invalid"}}
    assert word(made, "RemoteStartTransaction", idTag="FCAE") == "Accepted"
    assert (made.said["Authorize"], made.said["StartTransaction"]) == (1, 0)


@pytest.mark.parametrize("connector", [1, 9])
def test_a_remote_start_that_cannot_be_is_rejected(
    bench: MakeBench, connector: int
) -> None:
    """On a busy connector, and on one that there is not."""
    made = bench()
    made.charge(60)
    order = word(made, "RemoteStartTransaction", idTag="FCAE", connectorId=connector)
    assert order == "Rejected"


def test_a_remote_start_may_bring_a_profile(bench: MakeBench) -> None:
    """That of a transaction; any other is rejected with the start."""
    made = bench()
    made.plug_in()
    start = {"idTag": "FCAE", "connectorId": 1}
    other = a_profile(6000.0)
    assert word(made, "RemoteStartTransaction", **start, chargingProfile=other) == (
        "Rejected"
    )
    own = a_profile(6000.0, chargingProfilePurpose="TxProfile")
    made.order("RemoteStartTransaction", **start, chargingProfile=own)
    made.pass_time(3600, 60.0)
    assert made.outlet.meter.charged_wh == pytest.approx(6000, abs=101)


def test_a_remote_stop_ends_the_transaction_of_its_number(bench: MakeBench) -> None:
    """And no other."""
    made = bench()
    made.charge(60)
    assert word(made, "RemoteStopTransaction", transactionId=5) == "Rejected"
    assert word(made, "RemoteStopTransaction", transactionId=101) == "Accepted"
    [stop] = made.payloads("StopTransaction")
    assert (stop["reason"], "idTag" in stop) == ("Remote", False)
    assert made.statuses[-1] == "Finishing"


def test_unlocking_ends_a_charge(bench: MakeBench) -> None:
    """A connector that there is not cannot be unlocked."""
    made = bench()
    made.charge(60)
    assert word(made, "UnlockConnector", connectorId=2) == "NotSupported"
    assert word(made, "UnlockConnector", connectorId=1) == "Unlocked"
    assert made.payloads("StopTransaction")[0]["reason"] == "UnlockCommand"


# reservations


def reserve(bench: Bench, tag: str = "FCAE", **how: Any) -> str:
    """Reserve connector 1 for ten minutes; return the word of the answer."""
    until = text_of(bench.clock.seconds() + 600)
    asked = {"connectorId": 1, "reservationId": 5, **how}
    return word(bench, "ReserveNow", idTag=tag, expiryDate=until, **asked)


def test_a_reserved_connector_is_for_its_tag(bench: MakeBench) -> None:
    """Others begin nothing there; its own start names the reservation."""
    made = bench()
    assert reserve(made) == "Accepted"
    assert made.statuses[-1] == "Reserved"
    assert reserve(made) == "Accepted"
    assert reserve(made, reservationId=6) == "Occupied"
    assert reserve(made, connectorId=4) == "Rejected"
    made.plug_in()
    made.show("OTHER")
    assert made.said["StartTransaction"] == 0
    made.order("RemoteStartTransaction", idTag="fcae", connectorId=1)
    assert made.payloads("StartTransaction")[0]["reservationId"] == 5
    assert reserve(made, reservationId=7) == "Occupied"


def test_a_reservation_ends_by_itself_or_is_cancelled(bench: MakeBench) -> None:
    """Then the connector is free again."""
    made = bench()
    reserve(made)
    made.pass_time(601, 10.0)
    assert made.statuses[-1] == "Available"
    reserve(made)
    assert word(made, "CancelReservation", reservationId=9) == "Rejected"
    assert word(made, "CancelReservation", reservationId=5) == "Accepted"
    assert made.statuses[-1] == "Available"
    made.pass_time(601, 10.0)


def test_a_reservation_is_for_a_whole_family(bench: MakeBench) -> None:
    """If it names the parent, which the charger knows of the tag."""
    made = bench()
    family = {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
    made.central.answers["Authorize"] = family
    reserve(made, parentIdTag="FAMILY")
    made.plug_in()
    made.show("SISTER")
    assert made.payloads("StartTransaction")[0]["idTag"] == "SISTER"


# availability and resets


def test_out_of_service_and_back(bench: MakeBench) -> None:
    """At once where nobody charges, else once the charge is over."""
    made = bench()
    out = {"connectorId": 0, "type": "Inoperative"}
    assert word(made, "ChangeAvailability", **out) == "Accepted"
    assert made.statuses[-1] == "Unavailable"
    assert reserve(made) == "Unavailable"
    made.charge(60)
    assert made.said["Authorize"] == 0
    made.order("ChangeAvailability", connectorId=1, type="Operative")
    made.charge(60)
    assert word(made, "ChangeAvailability", **out) == "Scheduled"
    assert made.statuses[-1] == "Charging"
    made.show()
    assert made.statuses[-1] == "Unavailable"
    out["connectorId"] = 3
    assert word(made, "ChangeAvailability", **out) == "Rejected"


@pytest.mark.parametrize(
    ("kind", "reason"), [("Hard", "HardReset"), ("Soft", "SoftReset")]
)
def test_a_reset_ends_charges_and_boots(
    bench: MakeBench, kind: str, reason: str
) -> None:
    """After a soft one the stop is said before, after a hard one when it is back."""
    made = bench()
    made.charge(60)
    assert made.order("Reset", type=kind) == ACCEPTED
    made.pass_time(2)
    assert made.restarts == 1
    made.power_up()
    assert made.said["BootNotification"] == 2
    assert [stop["reason"] for stop in made.payloads("StopTransaction")] == [reason]


# configuration


def test_its_configuration_has_the_keys_of_the_standard(bench: MakeBench) -> None:
    """All of them, each with a value, but for its password."""
    made = bench(connectors=2)
    told = made.order("GetConfiguration")["configurationKey"]
    values = {each["key"]: each.get("value") for each in told}
    assert values["NumberOfConnectors"] == "2"
    assert values["AuthorizationKey"] is None
    assert len(told) > 30
    asked = made.order("GetConfiguration", key=["HeartbeatInterval", "Nonsense"])
    assert asked["configurationKey"][0]["value"] == "300"
    assert asked["unknownKey"] == ["Nonsense"]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("MeterValueSampleInterval", "10", "Accepted"),
        ("MeterValueSampleInterval", "-1", "Rejected"),
        ("MeterValueSampleInterval", "ten", "Rejected"),
        ("LocalAuthorizeOffline", "perhaps", "Rejected"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register", "Accepted"),
        ("MeterValuesSampledData", "Noise", "Rejected"),
        ("NumberOfConnectors", "4", "Rejected"),
        ("Nonsense", "1", "NotSupported"),
        ("SecurityProfile", "4", "Rejected"),
        ("SecurityProfile", "2", "Accepted"),
        ("CpoName", "x" * 501, "Rejected"),
    ],
)
def test_keys_take_what_fits_them(key: str, value: str, expected: str) -> None:
    """And keep what they had otherwise."""
    configuration = Configuration()
    before = configuration.told([key])
    assert configuration.change(key, value) == expected
    assert (configuration.told([key]) != before) == (expected == "Accepted")


def test_a_new_interval_holds_for_the_next_charge_and_the_next_beat(
    bench: MakeBench,
) -> None:
    """Readings by the one, heartbeats by the other."""
    made = bench()
    made.order("ChangeConfiguration", key="MeterValueSampleInterval", value="10")
    made.order("ChangeConfiguration", key="HeartbeatInterval", value="50")
    made.charge(100)
    assert (made.said["MeterValues"], made.said["Heartbeat"]) == (10, 2)
    made.order("ChangeConfiguration", key="HeartbeatInterval", value="0")
    made.pass_time(100, 10.0)
    assert made.said["Heartbeat"] == 2


def test_a_new_password_is_shown_on_the_next_line(bench: MakeBench) -> None:
    """The charger closes its line to come back with it."""
    made = bench()
    key = "30" * 16
    made.order("ChangeConfiguration", key="AuthorizationKey", value=key)
    made.pass_time(3)
    assert made.charger.password == b"0" * 16
    assert not made.charger.is_online


def test_samples_of_begin_and_end_go_with_the_stop(bench: MakeBench) -> None:
    """Where the configuration wants them."""
    made = bench()
    wanted = "Energy.Active.Import.Register"
    made.order("ChangeConfiguration", key="StopTxnSampledData", value=wanted)
    made.charge(60)
    made.show()
    [stop] = made.payloads("StopTransaction")
    begin, end = (value["sampledValue"][0] for value in stop["transactionData"])
    assert (begin["context"], end["context"]) == (
        "Transaction.Begin",
        "Transaction.End",
    )
    assert int(end["value"]) == stop["meterStop"]


# tags


def test_a_local_list_lets_tags_in_unasked(bench: MakeBench) -> None:
    """Full and differential; a removed tag has to be asked for again."""
    made = bench()
    made.order("ChangeConfiguration", key="LocalPreAuthorize", value="true")
    assert made.order("GetLocalListVersion") == {"listVersion": 0}
    good = {"idTag": "TAG1", "idTagInfo": {"status": "Accepted"}}
    full = {"updateType": "Full", "listVersion": 3, "localAuthorizationList": [good]}
    assert word(made, "SendLocalList", **full) == "Accepted"
    assert made.order("GetLocalListVersion") == {"listVersion": 3}
    made.charge(60)
    assert (made.said["Authorize"], made.said["StartTransaction"]) == (0, 1)
    made.unplug()
    removal = {
        "updateType": "Differential",
        "localAuthorizationList": [{"idTag": "tag1"}],
    }
    assert word(made, "SendLocalList", listVersion=3, **removal) == "VersionMismatch"
    assert word(made, "SendLocalList", listVersion=4, **removal) == "Accepted"
    made.order("ClearCache")
    made.charge(60)
    assert made.said["Authorize"] == 1


def test_a_local_list_that_cannot_be_taken_fails(bench: MakeBench) -> None:
    """A tag twice, too many at once, or no list at all."""
    made = bench()
    twice = {"listVersion": 1, "updateType": "Full"}
    entries = [{"idTag": "A"}, {"idTag": "a"}]
    assert word(made, "SendLocalList", **twice, localAuthorizationList=entries) == (
        "Failed"
    )
    many = [{"idTag": str(number)} for number in range(201)]
    assert word(made, "SendLocalList", **twice, localAuthorizationList=many) == "Failed"
    made.order("ChangeConfiguration", key="LocalAuthListEnabled", value="false")
    assert word(made, "SendLocalList", **twice) == "NotSupported"
    assert made.order("GetLocalListVersion") == {"listVersion": -1}


def test_a_cache_can_be_cleared_where_there_is_one(bench: MakeBench) -> None:
    """With it tags are known offline."""
    made = bench()
    made.charge(60)
    made.unplug()
    made.lose()
    made.charge(60)
    assert len(made.charger.charges) == 2
    made.unplug()
    made.connect()
    assert word(made, "ClearCache") == "Accepted"
    made.order("ChangeConfiguration", key="AuthorizationCacheEnabled", value="false")
    assert word(made, "ClearCache") == "Rejected"
    made.order("ChangeConfiguration", key="LocalAuthorizeOffline", value="false")
    made.lose()
    made.charge(60)
    assert len(made.charger.charges) == 2


# power


def test_a_profile_limits_what_flows(bench: MakeBench) -> None:
    """Until it is cleared."""
    made = bench()
    asked = {"connectorId": 1, "csChargingProfiles": a_profile(2200.0)}
    assert word(made, "SetChargingProfile", **asked) == "Accepted"
    made.charge(3600)
    assert made.outlet.meter.charged_wh == pytest.approx(2200, abs=40)
    composite = made.order("GetCompositeSchedule", connectorId=1, duration=60)
    [period] = composite["chargingSchedule"]["chargingSchedulePeriod"]
    assert period == {"startPeriod": 0, "limit": 3.1}
    assert word(made, "ClearChargingProfile", id=1) == "Accepted"
    assert word(made, "ClearChargingProfile", id=1) == "Unknown"
    made.pass_time(360, 60.0)
    assert made.outlet.meter.charged_wh == pytest.approx(4400, abs=40)


def test_a_profile_of_nothing_suspends(bench: MakeBench) -> None:
    """Which the connector says."""
    made = bench()
    made.charge(60)
    made.order("SetChargingProfile", connectorId=0, csChargingProfiles=a_profile(0.0))
    made.pass_time(61)
    assert made.statuses[-1] == "SuspendedEVSE"


@pytest.mark.parametrize(
    ("connector", "changes"),
    [
        (1, {"chargingProfilePurpose": "ChargePointMaxProfile"}),
        (1, {"chargingProfilePurpose": "TxProfile"}),
        (1, {"stackLevel": 11}),
        (9, {}),
    ],
)
def test_a_profile_that_makes_no_sense_is_rejected(
    bench: MakeBench, connector: int, changes: dict[str, Any]
) -> None:
    """By its purpose, its level, its connector, or when nothing charges."""
    profile = a_profile(1000.0, **changes)
    asked = {"connectorId": connector, "csChargingProfiles": profile}
    assert word(bench(), "SetChargingProfile", **asked) == "Rejected"


def test_profiles_have_an_end(bench: MakeBench) -> None:
    """So many are kept; what is said of no limit is no schedule."""
    made = bench()
    made.charger.configuration.preset(MaxChargingProfilesInstalled=1)
    for level, expected in ((0, "Accepted"), (1, "Rejected")):
        profile = a_profile(1000.0, chargingProfileId=level, stackLevel=level)
        asked = {"connectorId": 1, "csChargingProfiles": profile}
        assert word(made, "SetChargingProfile", **asked) == expected
    asked = {"connectorId": 0, "duration": 60}
    assert word(made, "GetCompositeSchedule", **asked) == "Rejected"
    assert word(made, "GetCompositeSchedule", connectorId=1, duration=-1) == "Rejected"
    assert word(made, "GetCompositeSchedule", connectorId=9, duration=60) == "Rejected"


# triggers


@pytest.mark.parametrize(
    ("message", "action", "times"),
    [
        ("BootNotification", "BootNotification", 2),
        ("Heartbeat", "Heartbeat", 1),
        ("StatusNotification", "StatusNotification", 6),
        ("MeterValues", "MeterValues", 2),
        ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification", 1),
        ("FirmwareStatusNotification", "FirmwareStatusNotification", 1),
    ],
)
def test_it_says_what_it_is_asked_for(
    bench: MakeBench, message: str, action: str, times: int
) -> None:
    """Of all connectors, where none is named."""
    made = bench(connectors=2)
    assert word(made, "TriggerMessage", requestedMessage=message) == "Accepted"
    assert made.said[action] == times


def test_it_says_what_it_is_asked_for_of_one_connector(bench: MakeBench) -> None:
    """One that there is not is rejected."""
    made = bench(connectors=2)
    asked = {"requestedMessage": "MeterValues"}
    assert word(made, "TriggerMessage", **asked, connectorId=2) == "Accepted"
    [reading] = made.payloads("MeterValues")
    assert (reading["connectorId"], "transactionId" in reading) == (2, False)
    assert reading["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"
    assert word(made, "TriggerMessage", **asked, connectorId=3) == "Rejected"


# jobs


def test_an_upload_is_reported(bench: MakeBench) -> None:
    """Diagnostics without a number, logs with the one of the order."""
    made = bench()
    told = made.order("GetDiagnostics", location="ftp://files.example/")
    assert told == {"fileName": "diagnostics-CP-7.log"}
    made.pass_time(11)
    reports = made.payloads("DiagnosticsStatusNotification")
    assert [each["status"] for each in reports] == ["Uploading", "Uploaded"]
    log = {"logType": "SecurityLog", "requestId": 4}
    told = made.order("GetLog", **log, log={"remoteLocation": "ftp://files.example/"})
    assert told["filename"] == "diagnostics-CP-7.log"
    made.pass_time(11)
    made.order("ExtendedTriggerMessage", requestedMessage="LogStatusNotification")
    assert made.payloads("LogStatusNotification") == [
        {"status": "Uploading", "requestId": 4},
        {"status": "Uploaded", "requestId": 4},
        {"status": "Uploaded", "requestId": 4},
    ]


@pytest.mark.parametrize("is_signed", [False, True])
def test_an_update_takes_a_restart(bench: MakeBench, is_signed: bool) -> None:
    """And shows in the next boot."""
    made = bench()
    at = text_of(made.clock.seconds() + 60)
    if is_signed:
        firmware = {
            "location": "https://files.example/",
            "retrieveDateTime": at,
            "signingCertificate": "pem",
            "signature": "c2lnbmF0dXJl",
        }
        made.order("SignedUpdateFirmware", requestId=8, firmware=firmware)
    else:
        made.order("UpdateFirmware", location="https://files.example/", retrieveDate=at)
    made.pass_time(59)
    report = ("Signed" if is_signed else "") + "FirmwareStatusNotification"
    assert made.said[report] == 0
    made.pass_time(60)
    assert made.restarts == 1
    made.power_up()
    told = [each["status"] for each in made.payloads(report)]
    verified = ["SignatureVerified"] if is_signed else []
    fetched = ["Downloading", "Downloaded"]
    assert told == [*fetched, *verified, "Installing", "Installed"]
    assert made.payloads("BootNotification")[-1]["firmwareVersion"] == "1.1"
    made.order("ExtendedTriggerMessage", requestedMessage="FirmwareStatusNotification")
    assert made.said[report] == len(told) + 1


def test_a_cut_power_forgets_what_was_not_done(bench: MakeBench) -> None:
    """An upload that was under way is not heard of again."""
    made = bench()
    made.order("GetDiagnostics", location="ftp://files.example/")
    made.pass_time(1)
    made.cut_power()
    made.power_up()
    made.pass_time(60)
    assert made.said["DiagnosticsStatusNotification"] == 1


# what it does not do


def test_what_it_does_not_know_it_refuses(bench: MakeBench) -> None:
    """With the code that says why."""
    made = bench()
    assert made.order("DataTransfer", vendorId="x") == {"status": "UnknownVendorId"}
    told = made.order("DataTransfer", vendorId="FlexiCharge")
    assert told == {"status": "UnknownMessageId"}
    for action, payload, code in (
        ("Nonsense", {}, "NotImplemented"),
        ("Heartbeat", {}, "NotSupported"),
        ("Reset", {}, "OccurenceConstraintViolation"),
        ("Reset", {"type": "Soft", "more": 1}, "FormationViolation"),
        ("Reset", {"type": "Gentle"}, "PropertyConstraintViolation"),
        ("UnlockConnector", {"connectorId": "1"}, "TypeConstraintViolation"),
    ):
        assert made.order(action, **payload)[0] == code
