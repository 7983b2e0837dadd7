"""The dialect's frames, as the contract's examples have them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from flexicharge.errors import BadInput
from flexicharge.model.commands import RemoteStart, RemoteStop, Reserve, Verdict
from flexicharge.model.requests import (
    BootAccepted,
    Metered,
    ReadingKept,
    Refused,
    Started,
    StatusReport,
    Stopped,
    UnknownVendorMessage,
    VendorMessageUnknown,
)
from flexicharge.model.site import Connector
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.dialect import read_frame
from flexicharge.ocpp.dialect_conversation import DialectConversation
from flexicharge.ocpp.dialect_requests import understand
from flexicharge.ocpp.frames import Call, CallError, CallResult

NOW = 1_795_334_240.366
CONNECTOR = Connector(
    connector_id=100007,
    station_id=8,
    serial_number="abc117",
    number=1,
    site_id=4,
    latitude=57.7,
    longitude=14.1,
    status=ConnectorStatus.AVAILABLE,
)
talk = DialectConversation()


def said(text: bytes | None) -> Any:
    assert text is not None
    return msgspec.json.decode(text)


def call(action: str, payload: dict[str, Any], message_id: str = "id") -> Call:
    return Call(message_id, action, payload)


def anonymous(understood: object) -> object:
    """Return a start or a stop without what it would be known again by."""
    assert isinstance(understood, Started | Stopped)
    return evolve(understood, key="", claimed_at=None)


def test_the_dialect_is_a_conversation() -> None:
    """Everything an actor needs of a protocol is there."""
    assert verifyObject(IConversation, DialectConversation())


def test_the_boot_answer_is_the_contracts() -> None:
    """The action stands in the result; the time is whole seconds."""
    answer = talk.answer(call("BootNotification", {}), BootAccepted(NOW))
    assert answer == (
        b'[3,"id","BootNotification",'
        b'{"status":"Accepted","currentTime":1795334240,"interval":86400}]'
    )


def test_boot_data_serves_chargers_of_all_years() -> None:
    """Both names of the number, and the price in SEK, as JSON inside a string."""
    welcome = talk.welcome(CONNECTOR, Decimal("2.5"), NOW)
    assert welcome is not None
    frame = said(talk.write(welcome))
    assert frame[2] == "DataTransfer"
    assert frame[3]["vendorId"] == "com.flexicharge"
    assert frame[3]["messageId"] == "BootData"
    assert msgspec.json.decode(frame[3]["data"]) == {
        "connectorID": 100007,
        "chargerId": 100007,
        "chargingPrice": 2.5,
    }


def test_commands_are_the_contracts() -> None:
    """Ids, keys, key order and odd spellings of ReserveNow, start and stop."""
    talk = DialectConversation()
    reserve = Reserve(connector_id=100007, session_id=3, until=NOW + 300)
    assert talk.write(talk.ask(reserve, CONNECTOR, NOW)) == (
        b'[2,"100007ReserveNow1795334240366","ReserveNow",{"connectorID":100007,'
        b'"expiryDate":1795334540,"idTag":1,"reservationID":"10000711","parentIdTag":1}]'
    )
    start = RemoteStart(connector_id=100007, session_id=3)
    assert talk.write(talk.ask(start, CONNECTOR, NOW + 1)) == (
        b'[2,"100007RemoteStartTransaction1795334241366","RemoteStartTransaction",'
        b'{"connectorID":1,"idTag":1}]'
    )
    stop = RemoteStop(connector_id=100007, session_id=3)
    assert talk.write(talk.ask(stop, CONNECTOR, NOW + 2)) == (
        b'[2,"100007RemoteStopTransaction1795334242366","RemoteStopTransaction",'
        b'{"transactionID":3}]'
    )


def test_two_calls_of_one_millisecond_have_two_ids() -> None:
    """Message ids are never used twice on a connection."""
    talk = DialectConversation()
    stop = RemoteStop(connector_id=100007, session_id=3)
    ids = {talk.ask(stop, CONNECTOR, NOW).message_id for _ in range(5)}
    assert len(ids) == 5


def test_a_reservation_keeps_its_number() -> None:
    """The fielded charger takes only the first reservation number of its life."""
    numbers = {
        talk.ask(
            Reserve(connector_id=100007, session_id=session, until=NOW), CONNECTOR, NOW
        ).payload["reservationID"]
        for session in range(3)
    }
    assert len(numbers) == 1


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {
                "connectorId": "1",
                "id_tag": None,
                "meterStart": 0,
                "timestamp": 1697112000.531,
                "reservationId": "1179533424036511",
            },
            Started(connector_hint=1, meter_start_wh=0),
        ),
        (
            {"connectorId": None, "id_tag": None, "meterStart": 12, "timestamp": 1},
            Started(connector_hint=None, meter_start_wh=12),
        ),
        (
            {"connectorId": 100007, "meterStart": "7.5", "timestamp": 1234512345124123},
            Started(connector_hint=100007, meter_start_wh=8),
        ),
    ],
    ids=["CHG", "CHGd", "text and nonsense"],
)
def test_every_charger_of_the_field_can_start(
    payload: dict[str, Any], expected: Started
) -> None:
    """Connectors as text, number or null; floats; nonsense times do no harm."""
    assert anonymous(understand(call("StartTransaction", payload))) == expected


def test_a_stop_without_a_tag_is_understood() -> None:
    """CHG sends nulls and a float time; the register is all that counts."""
    payload = {
        "idTag": None,
        "meterStop": 1500.4,
        "timestamp": 1697115600.12,
        "transactionId": 1,
        "reason": "Remote",
        "transactionData": None,
    }
    understood = anonymous(understand(call("StopTransaction", payload)))
    assert understood == Stopped(meter_stop_wh=1500, reason="Remote")


@pytest.mark.parametrize("action", ["StartTransaction", "StopTransaction"])
def test_a_frame_that_is_said_again_is_known_by_its_payload(action: str) -> None:
    """Whatever id it comes under; one of another time, register or tag is another."""
    payload = {"idTag": 1, "meterStart": 5, "meterStop": 5, "timestamp": 1697112000.5}

    def key(message_id: str = "id", **changed: Any) -> str:
        understood = understand(call(action, payload | changed, message_id))
        assert isinstance(understood, Started | Stopped)
        return understood.key

    assert key("fresh") == key()
    assert len(key()) == 32
    others = [
        key(idTag=2),
        key(meterStart=6),
        key(meterStop=6),
        key(timestamp=1697112000.25),
        key(timestamp=10**30),
    ]
    assert len({key(), *others}) == 6


@pytest.mark.parametrize(
    ("timestamp", "claimed_at"),
    [
        (1697112000.531, 1697112000.531),
        (1697112000, 1697112000.0),
        (1697112000531, 1697112000.531),
        (1697112000531.5, 1697112000.5315),
        (0, 0.0),
        (1234512345124123, None),
        pytest.param(10**400, None, id="huge"),
        (1e308, None),
        (-1, None),
        ("1697112000", None),
        ("2023-10-12T12:00:00Z", None),
        (True, None),
        (None, None),
        ([1697112000], None),
    ],
    ids=str,
)
@pytest.mark.parametrize("action", ["StartTransaction", "StopTransaction"])
def test_a_claimed_time_is_in_seconds_or_milliseconds(
    action: str, timestamp: object, claimed_at: float | None
) -> None:
    """Anything else is no time, and stops nothing."""
    payload = {"meterStart": 5, "meterStop": 5, "timestamp": timestamp}
    understood = understand(call(action, payload))
    assert isinstance(understood, Started | Stopped)
    assert understood.claimed_at == claimed_at


def test_a_start_without_a_time_claims_none() -> None:
    """It is understood all the same."""
    assert anonymous(
        understand(call("StartTransaction", {"meterStart": 5}))
    ) == Started(connector_hint=None, meter_start_wh=5)


def test_meter_values_are_understood() -> None:
    """Percent, power and energy; the misspelt measurand does not matter."""
    values = {
        "chargingPercent": {"value": 36, "unit": "%", "measurand": "SoC"},
        "chargingPower": {
            "value": 7.4,
            "unit": "kW",
            "measurand": "Power.Active,Import",
        },
        "chargedSoFar": {"value": 0.25, "unit": "kWh", "measurand": "Energy"},
    }
    payload = {"connectorId": 1, "transactionId": 1, "timestamp": 1, "values": values}
    assert understand(call("MeterValues", payload)) == Metered(
        connector_hint=1, charged_wh=250, power_w=7400, percent=36
    )


@pytest.mark.parametrize(
    "spoilt",
    [None, {}, {"value": None}, {"value": -1}, {"value": 1, "unit": "furlong"}, 7],
    ids=repr,
)
def test_one_spoilt_quantity_does_not_cost_the_others(spoilt: object) -> None:
    """A bad sample is dropped; the energy beside it still counts."""
    values = {"chargingPercent": spoilt, "chargedSoFar": {"value": 100, "unit": "Wh"}}
    metered = understand(call("MeterValues", {"values": values}))
    assert metered == Metered(connector_hint=None, charged_wh=100)


def test_status_takes_words_and_old_numbers() -> None:
    """An empty error code and a text connector are what CHG sends."""
    payload = {"connectorId": "1", "errorCode": "", "status": "Charging"}
    assert understand(call("StatusNotification", payload)) == StatusReport(
        connector_hint=1, status=ConnectorStatus.CHARGING
    )
    old = understand(call("StatusNotification", {"status": 3}))
    assert old == StatusReport(connector_hint=None, status=ConnectorStatus.FAULTED)


def test_a_charge_level_is_a_register() -> None:
    """`latestMeterValue` is the meter itself, not what was charged."""
    data = '{"transactionId":57,"latestMeterValue":133769,"CurrentChargePercentage":69}'
    payload = {"messageId": "ChargeLevelUpdate", "data": data}
    assert understand(call("DataTransfer", payload)) == Metered(
        connector_hint=None, register_wh=133769, percent=69
    )
    unknown = understand(call("DataTransfer", {"messageId": "Hello"}))
    assert unknown == UnknownVendorMessage()


def refusal(action: str, payload: dict[str, Any]) -> Any:
    """Return how a Call that cannot be understood is refused."""
    asked = call(action, payload)
    with pytest.raises(BadInput) as refused:
        understand(asked)
    return said(talk.refuse(asked, refused.value))


def test_refusals_are_the_contracts() -> None:
    """Unknown actions between asterisks; codes where the contract has one."""
    assert refusal("Firmware", {}) == [
        4,
        "id",
        "NotImplemented",
        "The *Firmware* function is not implemented yet.",
        {},
    ]
    for status in ("Accepted", None, 17, True, ["Charging"]):
        assert refusal("StatusNotification", {"status": status}) == [
            4,
            "id",
            "GenericError",
            "invalidStatus",
            {},
        ]
    level = '{"latestMeterValue":-5,"CurrentChargePercentage":1}'
    payload = {"messageId": "ChargeLevelUpdate", "data": level}
    assert refusal("DataTransfer", payload)[3] == "invalidMeterValue"
    level = '{"latestMeterValue":5,"CurrentChargePercentage":101}'
    payload = {"messageId": "ChargeLevelUpdate", "data": level}
    assert refusal("DataTransfer", payload)[3] == "invalidChargePrecentage"


def test_meter_values_are_refused_in_four_elements() -> None:
    """The action stands as the code and an object as the description."""
    assert refusal("MeterValues", {"values": 1}) == [
        4,
        "id",
        "MeterValues",
        {"error": "values is not an object"},
    ]
    asked = call("MeterValues", {})
    assert said(talk.answer(asked, Refused("userID not OK"))) == [
        4,
        "id",
        "MeterValues",
        {"error": "userID not OK"},
    ]


def test_a_kept_reading_is_answered_without_a_payload() -> None:
    """MeterValues results have three elements, DataTransfer results four."""
    assert said(talk.answer(call("MeterValues", {}), ReadingKept())) == [
        3,
        "id",
        "MeterValues",
    ]
    assert said(talk.answer(call("DataTransfer", {}), ReadingKept())) == [
        3,
        "id",
        "DataTransfer",
        {"status": "Accepted", "data": ""},
    ]
    assert said(talk.answer(call("DataTransfer", {}), VendorMessageUnknown()))[3] == {
        "status": "UnknownMessageId",
        "data": "",
    }


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            b"nonsense",
            [4, "InternalError", "GenericError", "The frame is not JSON", {}],
        ),
        (b'[7,"x"]', [4, "x", "GenericError", "MessageTypeID is invalid", {}]),
        (
            b"[true]",
            [4, "InternalError", "GenericError", "MessageTypeID is invalid", {}],
        ),
        (b"[]", [4, "InternalError", "GenericError", "MessageTypeID is invalid", {}]),
        (
            b'["chargerplus","ReserveNow"]',
            [4, "ReserveNow", "GenericError", "MessageTypeID is invalid", {}],
        ),
        (b'[2,"x"]', [4, "x", "GenericError", "The call has no action", {}]),
        (b'[2,"x",7,{}]', [4, "x", "GenericError", "The call has no action", {}]),
        (
            b'[2,"x","Heartbeat",[]]',
            [4, "x", "GenericError", "The payload is not an object", {}],
        ),
    ],
)
def test_what_is_no_call_is_refused(text: bytes, answer: list[Any]) -> None:
    """Each refusal goes to whatever id the frame carried."""
    with pytest.raises(BadInput) as refused:
        read_frame(text)
    assert said(talk.reject(refused.value)) == answer


def test_a_null_payload_is_an_empty_one() -> None:
    """Chargers that leave the payload out mean an empty object."""
    expected = Call("x", "Heartbeat", {})
    assert read_frame(b'[2,"x","Heartbeat",null]') == expected
    assert read_frame(b'[2,"x","Heartbeat"]') == expected


def test_results_of_both_forms_are_read() -> None:
    """The dialect names the action, the standard does not."""
    assert read_frame(b'[3,"x","ReserveNow",{"status":"Accepted"}]') == CallResult(
        "x", "ReserveNow", {"status": "Accepted"}
    )
    assert read_frame(b'[3,"x",{"status":"Accepted"}]') == CallResult(
        "x", None, {"status": "Accepted"}
    )
    assert read_frame(b'[3,1337,"MeterValues"]') == CallResult(1337, "MeterValues", {})
    assert read_frame(b'[4,"x","GenericError"]') == CallError("x", "GenericError", "")


@pytest.mark.parametrize(
    ("result", "expected", "words"),
    [
        (
            CallResult("x", "ReserveNow", {"status": "Accepted"}),
            False,
            "Could not found a previous conversation with this unique id.",
        ),
        (
            CallResult("x", "DataTransfer", {"status": "Rejected"}),
            True,
            "Request was rejected.",
        ),
        (
            CallResult("x", "Hello", {}),
            False,
            "Could not interpret the response for the callcode: Hello",
        ),
        (
            CallResult("x", None, {}),
            False,
            "Could not interpret the response for the callcode: [object Object]",
        ),
    ],
)
def test_stray_results_are_objected_to(
    result: CallResult, expected: bool, words: str
) -> None:
    """The contract's table of reactions (§3.6), word for word."""
    objection = said(talk.object_to(result, expected=expected))
    assert objection == [4, "x", "GenericError", words, {}]


