"""Whatever a charger sends, its actor and everybody else live on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.logger import LogEvent

from flexicharge.model.session import SessionState
from flexicharge.testing.charge import SERIAL, Charge
from flexicharge.testing.charger import ScriptedCharger
from flexicharge.testing.peers import Peer
from flexicharge.testing.town import Town

NEIGHBOUR = "abc111"


def lives(peer: Peer) -> bool:
    """Tell whether a charger is still answered."""
    if not peer.is_open:
        return False
    peer.heard()
    peer.say(2, "alive?", "Heartbeat", {})
    return peer.heard()[0][:3] == [3, "alive?", "Heartbeat"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"nonsense",
        b"{}",
        b"[]",
        b"[2]",
        b'[2,"x"]',
        b'[2,"x","BootNotification",7]',
        b'["2","x","Heartbeat",{}]',
        b'[2,{"id":1},"Nothing",{}]',
        b'[2,"x","StatusNotification",{"status":NaN}]',
        b'[2,"x","StartTransaction",{"meterStart":Infinity}]',
        b'[2,"x","StartTransaction",{"meterStart":1e999}]',
        b'[2,"x","StartTransaction",{"meterStart":99999999999999999999999999}]',
        b'[2,"x","StartTransaction",{"meterStart":-1}]',
        b'[2,"x","StartTransaction",{"meterStart":{}}]',
        b'[2,"x","StartTransaction",{"meterStart":true}]',
        b'[2,"x","StartTransaction",{}]',
        b'[2,"x","StopTransaction",{"meterStop":"many"}]',
        b'[2,"\\ud800","Heartbeat",{}]',
        b'[2,"x","MeterValues",{"values":[]}]',
        b'[2,"x","Hello\\u0000",{}]',
        b"[" * 1000 + b"]" * 1000,
        b'[2,"x","MeterValues",{"values":' + b"[" * 900 + b"]" * 900 + b"}]",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_bad_json_is_a_call_error(town: Town, text: bytes) -> None:
    """A CALLERROR in the contract's form, and nothing half-written."""
    neighbour = town.plug_in(NEIGHBOUR)
    peer = town.plug_in(SERIAL)
    peer.say_text(text)
    [answer] = peer.heard()
    assert answer[0] == 4
    assert len(answer) in (4, 5)
    assert "Traceback" not in str(answer)
    assert lives(peer)
    assert lives(neighbour)
    assert town.world.sessions.rows == {}


def test_nuls_and_long_texts_are_no_harm(town: Town) -> None:
    """What a database cannot hold is cut or stripped at the edge."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    payload = {"chargePointVendor": "a\0b" * 5000, "firmwareVersion": "\0"}
    charger.call("BootNotification", payload)
    assert charger.heard()[0][3]["status"] == "Accepted"
    charger.call("StartTransaction", {"meterStart": 1, "timestamp": "\0\0"})
    assert charger.heard()[0][2] == "StartTransaction"
    assert lives(charger.peer)


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        -62135596800,
        10**30,
        None,
        "",
        {},
    ],
    ids=repr,
)
def test_impossible_times_do_not_matter(charge: Charge, when: object) -> None:
    """A dialect charger's clock is nonsense anyway: arrival counts."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    payload = {"meterStart": 5, "timestamp": when}
    charge.charger.call("StartTransaction", payload)
    assert charge.stored.started_at == 1_800_000_000
    charge.charger.call("StopTransaction", {"meterStop": 6, "timestamp": when})
    assert charge.stored.state is SessionState.ENDED


@pytest.mark.parametrize(
    ("text", "binary", "code"),
    [
        (b'["\xff\xfe"]', False, 1007),
        (b"x" * ((1 << 20) + 1), False, 1009),
        (b"[2]", True, 1003),
    ],
    ids=["not UTF-8", "too long", "binary"],
)
def test_what_is_no_text_closes_with_its_code(
    town: Town, text: bytes, binary: bool, code: int
) -> None:
    """The one connection ends properly; the neighbour never notices."""
    neighbour = town.plug_in(NEIGHBOUR)
    peer = town.plug_in(SERIAL)
    peer.say_text(text, binary=binary)
    assert not peer.is_open
    assert peer.protocol.close_code == code
    assert lives(neighbour)
    assert lives(town.plug_in(SERIAL))


def test_a_megabyte_of_json_is_read(town: Town) -> None:
    """The limit itself is allowed, and answered."""
    peer = town.plug_in(SERIAL)
    filler = "x" * ((1 << 20) - 40)
    peer.say_text(json.dumps([2, "x", "Heartbeat", {"a": filler}]).encode())
    assert peer.heard()[0][0] == 3


def test_error_frames_are_not_answered(town: Town) -> None:
    """A CALLERROR from the charger is logged and that is all."""
    peer = town.plug_in(SERIAL)
    peer.say(4, "x", "GenericError", "because", {})
    peer.say(4)
    assert peer.heard() == []
    assert lives(peer)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([2, 3, 4]) | anything,
            st.text(max_size=8) | anything,
            st.sampled_from(
                [
                    "BootNotification",
                    "StatusNotification",
                    "StartTransaction",
                    "StopTransaction",
                    "MeterValues",
                    "DataTransfer",
                    "ReserveNow",
                ]
            )
            | anything,
            anything,
        ),
        max_size=8,
    )
)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_frame_crashes_an_actor(
    town: Town, logged: list[LogEvent], frames: list[Any]
) -> None:
    """Any sequence of arrays leaves the charger answered, and no crash behind."""
    peer = town.plug_in(SERIAL)
    for frame in frames:
        peer.say_text(json.dumps(frame).encode())
    assert lives(peer)
    assert [event for event in logged if "ALARM" not in event["log_format"]] == []
    peer.lose()
