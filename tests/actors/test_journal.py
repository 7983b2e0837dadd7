"""What is noted of the frames of a station, in which direction, and what is hidden."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from twisted.internet.task import Clock
from zope.interface import implementer

from flexicharge.actors.journal import MAX_REPAIRS, FrameLog
from flexicharge.interfaces import IFrameJournal
from flexicharge.model.frame_record import Direction, FrameRecord, FrameVerdict
from flexicharge.ocpp.repairs import Repair

NOON = 1_800_014_400.0
SECRET = b'[2,"m","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret"}]'


@implementer(IFrameJournal)
@define
class FakeJournal:
    """A journal that keeps what is noted in a list."""

    noted: list[FrameRecord] = field(factory=list)

    def note(self, frame: FrameRecord) -> None:
        """Keep a frame."""
        self.noted.append(frame)


@define
class Desk:
    """A station's log and the journal that it goes into."""

    clock: Clock = field(factory=Clock)
    journal: FakeJournal = field(factory=FakeJournal)
    frames: FrameLog = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clock.advance(NOON)
        self.frames = FrameLog(self.journal, 7, self.clock)

    @property
    def only(self) -> FrameRecord:
        """The one frame that was noted."""
        (frame,) = self.journal.noted
        return frame

    def repaired(self, *repairs: Repair, text: bytes = b"[]", action: str = "") -> Any:
        """Note a Call with repairs; return those as they are journalled."""
        self.frames.heard(text, action, "m", NOON, repairs=repairs)
        return self.journal.noted[-1].repairs


@pytest.fixture
def desk() -> Desk:
    """A log in which nothing is noted yet."""
    return Desk()


def test_call_of_the_station_is_noted_as_it_came(desk: Desk) -> None:
    """With the time it came, which is before now, and no latency."""
    desk.frames.heard(b'[2,"m","Heartbeat",{}]', "Heartbeat", "m", NOON - 1)
    assert desk.only == FrameRecord(
        station_id=7,
        at=NOON - 1,
        direction=Direction.IN,
        text='[2,"m","Heartbeat",{}]',
        action="Heartbeat",
        message_id="m",
    )


def test_answer_tells_how_long_the_station_waited(desk: Desk) -> None:
    """Since its Call came; a refusal says why."""
    desk.frames.answered(
        b'[4,"m"]',
        "Heartbeat",
        "m",
        NOON - 1.5,
        verdict=FrameVerdict.REFUSED,
        why="busy",
    )
    assert desk.only == FrameRecord(
        station_id=7,
        at=NOON,
        direction=Direction.OUT,
        text='[4,"m"]',
        verdict=FrameVerdict.REFUSED,
        action="Heartbeat",
        message_id="m",
        why="busy",
        latency_s=1.5,
    )


def test_our_call_is_noted_without_its_secret(desk: Desk) -> None:
    """What operators tell a station is nobody's to read again."""
    desk.frames.asked(SECRET, "ChangeConfiguration", "m")
    assert desk.only == FrameRecord(
        station_id=7,
        at=NOON,
        direction=Direction.OUT,
        text=SECRET.decode().replace("s3cret", "***"),
        action="ChangeConfiguration",
        message_id="m",
    )


def test_answer_of_the_station_tells_how_long_we_waited(desk: Desk) -> None:
    """Since our Call was sent, with what is wrong with it; its secrets are hidden."""
    desk.frames.told(
        b'[3,"m",{"configurationKey":[{"key":"ApiKey","value":"s3cret"}]}]',
        "GetConfiguration",
        "m",
        NOON - 2,
        verdict=FrameVerdict.OFF_SCHEMA,
        why="configurationKey.0 breaks 'required'",
    )
    assert desk.only == FrameRecord(
        station_id=7,
        at=NOON,
        direction=Direction.IN,
        text='[3,"m",{"configurationKey":[{"key":"ApiKey","value":"***"}]}]',
        verdict=FrameVerdict.OFF_SCHEMA,
        action="GetConfiguration",
        message_id="m",
        why="configurationKey.0 breaks 'required'",
        latency_s=2.0,
    )


def test_answer_that_nobody_asked_for_has_no_latency(desk: Desk) -> None:
    """And no action, so that it is looked through for any secret."""
    text = SECRET.replace(b'2,"m","ChangeConfiguration"', b'3,"m"')
    desk.frames.told(text, "", "m", None, verdict=FrameVerdict.UNEXPECTED)
    assert desk.only.latency_s is None
    assert "s3cret" not in desk.only.text