def test_an_expected_result_is_not_objected_to() -> None:
    """Nor is a DataTransfer that was accepted."""
    accepted = CallResult("x", "ReserveNow", {"status": "Accepted"})
    assert talk.object_to(accepted, expected=True) is None
    welcome = CallResult("x", "DataTransfer", {"status": "Accepted"})
    assert talk.object_to(welcome, expected=False) is None


def test_an_unknown_verdict_is_a_refusal() -> None:
    """A word nobody knows must not start a charge."""
    assert (
        talk.verdict(CallResult("x", None, {"status": "Occupied"})) is Verdict.OCCUPIED
    )
    for status in ("Fine", None, 1, ["Accepted"]):
        verdict = talk.verdict(CallResult("x", None, {"status": status}))
        assert verdict is Verdict.REJECTED


@given(
    st.sampled_from(
        [
            "BootNotification",
            "StatusNotification",
            "StartTransaction",
            "StopTransaction",
            "MeterValues",
            "DataTransfer",
        ]
    ),
    st.dictionaries(
        st.sampled_from(
            [
                "connectorId",
                "meterStart",
                "meterStop",
                "status",
                "values",
                "data",
                "messageId",
                "errorCode",
                "chargePointVendor",
                "reason",
            ]
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(codec="utf-8"))
            | st.just("ChargeLevelUpdate"),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(
                        ["chargedSoFar", "value", "unit", "chargingPercent"]
                    ),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=8,
        ),
    ),
)
def test_no_payload_raises_anything_but_bad_input(
    action: str, payload: dict[str, Any]
) -> None:
    """Whatever a charger sends is understood or refused, with a CallError as text."""
    asked = call(action, payload)
    try:
        understand(asked)
    except BadInput as why:
        assert said(talk.refuse(asked, why))[0] == 4
