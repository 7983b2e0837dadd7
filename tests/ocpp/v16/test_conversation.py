"""OCPP 1.6 as the actor speaks it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from zope.interface.verify import verifyObject

from flexicharge.errors import BadInput, UnusableValue
from flexicharge.model.commands import (
    CancelReserve,
    Command,
    RawCall,
    RemoteStart,
    RemoteStop,
    Reserve,
    Verdict,
)
from flexicharge.model.id_tag import TagStatus, TagVerdict, session_of_tag
from flexicharge.model.requests import (
    Answer,
    BootJudged,
    CertificateComes,
    Heartbeat,
    Noted,
    Refused,
    TagJudged,
    TagShown,
    TimeIs,
    TransactionStarted,
    TransactionStopped,
    VendorMessageUnknown,
)
from flexicharge.model.site import Connector, Registration
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import Call, CallResult
from flexicharge.ocpp.v16.actions import ACTIONS, FROM_CHARGER
from flexicharge.ocpp.v16.conversation import Ocpp16Conversation
from flexicharge.ocpp.v16.quirks.rules import Make
from flexicharge.ocpp.v16.schemas import schemas

NOW = 1_800_000_000.0
TIME = "2027-01-15T08:00:00Z"
CONNECTOR = Connector(
    connector_id=100007,
    station_id=8,
    serial_number="CP 7",
    number=2,
    site_id=4,
    latitude=57.7,
    longitude=14.1,
    status=ConnectorStatus.AVAILABLE,
)


ACCEPTED = TagVerdict(TagStatus.ACCEPTED)
BLOCKED = TagVerdict(TagStatus.BLOCKED, parent_id_tag="FAMILY")


def conversation() -> Ocpp16Conversation:
    return Ocpp16Conversation()


def answered(action: str, said: Answer) -> list[Any]:
    text = conversation().answer(Call("1", action, {}), said)
    answer: list[Any] = msgspec.json.decode(text)
    return answer


def test_it_is_a_conversation() -> None:
    """Everything an actor needs of a protocol is there."""
    assert verifyObject(IConversation, conversation())


@pytest.mark.parametrize(
    ("action", "said", "payload"),
    [
        (
            "BootNotification",
            BootJudged(Registration.ACCEPTED, NOW, 300),
            {"status": "Accepted", "currentTime": TIME, "interval": 300},
        ),
        (
            "BootNotification",
            BootJudged(Registration.PENDING, NOW, 60),
            {"status": "Pending", "currentTime": TIME, "interval": 60},
        ),
        ("Heartbeat", TimeIs(NOW), {"currentTime": TIME}),
        ("Authorize", TagJudged(ACCEPTED), {"idTagInfo": {"status": "Accepted"}}),
        (
            "StartTransaction",
            TransactionStarted(57, BLOCKED),
            {
                "idTagInfo": {"parentIdTag": "FAMILY", "status": "Blocked"},
                "transactionId": 57,
            },
        ),
        ("StopTransaction", TransactionStopped(), {}),
        (
            "StopTransaction",
            TransactionStopped(ACCEPTED),
            {"idTagInfo": {"status": "Accepted"}},
        ),
        ("MeterValues", Noted(), {}),
        ("StatusNotification", Noted(), {}),
        ("SignCertificate", CertificateComes(accepted=True), {"status": "Accepted"}),
        ("DataTransfer", VendorMessageUnknown(), {"status": "UnknownVendorId"}),
        ("FirmwareStatusNotification", VendorMessageUnknown(), {}),
        ("SignCertificate", VendorMessageUnknown(), {"status": "Rejected"}),
    ],
)
def test_answers_are_results_of_their_action(
    action: str, said: Answer, payload: dict[str, Any]
) -> None:
    """Each fits its schema."""
    assert answered(action, said) == [3, "1", payload]
    assert schemas().confirmations[action].allows(payload)


def test_what_nobody_takes_is_not_supported() -> None:
    """Where the schema has no word for it."""
    answer = answered("StopTransaction", VendorMessageUnknown())
    assert answer == [4, "1", "NotSupported", "", {}]


def test_a_refusal_is_a_generic_error_with_its_reason() -> None:
    """Too busy, say."""
    answer = answered("MeterValues", Refused("Too busy"))
    assert answer == [4, "1", "GenericError", "Too busy", {}]


def test_a_fault_of_ours_is_told_without_its_words() -> None:
    """To the very Call that met it."""
    text = conversation().fault(Call("1", "StopTransaction", {}))
    assert msgspec.json.decode(text) == [4, "1", "InternalError", "", {}]


def test_a_text_is_rejected_to_whoever_waits() -> None:
    """And to nobody else."""
    talk = conversation()
    for text, answer in ((b'[2,"1"', b"FormationViolation"), (b'[1,"1"]', None)):
        with pytest.raises(BadInput) as rejected:
            talk.read(text)
        reply = talk.reject(rejected.value)
        assert (reply is None) if answer is None else answer in (reply or b"")


def test_a_call_is_refused_with_the_code_of_its_fault() -> None:
    """Of the schema, or of the house's own rules."""
    talk, call = conversation(), Call("1", "Reset", {"type": "Hard"})
    with pytest.raises(BadInput) as refused:
        talk.understand(call, NOW)
    assert talk.refuse(call, refused.value).startswith(b'[4,"1","NotSupported",')
    words = talk.refuse(call, UnusableValue("meterStart is out of range"))
    assert msgspec.json.decode(words) == [
        4,
        "1",
        "PropertyConstraintViolation",
        "meterStart is out of range",
        {},
    ]


