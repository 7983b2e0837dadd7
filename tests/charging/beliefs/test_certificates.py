"""Certificates of stations, and the roots that stations trust."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from cryptography import x509
from twisted.internet.task import Clock

from flexicharge.certificates.issuer import certified_by_itself
from flexicharge.certificates.keys import KeyKind
from flexicharge.certificates.pem import pem_of
from flexicharge.charging.beliefs.certificates import (
    MAX_CERTIFICATES,
    IssuedCertificate,
)
from flexicharge.charging.beliefs.roots import MAX_ROOTS, TrustedRoot
from flexicharge.errors import ChargerOffline
from flexicharge.testing.certificates import (
    SINCE,
    known_issuer,
    known_key,
    signing_request,
)
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy

from .stage import SERIAL, Stage

JsonObject = dict[str, Any]
OURS = "CentralSystemRootCertificate"
MAKERS = "ManufacturerRootCertificate"
ROOT = pem_of(known_issuer(KeyKind.EC).certificate)


@cache
def other_root(number: int) -> str:
    """Return a root of somebody else's."""
    key = known_key(number)
    issuer = certified_by_itself(key, f"Maker {number}", SINCE, SeededEntropy("maker"))
    return pem_of(issuer.certificate)


# a station's own


def want(stage: Stage, csr: str = "", *, soon: bool = True) -> bool:
    csr = csr or signing_request(SERIAL, known_key(7))
    wanted = stage.beliefs.certificate_wanted(stage.station, csr, stage.now)
    is_issued = result_of(wanted)
    stage.clock.advance(1 if soon else 0)
    return is_issued


def issued(stage: Stage) -> tuple[IssuedCertificate, ...]:
    return result_of(stage.known.certificates(stage.station))


def see(stage: Stage, serial_number: str) -> None:
    result_of(stage.beliefs.certificate_seen(stage.station, serial_number, stage.now))


def test_a_certificate_is_issued_and_sent_after_the_answer(stage: Stage) -> None:
    """074: signed, taken, and then seen; each with its time."""
    assert want(stage, soon=False)
    assert stage.given == []
    (record,) = issued(stage)
    assert (record.state, record.common_name) == ("issued", SERIAL)
    stage.clock.advance(1)
    ((action, payload),) = stage.given
    assert action == "CertificateSigned"
    leaf, issuer = x509.load_pem_x509_certificates(payload["certificateChain"].encode())
    leaf.verify_directly_issued_by(issuer)
    assert f"{leaf.serial_number:x}" == record.serial_number
    assert issued(stage)[0].state == "accepted"
    stage.clock.advance(5)
    see(stage, record.serial_number.upper())
    assert (issued(stage)[0].state, issued(stage)[0].seen_at) == ("inUse", stage.now)


def test_the_old_certificate_is_good_until_the_new_one_was_seen(stage: Stage) -> None:
    """074: then it is replaced."""
    for _ in range(2):
        want(stage)
    new, old = issued(stage)
    see(stage, old.serial_number)
    assert [one.state for one in issued(stage)] == ["accepted", "inUse"]
    see(stage, "00:" + new.serial_number)
    see(stage, new.serial_number)
    see(stage, "12345")
    assert [one.state for one in issued(stage)] == ["inUse", "replaced"]


@pytest.mark.parametrize(
    "csr", ["no CSR", "", signing_request("CP002", known_key(7)), "x" * 6000]
)
def test_a_bad_request_gets_no_certificate(stage: Stage, csr: str) -> None:
    """074: another charger's name, or no request at all: nothing is sent."""
    assert not result_of(
        stage.beliefs.certificate_wanted(stage.station, csr, stage.now)
    )
    stage.clock.advance(1)
    assert stage.given == []
    assert issued(stage) == ()
    (event,) = stage.events("certificateRefused")
    assert event.body["reason"]
    assert stage.alarms.raised == ["a certificate was not issued"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [({"status": "Rejected"}, "refused"), ({"status": "Perhaps"}, "issued")],
)
def test_what_became_of_a_certificate_is_on_record(
    stage: Stage, answer: JsonObject, state: str
) -> None:
    """077: refused; nothing is retried."""
    stage.answers = [answer]
    want(stage)
    stage.clock.advance(3600)
    assert [one.state for one in issued(stage)] == [state]
    assert len(stage.given) == 1


def test_a_certificate_that_cannot_be_sent_stays_issued(stage: Stage) -> None:
    """077: the charger went; it asks anew when it is back."""

    async def offline(*asked: Any) -> Any:
        raise ChargerOffline(SERIAL)

    stage.beliefs.give = offline
    want(stage)
    assert [one.state for one in issued(stage)] == ["issued"]
    assert stage.background.unfinished == ()


