"""Section 0 and the ground rules: what holds in every case, and where they start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.identity import signing_key

from .scene import DRIVER, TAG, CallError, JsonObject, Scene, instant

ROOT: Final = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "AB" * 32,
    "issuerKeyHash": "CD" * 32,
    "serialNumber": "0A1B",
}
EARLIER: Final = {**ROOT, "serialNumber": "0C"}
MANUFACTURER: Final = {"certificateType": "ManufacturerRootCertificate"}
SIGNATURES: Final = {
    "EC": SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    "RSA": SignatureAlgorithmOID.RSA_WITH_SHA256,
}
CENTRAL: Final = {"certificateType": "CentralSystemRootCertificate"}


def roots(scene: Scene) -> list[tuple[str, JsonObject, str]]:
    """Return the roots on record: their types, their names, and where they stand."""
    return [
        (one["certificateType"], one["certificateHashData"], one["status"])
        for one in scene.read("certificates")["trusted"]
    ]


# ground rules 1, 3 and 4 are held to after every test: see `Scene.broken_rules`


@pytest.mark.parametrize("status_first", [True, False])
def test_ground_rule_2_two_orders_may_swap(scene: Scene, status_first: bool) -> None:
    """A status may come before or after the start or stop that it goes with."""
    charger, numbers = scene.charger, []

    def start() -> None:
        numbers.append(charger.start(TAG, 1, 1000)["transactionId"])

    def stop() -> None:
        charger.stop(numbers[0], 3000)

    def in_turn(status: str, act: Callable[[], None]) -> None:
        acts = [lambda: charger.report(1, status), act]
        for each in acts if status_first else reversed(acts):
            each()

    in_turn("Charging", start)
    assert (scene.statuses()[0], len(scene.sessions())) == ("Charging", 1)
    in_turn("Finishing", stop)
    assert scene.statuses()[0] == "Finishing"
    assert scene.session(numbers[0])["energyWh"] == 2000


def test_ground_rule_3_every_call_is_owed_a_result(scene: Scene) -> None:
    """Each message that a charger may send is answered, with no error."""
    charger, number = scene.charger, scene.charge()
    said: dict[str, JsonObject] = {
        "Authorize": {"idTag": "x"},
        "DataTransfer": {"vendorId": "x"},
        "DiagnosticsStatusNotification": {"status": "Idle"},
        "FirmwareStatusNotification": {"status": "Idle"},
        "Heartbeat": {},
        "LogStatusNotification": {"status": "Idle", "requestId": 1},
        "SecurityEventNotification": {
            "type": "StartupOfTheDevice",
            "timestamp": charger.now(),
        },
        "SignCertificate": {"csr": "none"},
        "SignedFirmwareStatusNotification": {"status": "Idle", "requestId": 1},
    }
    for action, payload in said.items():
        charger.call(action, payload)
    charger.meter(1500, transaction_id=number)
    charger.stop(number, 2000)


@pytest.mark.parametrize("reply", ["Accepted", "Rejected", "RebootRequired"])
def test_ground_rule_4_nothing_is_asked_by_itself(scene: Scene, reply: str) -> None:
    """Neither after connecting and booting nor after a configuration was changed."""
    scene.tell("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "9"}, reply)
    scene.reconnect()
    scene.charger.boot()
    scene.town.advance(600, step=60)
    assert scene.charger.asked() == []
    assert len(scene.commands()) == 1


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("RemoteStopTransaction", {"transactionId": 424242}),
        ("UnlockConnector", {"connectorId": 9}),
        ("ChangeConfiguration", {"value": "x", "key": "NobodyKnows"}),
        ("CancelReservation", {"reservationId": 424242}),
        ("TriggerMessage", {"connectorId": 9, "requestedMessage": "MeterValues"}),
    ],
)
def test_ground_rule_5_senseless_commands_go_out_as_given(
    scene: Scene, action: str, payload: JsonObject
) -> None:
    """With their keys in that order; and the charger's refusal is what is shown."""
    command = scene.tell(action, payload, CallError("PropertyConstraintViolation"))
    assert command["status"] == "error"
    assert command["response"]["errorCode"] == "PropertyConstraintViolation"
    assert command["payload"] == payload


@pytest.mark.parametrize("kind", ["EC", "RSA"])
@pytest.mark.parametrize("is_strict", [True, False])
def test_ground_rule_6_a_lax_check_of_names_is_a_switch(
    set_up: Callable[..., Scene], kind: str, is_strict: bool
) -> None:
    """On by default; off, a request that names nobody is signed, and that is kept.

    The signature of an RSA key is of PKCS#1 v1.5, the PEM has no carriage return.
    """
    scene = set_up() if is_strict else set_up(CSR_STRICT="0")
    scene.charger.connect().boot()
    key = known_key(7) if kind == "EC" else signing_key().private
    csr = signing_request("", key, organisation="")
    answer = scene.charger.call("SignCertificate", {"csr": csr})
    assert answer == {"status": "Rejected" if is_strict else "Accepted"}
    scene.town.advance(1)
    issued = scene.read("certificates")["issued"]
    assert [one["namesJudged"] for one in issued] == ([] if is_strict else [False])
    calls = scene.charger.asked()
    assert len(calls) == len(issued)
    for call in calls:
        chain = call[3]["certificateChain"]
        assert "\r" not in chain
        certificate = x509.load_pem_x509_certificate(chain.encode())
        assert certificate.signature_algorithm_oid == SIGNATURES[kind]


