"""A charger that asks for a certificate, takes it, and comes with it (OCA 074)."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from flexicharge.model.entry import Certificate, Tls
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town
from tests.town.entry.arriving import arrive
from tests.town.standard.trying import AT


def issued(town: Town, admin: str) -> list[Any]:
    """Return the charger's certificates as an operator reads them."""
    answer = town.http.request("GET", f"{AT}/certificates", token=admin)
    assert answer.status == 200
    found: list[Any] = answer.json["issued"]
    return found


def test_a_certificate_is_seen_in_use(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """From the moment that the charger connects with it."""
    csr = signing_request("CP001", known_key(7))
    assert charger.call("SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    town.advance(1)
    [call] = charger.asked()
    assert call[2] == "CertificateSigned"
    charger.answer(call, "Accepted")
    town.flush()
    [known] = issued(town, admin)
    assert (known["status"], known["seenAt"]) == ("accepted", None)
    leaf = x509.load_pem_x509_certificate(call[3]["certificateChain"].encode())
    shown = Certificate(
        common_name="CP001",
        organization="FlexiCharge",
        serial_number=f"{leaf.serial_number:x}",
    )
    tls = Tls(version="TLSv1.3", suite="TLS_AES_128_GCM_SHA256", certificate=shown)
    assert arrive(town, "/ocpp/CP001", tls=tls).is_open
    [known] = issued(town, admin)
    assert known["status"] == "inUse"
    assert known["seenAt"] is not None
    assert int(known["serialNumber"], 16) == leaf.serial_number