def test_somebody_elses_chain_is_no_certificate_of_ours(stage: Stage) -> None:
    """An operator may send any; ours are untouched by the answer."""
    want(stage)
    stage.command(
        "CertificateSigned", {"certificateChain": ROOT}, {"status": "Rejected"}
    )
    assert [one.state for one in issued(stage)] == ["accepted"]


def test_a_late_refusal_does_not_undo_what_was_seen(stage: Stage) -> None:
    """It came with the certificate: it has it."""
    want(stage)
    see(stage, issued(stage)[0].serial_number)
    stage.command("CertificateSigned", stage.given[0][1], {"status": "Rejected"})
    assert issued(stage)[0].state == "inUse"


def test_only_so_many_certificates_are_kept(stage: Stage) -> None:
    """The newest ones."""
    want(stage)
    name = issued(stage)[0].serial_number
    stage.fill("certificates", name, MAX_CERTIFICATES + 5, "issued_at")
    stage.clock.advance(4000)
    want(stage)
    assert len(issued(stage)) == MAX_CERTIFICATES
    assert issued(stage)[0].issued_at > stage.now - 10


# roots


def install(
    stage: Stage, type_: str = MAKERS, pem: str = ROOT, answer: JsonObject | str = ""
) -> None:
    stage.command(
        "InstallCertificate",
        {"certificateType": type_, "certificate": pem},
        answer or {"status": "Accepted"},
    )


def hashes(
    stage: Stage, pem: str = ROOT, algorithm: str = "SHA256", **other: str
) -> JsonObject:
    names = stage.beliefs.seams.authority.names_of(pem, algorithm)
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": names.issuer_name_hash,
        "issuerKeyHash": names.issuer_key_hash,
        "serialNumber": names.serial_number,
        **other,
    }


def listed(stage: Stage, *data: object, type_: str = MAKERS) -> None:
    stage.clock.advance(1)
    stage.command(
        "GetInstalledCertificateIds",
        {"certificateType": type_},
        {"status": "Accepted", "certificateHashData": list(data)},
    )


def delete(stage: Stage, data: JsonObject, answer: JsonObject | str) -> None:
    stage.command("DeleteCertificate", {"certificateHashData": data}, answer)


def roots(stage: Stage) -> tuple[TrustedRoot, ...]:
    return result_of(stage.known.roots(stage.station))


def states(stage: Stage) -> list[str]:
    return [one.state for one in roots(stage)]


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_an_installed_root_has_the_hashes_that_the_charger_tells(
    stage: Stage, algorithm: str
) -> None:
    """075: algorithm, both hashes and serial number; they are what we calculate."""
    install(stage)
    assert states(stage) == ["accepted"]
    data = hashes(stage, algorithm=algorithm)
    listed(stage, data)
    (root,) = roots(stage)
    assert (root.state, root.differs, root.certificate_type) == (
        "installed",
        False,
        MAKERS,
    )
    assert root.hash_data is not None
    assert root.hash_data.issuer_key_hash == data["issuerKeyHash"]
    assert stage.alarms.raised == []


@pytest.mark.parametrize(
    "answer", [{"status": "Rejected"}, {"status": "Failed"}, "NotSupported"]
)
def test_a_refused_root_is_not_believed(stage: Stage, answer: JsonObject | str) -> None:
    """075, 078."""
    install(stage, answer=answer)
    assert roots(stage) == ()


def test_other_hashes_than_ours_are_an_alarm(stage: Stage) -> None:
    """075: shown beside the certificate that we have sent."""
    install(stage)
    listed(stage, hashes(stage, issuerKeyHash="00" * 32))
    (root,) = roots(stage)
    assert (root.differs, root.certificate) == (True, ROOT)
    assert stage.alarms.raised == ["a root's hash is not ours"]


def test_case_and_leading_zeros_are_no_difference(stage: Stage) -> None:
    """076: but they are kept as the charger spells them, to be sent back so."""
    install(stage)
    data = {name: value.upper() for name, value in hashes(stage).items()}
    data["serialNumber"] = "00" + data["serialNumber"]
    listed(stage, data)
    (root,) = roots(stage)
    assert not root.differs
    assert root.hash_data is not None
    assert root.hash_data.serial_number == data["serialNumber"]


def test_what_is_not_listed_any_more_is_gone(stage: Stage) -> None:
    """R4: of the type that was asked for, and of no other."""
    install(stage)
    install(stage, OURS)
    listed(stage, hashes(stage, other_root(21)))
    found = {(one.certificate_type, bool(one.certificate)): one for one in roots(stage)}
    assert {key: one.state for key, one in found.items()} == {
        (MAKERS, True): "gone",
        (OURS, True): "accepted",
        (MAKERS, False): "installed",
    }


def test_not_found_is_none(stage: Stage) -> None:
    """R4: earlier entries are marked gone; and may come back."""
    listed(stage, hashes(stage))
    stage.command(
        "GetInstalledCertificateIds",
        {"certificateType": MAKERS},
        {"status": "NotFound"},
    )
    assert states(stage) == ["gone"]
    listed(stage, hashes(stage))
    assert states(stage) == ["installed"]