def test_what_is_no_frame_is_noted_all_the_same(desk: Desk) -> None:
    """Whatever bytes came, without what looks like a secret."""
    desk.frames.heard(
        SECRET[:-1] + b"\xff", "", "", NOON, verdict=FrameVerdict.UNREADABLE, why="no"
    )
    assert desk.only.text == (
        '[2,"m","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}\ufffd'
    )
    assert (desk.only.verdict, desk.only.why) == (FrameVerdict.UNREADABLE, "no")


def test_repairs_are_noted_with_both_values(desk: Desk) -> None:
    """As they were and as they became, whatever they are."""
    told = desk.repaired(
        Repair("number-in-text", "a.0", "7", 7),
        Repair("extra", "the frame", [{"a": None}, True, 1.5]),
    )
    assert told == (
        {"rule": "number-in-text", "where": "a.0", "raw": "7", "repaired": 7},
        {
            "rule": "extra",
            "where": "the frame",
            "raw": [{"a": None}, True, 1.5],
            "repaired": None,
        },
    )


def test_long_values_of_repairs_are_cut(desk: Desk) -> None:
    """A text, a list and a number without end; the frame itself is beside them."""
    long = Repair("x", "y" * 600, "r" * 501, ["z"] * 200)
    ((one),) = desk.repaired(long)
    assert one == {
        "rule": "x",
        "where": "y" * 500,
        "raw": "r" * 500 + "…",
        "repaired": ('["z",' + '"z",' * 200)[:500] + "…",
    }
    ((number),) = desk.repaired(Repair("x", "y", 10**600, 10**30))
    assert number["raw"] == "1" + "0" * 499 + "…"
    assert number["repaired"] == 10**30


def test_repairs_without_end_are_counted(desk: Desk) -> None:
    """The first fifty, and how many more there were."""
    told = desk.repaired(*[Repair("x", "y", 1)] * (MAX_REPAIRS + 3))
    assert len(told) == MAX_REPAIRS + 1
    assert told[-1] == {"rule": "", "where": "3 more places"}


def test_repairs_of_a_frame_with_a_secret_tell_no_value(desk: Desk) -> None:
    """Where and by which rule, but what stood there may be the secret."""
    told = desk.repaired(
        Repair("long-text", "value", "s3cret", "s3"),
        Repair("extra", "the frame", ["s3cret"]),
        text=SECRET,
        action="ChangeConfiguration",
    )
    assert told == (
        {"rule": "long-text", "where": "value", "raw": "***", "repaired": "***"},
        {"rule": "extra", "where": "the frame", "raw": "***", "repaired": None},
    )


def test_nothing_is_noted_without_a_journal() -> None:
    """Not even looked at: it may be switched off because there is no time for it."""
    frames = FrameLog(None, 7, Clock())
    frames.heard(b"\xff", "", "", NOON)
    frames.answered(b"\xff", "", "", NOON)
    frames.asked(b"\xff", "", "")
    frames.told(b"\xff", "", "", None)


def test_what_it_was_told_in_secret_is_hidden_in_all_that_it_says(desk: Desk) -> None:
    """In an error of any words, in what is no frame, and in what was mended of it."""
    desk.frames.asked(SECRET, "ChangeConfiguration", "m")
    told, at = b'[4,"m","GenericError","no s3cret",{}]', NOON
    desk.frames.told(told, "ChangeConfiguration", "m", at)
    desk.frames.heard(b"s3cret!", "", "", at, verdict=FrameVerdict.UNREADABLE)
    repair = Repair("rule", "techInfo", "s3cret", "s3cre")
    desk.frames.heard(b'["s3cret"]', "Heartbeat", "m", at, repairs=(repair,))
    assert [frame.text for frame in desk.journal.noted[1:]] == [
        '[4,"m","GenericError","no ***",{}]',
        "***!",
        '["***"]',
    ]
    assert "s3cre" not in str(desk.journal.noted)
    assert "s3cret" not in repr(desk.frames)


def test_an_address_that_is_no_address_is_sent_all_the_same(desk: Desk) -> None:
    """Thousands of brackets are more than is ever read again."""
    location = "ftp://ida:s3cret@up.example.org/" + "[" * 20_000
    text = f'[2,"m","GetDiagnostics",{{"location":"{location}"}}]'.encode()
    desk.frames.asked(text, "GetDiagnostics", "m")
    assert "s3cret" not in desk.only.text
