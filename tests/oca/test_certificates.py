"""Section 17: the charger's own certificate, and the roots that it trusts."""

from __future__ import annotations

from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from twisted.internet.task import Clock

from flexicharge.certificates.pem import pem_of
from flexicharge.testing.authority_files import client_certificate
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.identity import signing_key
from flexicharge.testing.standard_charger import JsonObject
from flexicharge.testing.town import Town

from .certificates import (
    MAKERS,
    OUR_ROOT,
    OURS,
    delete,
    hash_data,
    install,
    issued,
    list_roots,
    maker,
    pem,
    roots,
    states,
)
from .doors import UPGRADED, enrolled, knock, with_certificate
from .scene import Scene, instant

OLD: Final = "c0de"
EC_KEY, RSA_KEY = known_key(7), signing_key().private
CSR: Final = signing_request("CP001", EC_KEY)
NOT_ISSUED: Final = "a certificate was not issued"
NOT_OUR_HASH: Final = "a root's hash is not ours"
SECURITY_EVENT: Final = "security event"


@pytest.fixture
def certified(scene: Scene) -> Scene:
    """A charger of profile 3, which has come in with a certificate and booted."""
    enrolled(scene, securityProfile=3)
    assert come_in(scene, OLD) == UPGRADED
    scene.charger.boot()
    return scene


def come_in(scene: Scene, serial_number: str) -> int:
    """Let the charger come in with a certificate; return the HTTP status."""
    return knock(scene, tls=with_certificate(serial_number))


def wanted(scene: Scene, csr: str, word: str = "Accepted") -> None:
    """Have the charger told to want a certificate, and want it."""
    message = {"requestedMessage": "SignChargePointCertificate"}
    command = scene.tell("ExtendedTriggerMessage", message, "Accepted")
    assert command["payload"] == message
    answer = scene.charger.call("SignCertificate", {"csr": csr})
    assert answer == {"status": word}
    assert scene.charger.asked() == []
    scene.town.advance(1)


def handed(scene: Scene) -> list[Any]:
    """Return the Call that hands the certificate over."""
    [call] = scene.charger.asked()
    assert call[2] == "CertificateSigned"
    frame: list[Any] = call
    return frame


def certified_anew(scene: Scene, reply: str = "Accepted", csr: str = CSR) -> str:
    """Have the charger certified, and answer; return the new serial number."""
    wanted(scene, csr)
    call = handed(scene)
    scene.charger.answer(call, reply)
    scene.town.flush()
    leaf, _ = x509.load_pem_x509_certificates(call[3]["certificateChain"].encode())
    return f"{leaf.serial_number:x}"


def report(scene: Scene, type_: str, **more: Any) -> None:
    """Let the charger report a security event."""
    event = {"type": type_, "timestamp": scene.charger.now(), **more}
    assert scene.charger.call("SecurityEventNotification", event) == {}


# 074


@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY], ids=["ECDSA", "RSA"])
def test_074_new_charger_certificate(certified: Scene, key: Any) -> None:
    """The chain is leaf and issuer, of the charger's key and name; it opens the link.

    OCA's own list of checks of the chain: details not established.
    """
    scene = certified
    wanted(scene, signing_request("CP001", key))
    asked_at = scene.town.clock.seconds() - 1
    call = handed(scene)
    leaf, issuer = x509.load_pem_x509_certificates(call[3]["certificateChain"].encode())
    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(issuer)
    assert leaf.public_key() == key.public_key()
    [name] = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "CP001"
    for one in (leaf, issuer):
        public = one.public_key()
        least = 2048 if isinstance(public, rsa.RSAPublicKey) else 224
        assert isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        assert public.key_size >= least
    scene.charger.answer(call, "Accepted")
    scene.town.flush()
    new = f"{leaf.serial_number:x}"
    [record] = issued(scene)
    assert (record["serialNumber"], record["commonName"]) == (new, "CP001")
    assert (record["status"], instant(record["issuedAt"])) == ("accepted", asked_at)
    assert instant(record["answeredAt"]) == scene.town.clock.seconds()
    assert come_in(scene, new) == UPGRADED
    assert scene.charger.boot()["status"] == "Accepted"
    [record] = issued(scene)
    assert record["status"] == "inUse"
    assert instant(record["seenAt"]) == scene.town.clock.seconds()


