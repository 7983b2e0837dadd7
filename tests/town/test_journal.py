"""The journal of frames in a running server: what goes in, and how long it stays."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.task import Clock

from flexicharge.model.frame_record import Direction, FrameRecord, FrameVerdict
from flexicharge.service.journal_days import LOOK_EVERY_S
from flexicharge.testing.town import Town

SERIAL = "abc111"
DAY_S = 86_400.0


def frames_of(town: Town, serial: str = SERIAL) -> list[FrameRecord]:
    """Return what is in the journal of a charger, oldest first."""
    station = town.now(town.stores.chargers.get_station(serial))
    found = town.now(town.stores.journal.frames(station.station_id, limit=100))
    return [kept.frame for kept in reversed(found)]


def test_what_is_said_on_a_socket_is_in_the_journal(town: Town) -> None:
    """A Call as it came, our answer with its latency, and what is no frame at all."""
    charger = town.plug_in(SERIAL)
    charger.say(2, "7", "Heartbeat", {})
    charger.say_text(b"nonsense")
    call, answer, nonsense, *_ = frames_of(town)
    assert (call.direction, call.text) == (Direction.IN, '[2,"7","Heartbeat",{}]')
    assert (answer.direction, answer.action) == (Direction.OUT, "Heartbeat")
    assert answer.latency_s == 0.0
    assert (nonsense.verdict, nonsense.text) == (FrameVerdict.UNREADABLE, "nonsense")


def test_nothing_is_noted_where_the_journal_is_off(clock: Clock) -> None:
    """`JOURNAL_DAYS=0`."""
    town = Town(clock)
    town.settings = evolve(town.settings, journal_days=0)
    town.crash()
    town.plug_in(SERIAL).say(2, "7", "Heartbeat", {})
    assert frames_of(town) == []


def test_old_days_go_within_the_hour(town: Town) -> None:
    """And at a start, as a server may have been down for weeks."""
    station = town.now(town.stores.chargers.get_station(SERIAL))
    frame = FrameRecord(
        station_id=station.station_id,
        at=town.clock.seconds() - 20 * DAY_S,
        direction=Direction.IN,
        text="old",
    )
    for pass_time in (lambda: town.clock.advance(LOOK_EVERY_S), town.crash):
        town.stores.journal.note(frame)
        assert [kept.text for kept in frames_of(town)] == ["old"]
        pass_time()
        assert frames_of(town) == []


def test_a_server_that_stops_notes_its_last_words(town: Town) -> None:
    """What was said until the sockets were closed, and nothing after."""
    charger = town.plug_in(SERIAL)
    charger.say(2, "7", "Heartbeat", {})
    stopped = town.stop()
    town.clock.pump([0.5] * 20)
    assert stopped.called
    noted = frames_of(town)
    assert [frame.action for frame in noted][:2] == ["Heartbeat", "Heartbeat"]
    town.stores.journal.note(noted[0])
    assert frames_of(town) == noted