def test_an_error_on_the_list_says_nothing(stage: Stage) -> None:
    """What was listed stays believed."""
    listed(stage, hashes(stage))
    for answer in ("NotImplemented", {"status": "Perhaps"}):
        stage.command("GetInstalledCertificateIds", {"certificateType": MAKERS}, answer)
    assert states(stage) == ["installed"]


def test_entries_that_are_none_are_left_out(stage: Stage) -> None:
    """Junk, and fields too long to be true."""
    junk = [None, 7, {}, {"hashAlgorithm": "SHA256"}, hashes(stage, issuerKeyHash=7)]  # type: ignore[arg-type]
    listed(stage, *junk, hashes(stage, serialNumber="f" * 200), hashes(stage))
    assert states(stage) == ["installed"]


def test_a_hash_of_an_unknown_kind_is_kept_as_told(stage: Stage) -> None:
    """We cannot calculate it, so there is nothing to compare."""
    install(stage)
    listed(stage, hashes(stage, hashAlgorithm="MD5"))
    assert sorted(states(stage)) == ["gone", "installed"]
    assert stage.alarms.raised == []


def test_what_was_installed_and_is_no_root_is_what_the_charger_calls_it(
    stage: Stage,
) -> None:
    """We cannot name it, so a list cannot have it."""
    install(stage, pem="no certificate")
    listed(stage, hashes(stage))
    assert sorted(states(stage)) == ["gone", "installed"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"status": "Accepted"}, "gone"),
        ({"status": "NotFound"}, "gone"),
        ({"status": "Failed"}, "installed"),
        ("InternalError", "installed"),
    ],
)
def test_a_deleted_root_is_gone(
    stage: Stage, answer: JsonObject | str, state: str
) -> None:
    """076: NotFound is gone too, Failed is in use and stays."""
    listed(stage, hashes(stage))
    delete(stage, hashes(stage), answer)
    assert states(stage) == [state]


def test_a_root_that_was_sent_is_deleted_by_its_names(stage: Stage) -> None:
    """076: it was never listed; another one is untouched."""
    install(stage)
    install(stage, pem=other_root(22))
    delete(stage, hashes(stage), {"status": "Accepted"})
    assert {one.certificate: one.state for one in roots(stage)} == {
        ROOT: "gone",
        other_root(22): "accepted",
    }


def test_only_so_many_roots_are_kept(stage: Stage) -> None:
    """Those that went first are forgotten."""
    install(stage)
    listed(stage)
    (name,) = result_of(stage.book.beliefs(stage.station.station_id, "roots"))
    stage.fill("roots", name, MAX_ROOTS + 5, "at")
    install(stage, pem=other_root(23))
    assert len(roots(stage)) == MAX_ROOTS
    assert any(one.certificate == other_root(23) for one in roots(stage))


# what is not sent


def object_to(stage: Stage, pem: str, action: str = "InstallCertificate") -> str:
    payload = {"certificateType": OURS, "certificate": pem}
    return result_of(stage.beliefs.objection(stage.station, action, payload))


def test_a_leaf_or_a_long_text_is_no_root(stage: Stage) -> None:
    """075: refused by us, with a reason."""
    certified = result_of(
        stage.beliefs.seams.authority.certify(
            signing_request(SERIAL, known_key(7)), SERIAL
        )
    )
    leaf = certified.chain.split("-----END CERTIFICATE-----")[0]
    leaf += "-----END CERTIFICATE-----\n"
    assert "root" in object_to(stage, leaf)
    assert "5500" in object_to(stage, "x" * 5501)
    assert object_to(stage, ROOT) == ""


def test_everything_else_goes_out_however_senseless(stage: Stage) -> None:
    """Ground rule 5: the charger is to refuse it, not we."""
    for action, payload in (
        ("UnlockConnector", {"connectorId": 99}),
        ("CancelReservation", {"reservationId": -5}),
        ("ChangeConfiguration", {"key": "Nonsense", "value": ""}),
        ("InstallCertificate", {"certificateType": OURS, "certificate": 7}),
    ):
        assert result_of(stage.beliefs.objection(stage.station, action, payload)) == ""


@pytest.mark.parametrize(
    ("pem", "type_", "warnings"),
    [(ROOT, OURS, 0), (other_root(24), OURS, 1), (other_root(24), MAKERS, 0)],
)
def test_a_root_that_does_not_cover_us_is_warned_of(
    clock: Clock, pem: str, type_: str, warnings: int
) -> None:
    """075_2: it is sent all the same."""
    stage = Stage(clock, shown=(ROOT,))
    install(stage, type_, pem)
    assert len(stage.events("warning")) == len(stage.alarms.raised) == warnings
    assert states(stage) == ["accepted"]