def spoilt() -> str:
    """Return a request whose signature is wrong."""
    good = x509.load_pem_x509_csr(signing_request("CP001", RSA_KEY).encode())
    der = bytearray(good.public_bytes(Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()


BAD_REQUESTS: Final = {
    "bad signature": spoilt,
    "1024 bits": lambda: signing_request(
        "CP001", rsa.generate_private_key(65537, 1024)
    ),
    "another charger's name": lambda: signing_request("CP002", EC_KEY),
}


@pytest.mark.parametrize("what", BAD_REQUESTS)
def test_074_twin_a_bad_request(certified: Scene, what: str) -> None:
    """Rejected, and no certificate is sent; somebody is told why."""
    wanted(certified, BAD_REQUESTS[what](), "Rejected")
    assert certified.charger.asked() == []
    assert issued(certified) == []
    assert certified.alarms(NOT_ISSUED) == 1
    [event] = certified.events("certificateRefused")
    assert event["reason"]


def test_074_twin_the_old_one_works_until_the_new_one_was_seen(
    certified: Scene,
) -> None:
    """Though the charger has taken the new one, it may have to come with the old."""
    first = certified_anew(certified)
    assert come_in(certified, first) == UPGRADED
    second = certified_anew(certified)
    assert come_in(certified, first) == UPGRADED
    assert [one["status"] for one in issued(certified)] == ["accepted", "inUse"]
    assert come_in(certified, second) == UPGRADED
    assert [one["status"] for one in issued(certified)] == ["inUse", "replaced"]


# 075


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_075_1_install_manufacturer_root(scene: Scene, algorithm: str) -> None:
    """A real root, which the charger then lists under names that are kept."""
    root = maker(21)
    root.certificate.verify_directly_issued_by(root.certificate)
    installed_and_listed(scene, MAKERS, pem(root), algorithm)


def test_075_2_install_central_system_root(scene: Scene) -> None:
    """As that of a manufacturer."""
    installed_and_listed(scene, OURS, pem(OUR_ROOT), "SHA256")


def installed_and_listed(scene: Scene, type_: str, root: str, algorithm: str) -> None:
    """Have a root installed, then listed under the names that a charger works out."""
    install(scene, type_, root, "Accepted")
    assert states(scene) == ["accepted"]
    names = hash_data(x509.load_pem_x509_certificate(root.encode()), algorithm)
    list_roots(scene, type_, names)
    [one] = roots(scene)
    assert (one["certificateType"], one["certificate"]) == (type_, root)
    assert (one["status"], one["certificateHashData"]) == ("installed", names)
    assert (one["differs"], scene.alarms(NOT_OUR_HASH)) == (False, 0)


@pytest.mark.parametrize("type_", [MAKERS, OURS])
@pytest.mark.parametrize("reply", ["Rejected", "Failed"])
def test_075_1_2_twin_refused(scene: Scene, type_: str, reply: str) -> None:
    """It is not believed."""
    command = install(scene, type_, pem(OUR_ROOT), reply)
    assert command["response"] == {"status": reply}
    assert roots(scene) == []


@pytest.mark.parametrize("type_", [MAKERS, OURS])
@pytest.mark.parametrize("field", ["issuerNameHash", "issuerKeyHash"])
def test_075_1_2_twin_hashes_that_are_not_ours(
    scene: Scene, type_: str, field: str
) -> None:
    """An alarm; what the charger said is on record."""
    install(scene, type_, pem(OUR_ROOT), "Accepted")
    names = {**hash_data(OUR_ROOT.certificate), field: "ab" * 32}
    list_roots(scene, type_, names)
    assert scene.alarms(NOT_OUR_HASH) == 1
    [one] = [one for one in roots(scene) if one["status"] == "installed"]
    assert (one["differs"], one["certificateHashData"]) == (True, names)


@pytest.mark.parametrize("type_", [MAKERS, OURS])
def test_075_1_2_twin_no_root(scene: Scene, type_: str) -> None:
    """A leaf, or over 5500 characters: refused by us, with the reason."""
    leaf = client_certificate(OUR_ROOT, EC_KEY, "CP001")
    long = pem(OUR_ROOT) + "x" * 5500
    for certificate, why in ((pem_of(leaf), "no root"), (long, "maxLength")):
        path = f"{scene.at}/commands/InstallCertificate"
        payload = {"certificateType": type_, "certificate": certificate}
        answer = scene.ask("POST", path, json={"payload": payload})
        assert answer.status == 400
        assert why in answer.json["message"]
        assert scene.charger.asked() == []
    assert (roots(scene), scene.commands()) == ([], [])


def test_075_2_twin_our_server_is_not_covered(clock: Clock) -> None:
    """The operator is warned before it is sent; and it is sent."""
    leaf = client_certificate(OUR_ROOT, EC_KEY, "charging.example")
    scene = Scene(Town(clock, shown=[pem_of(leaf, OUR_ROOT.certificate)]))
    scene.charger.connect().boot()
    install(scene, OURS, pem(OUR_ROOT), "Accepted")
    assert scene.events("warning") == []
    payload = {"certificateType": OURS, "certificate": pem(maker(21))}
    order = scene.order("InstallCertificate", payload)
    [warning] = scene.events("warning")
    assert "does not cover" in warning["warning"]
    assert scene.alarms("a root does not cover our server") == 1
    order.answer("Accepted")
    assert states(scene) == ["accepted", "accepted"]
    assert scene.broken_rules() == []


# 076


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_076_delete_a_certificate(scene: Scene, algorithm: str) -> None:
    """Named by the algorithm that the charger has just named it by, and gone.

    Whether OCA asks for all three algorithms: details not established.
    """
    install(scene, OURS, pem(maker(22)), "Accepted")
    names = hash_data(maker(22).certificate, algorithm)
    list_roots(scene, OURS, names)
    delete(scene, names, "Accepted")
    assert states(scene) == ["gone"]
    list_roots(scene, OURS)
    assert states(scene) == ["gone"]


@pytest.mark.parametrize(
    ("reply", "state"), [("NotFound", "gone"), ("Failed", "installed")]
)
def test_076_twin_not_deleted(scene: Scene, reply: str, state: str) -> None:
    """Not found: it is gone. Failed, for it is in use: it stays."""
    names = hash_data(maker(22).certificate)
    list_roots(scene, OURS, names)
    delete(scene, names, reply)
    assert states(scene) == [state]


def test_076_twin_names_in_another_spelling(scene: Scene) -> None:
    """Sent as they were reported: in upper case, and with leading zeros."""
    install(scene, OURS, pem(maker(22)), "Accepted")
    names = {
        name: text if name == "hashAlgorithm" else text.upper()
        for name, text in hash_data(maker(22).certificate).items()
    }
    names["serialNumber"] = f"00{names['serialNumber']}"
    list_roots(scene, OURS, names)
    assert (states(scene), scene.alarms(NOT_OUR_HASH)) == (["installed"], 0)
    [one] = roots(scene)
    assert one["certificateHashData"] == names
    delete(scene, names, "Accepted")
    assert states(scene) == ["gone"]


# 077


def test_077_charger_certificate_found_invalid(certified: Scene) -> None:
    """Issued and refused; the event is kept, and the old certificate still trusted."""
    scene = certified
    refused = certified_anew(scene, "Rejected")
    report(scene, "InvalidChargePointCertificate")
    [record] = issued(scene)
    assert (record["serialNumber"], record["status"]) == (refused, "refused")
    [event] = scene.events("securityEvent")
    assert event["type"] == "InvalidChargePointCertificate"
    assert scene.alarms(SECURITY_EVENT) == 1
    assert come_in(scene, OLD) == UPGRADED


def test_077_twin_an_event_without_a_refusal(certified: Scene) -> None:
    """Both are on record as they were said."""
    certified_anew(certified)
    report(certified, "InvalidChargePointCertificate")
    assert [one["status"] for one in issued(certified)] == ["accepted"]
    assert len(certified.events("securityEvent")) == 1
    nothing_more_is_sent(certified)


def test_077_twin_a_refusal_without_an_event(certified: Scene) -> None:
    """The refusal is on record, and there is no event."""
    certified_anew(certified, "Rejected")
    assert [one["status"] for one in issued(certified)] == ["refused"]
    assert certified.events("securityEvent") == []
    nothing_more_is_sent(certified)


def test_077_twin_no_answer(certified: Scene) -> None:
    """It stays issued, and the command is out of time."""
    wanted(certified, CSR)
    handed(certified)
    nothing_more_is_sent(certified)
    assert [one["status"] for one in issued(certified)] == ["issued"]
    [command] = certified.commands("CertificateSigned")
    assert (command["status"], command["response"]) == ("timeout", None)


def nothing_more_is_sent(scene: Scene) -> None:
    """Let an hour pass: nothing is tried again."""
    scene.town.advance(3600, step=60)
    assert scene.charger.asked() == []
    assert len(scene.commands("CertificateSigned")) == 1


# 078


def test_078_central_system_certificate_found_invalid(scene: Scene) -> None:
    """Not installed; the event is kept."""
    install(scene, OURS, pem(maker(23)), "Rejected")
    report(scene, "InvalidCentralSystemCertificate")
    assert roots(scene) == []
    [event] = scene.events("securityEvent")
    assert event["type"] == "InvalidCentralSystemCertificate"
    assert event["claimedAt"] == scene.town.clock.seconds()


@pytest.mark.parametrize(
    "event",
    [
        {"type_": "SomethingElse"},
        {"type_": "InvalidCentralSystemCertificate", "techInfo": "x" * 256},
    ],
    ids=["unknown type", "long info"],
)
def test_078_twin_an_odd_event(scene: Scene, event: JsonObject) -> None:
    """Of an unknown type, or with more to tell than there may be: answered and kept."""
    report(scene, **event)
    [kept] = scene.events("securityEvent")
    assert kept["type"] == event["type_"]
    assert kept["techInfo"] == event.get("techInfo", "")[:255]


def test_078_twin_the_same_event_a_hundred_times(scene: Scene) -> None:
    """Each is answered; they stand on record once, with their number."""
    for _ in range(100):
        report(scene, "InvalidCentralSystemCertificate", techInfo="again")
        scene.town.clock.advance(1)
    [summed] = scene.get(f"{scene.at}/securityEvents")
    assert (summed["count"], summed["techInfo"]) == (100, "again")
    assert instant(summed["lastAt"]) - instant(summed["firstAt"]) == 99
    assert len(scene.events("securityEvent")) == 1
    assert scene.alarms(SECURITY_EVENT) == 1
