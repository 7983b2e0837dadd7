"""What every `IFrameJournal` keeps of frames, and for how long."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from flexicharge.model.frame_record import Direction, FrameRecord, FrameVerdict

from .stores import T0, Stores

DAY = 86_400.0
HEARTBEAT = FrameRecord(
    station_id=7, at=T0, direction=Direction.IN, text='[2,"a","Heartbeat",{}]'
)


async def noted(stores: Stores, *frames: FrameRecord) -> None:
    """Note frames and wait until they are kept."""
    for frame in frames:
        stores.journal.note(frame)
    await stores.journal.drained()


async def told(stores: Stores, **asked: Any) -> list[str]:
    """Return the texts of a station's frames, as they are read."""
    asked = {"station_id": 7, "limit": 100, **asked}
    return [kept.frame.text for kept in await stores.journal.frames(**asked)]


async def the_frame(stores: Stores) -> FrameRecord:
    """Return the only frame of the station."""
    (kept,) = await stores.journal.frames(7, limit=2)
    return kept.frame


def texts(*names: str, **more: Any) -> list[FrameRecord]:
    """Return frames that are told apart by their texts."""
    return [evolve(HEARTBEAT, text=name, **more) for name in names]


async def test_a_frame_is_read_as_it_was_noted(stores: Stores) -> None:
    """With everything that is known of it."""
    frame = FrameRecord(
        station_id=7,
        at=T0 + 0.25,
        direction=Direction.OUT,
        text='[3,"ä\\u0000",{"n":1.50}]',
        verdict=FrameVerdict.REPAIRED,
        action="MeterValues",
        message_id="ä",
        why="configurationKey.0 breaks 'type'",
        repairs=(
            {"rule": "number-in-text", "where": "a.0", "raw": "7", "repaired": 7},
            {"rule": "x", "where": "", "raw": [1.5, None, {"a": True}], "repaired": {}},
        ),
        latency_s=0.1,
    )
    await noted(stores, frame, evolve(HEARTBEAT, station_id=8))
    assert await the_frame(stores) == frame


async def test_what_is_not_known_is_left_out(stores: Stores) -> None:
    """Most frames have no repairs, no reason and no latency."""
    await noted(stores, HEARTBEAT)
    assert await the_frame(stores) == HEARTBEAT


async def test_the_time_of_a_frame_is_kept_to_the_microsecond(stores: Stores) -> None:
    """What is finer is rounded, the same everywhere."""
    await noted(stores, evolve(HEARTBEAT, at=T0 + 61.12345678))
    assert (await the_frame(stores)).at == T0 + 61.123457


async def test_frames_are_read_newest_first_page_by_page(stores: Stores) -> None:
    """By number: a clock that was set back changes no order."""
    await noted(
        stores, *texts("a", "b"), *texts("c", at=T0 - 3 * DAY), *texts("d", "e")
    )
    page = await stores.journal.frames(7, limit=2)
    assert [kept.frame.text for kept in page] == ["e", "d"]
    assert page[0].number > page[1].number
    assert await told(stores, before=page[1].number, limit=2) == ["c", "b"]
    assert await told(stores, before=page[1].number - 2) == ["a"]
    assert await told(stores, before=10**30, limit=1) == ["e"]
    assert await told(stores, before=0) == []


async def test_frames_belong_to_their_station(stores: Stores) -> None:
    """Those of others are not seen; one that nobody knows has none."""
    await noted(stores, *texts("a"), *texts("b", station_id=8), *texts("c"))
    assert await told(stores) == ["c", "a"]
    assert await told(stores, station_id=8) == ["b"]
    assert await told(stores, station_id=10**30) == []


async def test_a_long_text_is_cut_and_says_so(stores: Stores) -> None:
    """At 64 KiB, and never within a character; what fits exactly is whole."""
    await noted(stores, evolve(HEARTBEAT, text="x" + "é" * 40_000, why="odd"))
    frame = await the_frame(stores)
    assert (frame.text, frame.why) == ("x" + "é" * 32_767, "odd; cut to 64 KiB")
    whole = evolve(HEARTBEAT, station_id=8, text="é" * 32_768)
    await noted(stores, whole)
    (kept,) = await stores.journal.frames(8, limit=1)
    assert kept.frame == whole


