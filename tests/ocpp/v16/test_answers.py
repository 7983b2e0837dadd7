"""What we answer fits the schemas and has their order."""

from __future__ import annotations

import pytest

from flexicharge.model.id_tag import TagStatus, TagVerdict
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16 import answers
from flexicharge.ocpp.v16.schemas import schemas

AT = 1_800_000_000.9
TIME = "2027-01-15T08:00:00Z"
ACCEPTED = TagVerdict(TagStatus.ACCEPTED)
FULL = TagVerdict(TagStatus.BLOCKED, AT, "PARENT")
INFO = {"expiryDate": TIME, "parentIdTag": "PARENT", "status": "Blocked"}

CASES: list[tuple[str, JsonObject, JsonObject]] = [
    (
        "BootNotification",
        answers.boot(answers.Registration.PENDING, AT, 60),
        {"status": "Pending", "currentTime": TIME, "interval": 60},
    ),
    ("Heartbeat", answers.heartbeat(AT), {"currentTime": TIME}),
    ("Authorize", answers.authorize(FULL), {"idTagInfo": INFO}),
    (
        "StartTransaction",
        answers.start(7, ACCEPTED),
        {"idTagInfo": {"status": "Accepted"}, "transactionId": 7},
    ),
    ("StopTransaction", answers.stop(), {}),
    ("StopTransaction", answers.stop(FULL), {"idTagInfo": INFO}),
    (
        "DataTransfer",
        answers.data_transfer(answers.VendorVerdict.UNKNOWN_MESSAGE_ID),
        {"status": "UnknownMessageId"},
    ),
    (
        "DataTransfer",
        answers.data_transfer(answers.VendorVerdict.ACCEPTED, ""),
        {"status": "Accepted", "data": ""},
    ),
    (
        "SignCertificate",
        answers.sign_certificate(accepted=True),
        {"status": "Accepted"},
    ),
    (
        "SignCertificate",
        answers.sign_certificate(accepted=False),
        {"status": "Rejected"},
    ),
]


@pytest.mark.parametrize(("action", "answer", "expected"), CASES)
def test_an_answer_is_as_its_schema_has_it(
    action: str, answer: JsonObject, expected: JsonObject
) -> None:
    """Times end in Z, keys are in order, what is not known is left out."""
    schema = schemas().confirmations[action]
    assert answer == expected
    assert schema.allows(answer)
    assert list(schema.in_order(answer)) == list(answer)
