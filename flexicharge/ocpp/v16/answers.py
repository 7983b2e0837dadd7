"""The confirmations we send, as payloads in the schema's order."""

from __future__ import annotations

from enum import StrEnum

from flexicharge.model.id_tag import TagVerdict
from flexicharge.model.site import Registration
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.times import text_of


class VendorVerdict(StrEnum):
    """What became of a vendor's own message."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    UNKNOWN_MESSAGE_ID = "UnknownMessageId"
    UNKNOWN_VENDOR_ID = "UnknownVendorId"


def boot(registration: Registration, now: float, interval_s: int) -> JsonObject:
    """Return the answer to a boot: the time, and the interval of heartbeats.

    If not accepted, the interval is how long to wait before the next boot.
    """
    return {
        "status": registration.value,
        "currentTime": text_of(now),
        "interval": interval_s,
    }


def heartbeat(now: float) -> JsonObject:
    """Return the time."""
    return {"currentTime": text_of(now)}


def authorize(verdict: TagVerdict) -> JsonObject:
    """Return what a tag is good for."""
    return {"idTagInfo": id_tag_info(verdict)}


def start(transaction_id: int, verdict: TagVerdict) -> JsonObject:
    """Return a transaction's number, which a refused tag gets too (OCA 037_3)."""
    return {"idTagInfo": id_tag_info(verdict), "transactionId": transaction_id}


def stop(verdict: TagVerdict | None = None) -> JsonObject:
    """Return the answer to a stop; with a verdict if a tag came with it."""
    return {} if verdict is None else {"idTagInfo": id_tag_info(verdict)}


def data_transfer(verdict: VendorVerdict, data: str | None = None) -> JsonObject:
    """Return what became of a vendor's message."""
    answer: JsonObject = {"status": verdict.value}
    return answer if data is None else {**answer, "data": data}


def sign_certificate(*, accepted: bool) -> JsonObject:
    """Return whether the request will be signed; the certificate itself comes later."""
    return {"status": "Accepted" if accepted else "Rejected"}


def id_tag_info(verdict: TagVerdict) -> JsonObject:
    """Return a verdict as chargers and their local lists have it."""
    info: JsonObject = {}
    if verdict.expires_at is not None:
        info["expiryDate"] = text_of(verdict.expires_at)
    if verdict.parent_id_tag is not None:
        info["parentIdTag"] = verdict.parent_id_tag
    info["status"] = verdict.status.value
    return info