def test_every_action_of_a_charger_is_understood_or_refused() -> None:
    """An empty payload is one or the other; none is left without a word."""
    talk = conversation()
    for action in ACTIONS:
        call = Call("1", action, {})
        try:
            talk.understand(call, NOW)
        except BadInput as why:
            assert talk.refuse(call, why)
        else:
            assert action in FROM_CHARGER


def test_repairs_are_told_once() -> None:
    """Of the frame and of the payload."""
    talk = conversation()
    call = talk.read(b'[2,"1","heartbeat",{"x":1}]')
    assert isinstance(call, Call)
    assert talk.understand(call, NOW) == Heartbeat()
    told = [repair.quirk_id for repair in talk.repairs()]
    assert told == ["action-misspelt", "extra-field"]
    assert talk.repairs() == ()


def test_a_boot_decides_which_rules_are_for_the_charger() -> None:
    """From then on its habits are known; or from the last time."""
    boot = {"chargePointVendor": "KEBA AG", "chargePointModel": "P30"}
    tag = Call("2", "Authorize", {"idTag": "04A2B3_18840011"})
    talk = conversation()
    talk.understand(tag, NOW)
    assert talk.repairs() == ()
    talk.understand(Call("1", "BootNotification", boot), NOW)
    for known in (talk, Ocpp16Conversation(Make(vendor="KEBA AG", model="P30"))):
        assert known.understand(tag, NOW) == TagShown("04A2B3")
        assert [repair.quirk_id for repair in known.repairs()] == ["tag-with-serial"]


def test_an_operators_call_goes_out_exactly_as_given() -> None:
    """Keys in their order, sense not judged."""
    payload = {"value": "-1", "key": "Nonsense"}
    raw = RawCall(command_id="c", action="ChangeConfiguration", payload=payload)
    call = conversation().ask_raw(raw, NOW)
    assert conversation().write(call) == (
        b'[2,"1800000000000","ChangeConfiguration",{"value":"-1","key":"Nonsense"}]'
    )


def test_an_answer_that_is_off_its_schema_is_told_from_one_that_fits() -> None:
    """With the places where it is off."""
    talk = conversation()
    good, bad = (CallResult("1", None, {"status": s}) for s in ("Unlocked", "Released"))
    assert talk.violations("UnlockConnector", good) == ()
    assert talk.violations("UnlockConnector", bad) == ("status breaks 'enum'",)


def test_starts_and_stops_carry_money_and_no_reading_replaces_another() -> None:
    """A backlog is kept whole."""
    talk = conversation()
    for action in FROM_CHARGER:
        call = Call("1", action, {})
        is_money = action in {"StartTransaction", "StopTransaction"}
        assert talk.carries_money(call) is is_money
        assert not talk.is_reading(call)


@pytest.mark.parametrize(
    ("command", "action", "payload"),
    [
        (
            Reserve(connector_id=100007, session_id=57, until=NOW),
            "ReserveNow",
            {
                "connectorId": 2,
                "expiryDate": TIME,
                "idTag": "FCHE",
                "reservationId": 57,
            },
        ),
        (
            RemoteStart(connector_id=100007, session_id=57),
            "RemoteStartTransaction",
            {"connectorId": 2, "idTag": "FCHE"},
        ),
        (
            RemoteStop(connector_id=100007, session_id=57),
            "RemoteStopTransaction",
            {"transactionId": 57},
        ),
        (
            CancelReserve(connector_id=100007, session_id=57),
            "CancelReservation",
            {"reservationId": 57},
        ),
    ],
)
def test_commands_go_to_the_connector_by_its_number_on_the_charger(
    command: Command, action: str, payload: dict[str, Any]
) -> None:
    """With a tag that is good for that session only."""
    call = conversation().ask(command, CONNECTOR, NOW)
    assert (call.action, call.payload) == (action, payload)
    assert session_of_tag("FCHE") == 57


def test_two_calls_never_have_one_id() -> None:
    """Not even in one millisecond; and ids stay short."""
    talk, command = conversation(), RemoteStop(connector_id=1, session_id=5)
    calls = [talk.ask(command, CONNECTOR, NOW) for _ in range(3)]
    assert len({call.message_id for call in calls}) == 3
    assert all(len(str(call.message_id)) <= 36 for call in calls)
    assert talk.write(calls[0]).startswith(b'[2,"1800000000000","RemoteStop')


def test_answers_to_commands_are_verdicts() -> None:
    """A word that is none refuses; and an answer is never answered."""
    talk = conversation()
    for word, verdict in (("Occupied", Verdict.OCCUPIED), ("Dance", Verdict.REJECTED)):
        result = CallResult("1", None, {"status": word})
        assert talk.verdict(result) is verdict
        assert talk.object_to(result, expected=False) is None


def test_nothing_is_asked_unasked() -> None:
    """No Call follows a boot (OCA, ground rule 4)."""
    assert conversation().welcome(CONNECTOR, Decimal(2), NOW) is None