async def test_what_cannot_be_stored_is_left_out_and_said(stores: Stores) -> None:
    """A NUL and half a pair of surrogates stop no frame."""
    odd = evolve(
        HEARTBEAT,
        text="a\0b\ud800",
        action="\0A",
        message_id="\0m",
        why="w\0",
        repairs=({"rule": "nul", "raw": ["\0x", {"\0k": "\0"}], "repaired": "y\0"},),
    )
    await noted(stores, odd)
    frame = await the_frame(stores)
    assert (frame.text, frame.why) == ("ab?", "w; left out what cannot be stored")
    assert (frame.action, frame.message_id) == ("A", "m")
    assert frame.repairs == ({"rule": "nul", "raw": ["x", {"k": ""}], "repaired": "y"},)


async def test_long_names_and_reasons_are_cut(stores: Stores) -> None:
    """A station chooses some of them, and none may fill the journal."""
    long = "é" * 2000
    await noted(stores, evolve(HEARTBEAT, action=long, message_id=long, why=long))
    frame = await the_frame(stores)
    assert frame.action == frame.message_id == "é" * 255
    assert frame.why == "é" * 1000


async def test_nothing_is_kept_of_no_time(stores: Stores) -> None:
    """It takes no other frame with it."""
    for at in (float("nan"), float("inf"), -1.0, 1e18):
        await noted(stores, *texts("lost", at=at), HEARTBEAT)
    assert set(await told(stores)) == {HEARTBEAT.text}


async def test_old_days_are_dropped_as_a_whole(stores: Stores) -> None:
    """A day goes when all of it is older than so many days; repeated it is the same."""
    noon = T0 - T0 % DAY + DAY / 2
    for ago in (0, 1, 2, 3, 4):
        await noted(stores, *texts(str(ago), at=noon - ago * DAY))
    await stores.journal.keep(noon, 3)
    assert await told(stores) == ["3", "2", "1", "0"]
    await stores.journal.keep(noon + DAY / 2 - 1, 3)
    assert await told(stores) == ["3", "2", "1", "0"]
    await stores.journal.keep(noon + DAY / 2, 3)
    await stores.journal.keep(noon + DAY / 2, 3)
    assert await told(stores) == ["2", "1", "0"]


async def test_a_journal_that_is_switched_off_keeps_no_day(stores: Stores) -> None:
    """What an earlier one left is gone after a day."""
    await noted(stores, *texts("a"))
    await stores.journal.keep(T0, 0)
    assert await told(stores) == ["a"]
    await stores.journal.keep(T0 + DAY, 0)
    assert await told(stores) == []


async def test_a_frame_of_any_day_is_kept(stores: Stores) -> None:
    """Whatever the clock says, and whatever days were made: none is lost."""
    await stores.journal.keep(T0, 3)
    days = (0, 2, 3, 400, -1, -3, -400)
    for day in days:
        await noted(stores, *texts(str(day), at=T0 + day * DAY))
    assert await told(stores) == [str(day) for day in reversed(days)]
    await stores.journal.keep(T0, 3)
    assert await told(stores) == ["-3", "-1", "400", "3", "2", "0"]


async def test_a_day_that_was_dropped_can_come_again(stores: Stores) -> None:
    """A clock that was set back finds its day gone, and the journal goes on."""
    await noted(stores, *texts("a"))
    await stores.journal.keep(T0 + 9 * DAY, 3)
    await noted(stores, *texts("b"), *texts("c", at=T0 + 9 * DAY))
    assert await told(stores) == ["c", "b"]


async def test_a_closed_journal_takes_nothing(stores: Stores) -> None:
    """Whoever notes something nevertheless is not told; nobody waits for ever."""
    await noted(stores, *texts("a"))
    stores.journal.close()
    await noted(stores, *texts("b"))
    assert await told(stores) == ["a"]
