"""The cases from 054 on: of sections 14 to 18, two before, and those mirrored by us."""

from __future__ import annotations

from typing import Final

from .cases import Case

CASES_SECOND: Final = {
    "061": Case("Clear cache", 3),
    "064": Case("Vendor message to us", 10),
    "054": Case("Trigger each message", 14),
    "055": Case("Trigger refused", 14),
    "056": Case("Default profile", 15),
    "057": Case("Profile for a running session", 15),
    "059": Case("Remote start with profile", 15),
    "066": Case("Composite schedule", 15),
    "067": Case("Clear profiles", 15),
    "073": Case("New password", 16),
    "083": Case("Profile raised", 16),
    "085": Case("Basic authentication", 16),
    "074": Case("New charger certificate", 17),
    "075_1": Case("Install manufacturer root", 17),
    "075_2": Case("Install Central System root", 17),
    "076": Case("Delete a certificate", 17),
    "077": Case("Charger certificate found invalid", 17),
    "078": Case("Central System certificate found invalid", 17),
    "086": Case("TLS, server certificate", 17),
    "087": Case("TLS, client certificate", 17),
    "088": Case("Subprotocol choice", 17),
    "079": Case("Security log", 18),
    "080": Case("Signed update, installed", 18),
    "081": Case("Signed update, bad signature", 18),
    # asked of chargers only, and mirrored by us
    "058_1": Case("TxProfile without a transaction", 19),
    "058_2": Case("TxProfile with a wrong transaction", 19),
    "060": Case("Remote start with wrong profile", 19),
    "062": Case("Vendor message to the charger", 19),
    "068": Case("Stop by the same tag", 19),
    "069": Case("Stop by the family", 19),
    "070": Case("Sampled values", 19),
    "071": Case("Clock-aligned values", 19),
    "072": Case("Stacked profiles", 19),
    "082": Case("Default profile in a session", 19),
    "084": Case("Profile lowered", 19),
}