def test_r1_booted(arrival: Scene) -> None:
    """Boot and statuses are answered; who it is and each state are on record."""
    booted = arrival.charger.boot(
        firmwareVersion="1.2.3", chargePointSerialNumber="SN-7"
    )
    assert booted["status"] == "Accepted"
    shown = arrival.shown()
    assert (shown["vendor"], shown["model"]) == ("Volta", "One")
    assert shown["firmwareVersion"] == "1.2.3"
    assert instant(shown["lastBoot"]) == instant(booted["currentTime"])
    states = arrival.now(arrival.known.connector_states(arrival.station))
    words = [(one.connector_id, one.reported and one.reported.status) for one in states]
    assert words == [(0, "Available"), (1, "Available"), (2, "Available")]


def test_r1_twin_statuses_before_the_boot_is_answered(arrival: Scene) -> None:
    """They are taken; the boot, whose database is away, is answered `Pending`."""
    charger, faults = arrival.charger, arrival.town.world.faults
    charger.report(1, "Preparing")
    faults.away = True
    boot = charger.send("BootNotification", dict(vendor_and_model()))
    charger.report(2, "Faulted", "GroundFailure")
    answer = charger.answer_to(boot)
    assert answer is not None
    assert answer[2]["status"] == "Pending"
    faults.away = False
    arrival.town.advance(10, step=1)
    assert arrival.statuses() == ["Preparing", "Faulted"]


def test_r1_twin_statuses_of_connector_0_only(arrival: Scene) -> None:
    """Nothing is made up for connectors that were not named."""
    assert arrival.charger.call("BootNotification", vendor_and_model())
    arrival.charger.report(0, "Available")
    states = arrival.now(arrival.known.connector_states(arrival.station))
    assert [one.connector_id for one in states if one.reported] == [0]
    assert len(arrival.shown()["connectors"]) == 2


def vendor_and_model() -> JsonObject:
    """Return the least that a charger says when it boots."""
    return {"chargePointVendor": "Volta", "chargePointModel": "One"}


def test_r2_authorized(scene: Scene) -> None:
    """A good tag is accepted; the request is on record, and no session."""
    assert scene.authorize(TAG) == "Accepted"
    assert scene.sessions() == []
    [asked, answered] = scene.messages("Authorize")
    assert TAG in asked["raw"]
    assert (asked["direction"], answered["direction"]) == ("in", "out")


def test_r2_twin_tags_ignore_case(scene: Scene) -> None:
    """The same tag in other letters gets the same verdict."""
    assert scene.authorize(TAG.lower()) == "Accepted"
    scene.put_tag(TAG, status="Blocked")
    assert scene.authorize(TAG.lower()) == "Blocked"


def test_r3_charging(scene: Scene) -> None:
    """One session is open, with all that was claimed and when that came."""
    claimed = scene.charger.now(ago=20)
    number = scene.charge(meter=1234, timestamp=claimed)
    [session] = scene.sessions()
    assert (session["transactionId"], session["state"]) == (number, "charging")
    assert (session["connectorId"], session["idTag"]) == (1, TAG)
    assert (session["userID"], session["meterStart"]) == (DRIVER, 1234)
    assert instant(session["startTimestamp"]) == instant(claimed)
    [start] = scene.facts("start")
    assert claimed in start["claimed"]
    assert instant(start["time"]) == scene.town.clock.seconds()
    assert scene.statuses() == ["Charging", "Available"]


def test_r3_twin_a_start_said_twice(scene: Scene) -> None:
    """Under a new message id it is the same transaction, and one session."""
    at = scene.charger.now()
    number = scene.charge(timestamp=at)
    again = scene.charger.start(TAG, 1, 1000, timestamp=at)
    assert again == {"transactionId": number, "idTagInfo": {"status": "Accepted"}}
    assert len(scene.sessions()) == 1


@pytest.mark.parametrize("asked", [MANUFACTURER, CENTRAL])
def test_r4_installed_certificates_received(scene: Scene, asked: JsonObject) -> None:
    """The type goes out as asked; the hash data are kept under it."""
    reply = {"status": "Accepted", "certificateHashData": [ROOT]}
    scene.tell("GetInstalledCertificateIds", asked, reply)
    assert roots(scene) == [(asked["certificateType"], ROOT, "installed")]


def test_r4_twin_none_is_found(scene: Scene) -> None:
    """What was there of that type is gone, and only of that type."""
    ask = "GetInstalledCertificateIds"
    for asked, root in ((CENTRAL, EARLIER), (MANUFACTURER, ROOT)):
        scene.tell(ask, asked, {"status": "Accepted", "certificateHashData": [root]})
    command = scene.tell(ask, MANUFACTURER, "NotFound")
    assert command["response"] == {"status": "NotFound"}
    assert sorted(roots(scene), key=lambda root: root[0]) == [
        (CENTRAL["certificateType"], EARLIER, "installed"),
        (MANUFACTURER["certificateType"], ROOT, "gone"),
    ]
