"""What every `IReadingStore` writes of a frame of meter values."""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve

from flexicharge.interfaces.stores import KeptMeterValue, NewMeterValues, NewReading
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import Session
from flexicharge.model.site import Connector

from .cases_tagged_starts import standard, tagged
from .stores import T0, Stores, at, sealed

SAMPLES = '[{"value": "2000", "measurand": "Energy.Active.Import.Register"}]'


async def running(stores: Stores, connector: Connector) -> Session:
    """Return a session that charges since T0 + 60."""
    session, _ = await stores.transactions.start_tagged(tagged(connector))
    return session


def value(session: Session | None = None, **changes: Any) -> KeptMeterValue:
    """Return what was sampled at T0 + 90, and came a second later."""
    sampled = KeptMeterValue(
        connector_number=1,
        session_id=session and session.session_id,
        claimed_at=T0 + 90,
        received_at=T0 + 91,
        samples=SAMPLES,
    )
    return evolve(sampled, **changes)


def reading(session: Session, *readings: MeterReading) -> tuple[NewReading, ...]:
    """Return readings that renew their session's row."""
    return tuple(NewReading(session.session_id, one, refresh=True) for one in readings)


async def write(
    stores: Stores, *frames: NewMeterValues | NewReading
) -> list[Exception | None]:
    """Write frames, and readings between them; return what each asker was told."""
    told: dict[int, Exception | None] = {}
    for number, new in enumerate(frames):

        def done(why: Exception | None, number: int = number) -> None:
            told[number] = why

        if isinstance(new, NewReading):
            stores.readings.add(new, done)
        else:
            stores.readings.add_values(new, done)
    await stores.readings.drained()
    return [told[number] for number in range(len(frames))]


async def test_a_frame_is_written_as_one(stores: Stores) -> None:
    """What was sampled is kept word for word, and what it tells of a session."""
    connector = await standard(stores)
    session = await running(stores, connector)
    sampled = value(session, claimed_at=T0 + 90.25, received_at=T0 + 91.123456)
    frame = NewMeterValues(
        station_id=connector.station_id,
        values=(sampled,),
        readings=reading(session, at(90, 2000, 40)),
    )
    assert await write(stores, frame) == [None]
    store = stores.transactions
    assert await store.get_meter_values(connector.station_id, limit=9) == (sampled,)
    assert await store.get_last_reading(session.session_id) == at(90, 2000, 40)
    found = await store.get_transaction(session.session_id)
    assert found == evolve(session, meter_last_wh=2000, percent=40)


async def test_meter_values_can_be_nobodys(stores: Stores) -> None:
    """Of no session, at no known time, of the station as a whole, without samples."""
    connector = await standard(stores)
    sampled = value(connector_number=0, claimed_at=None, samples="[]")
    frame = NewMeterValues(station_id=connector.station_id, values=(sampled,))
    assert await write(stores, frame) == [None]
    found = await stores.transactions.get_meter_values(connector.station_id, limit=9)
    assert found == (sampled,)


async def test_a_frame_without_values_still_tells_of_its_session(
    stores: Stores,
) -> None:
    """Its readings are written; an empty one is done as well."""
    connector = await standard(stores)
    session = await running(stores, connector)
    number = connector.station_id
    bare = NewMeterValues(
        station_id=number, values=(), readings=reading(session, at(90, 2000))
    )
    empty = NewMeterValues(station_id=number, values=())
    assert await write(stores, bare, empty) == [None, None]
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(90, 2000)
    assert await stores.transactions.get_meter_values(number, limit=9) == ()


async def test_meter_values_come_newest_first(stores: Stores) -> None:
    """By when they came; those of one frame in the order they stood in it."""
    connector, other = await standard(stores, "a"), await standard(stores, "b")
    mine, theirs = await running(stores, connector), await running(stores, other)
    number = connector.station_id
    late = value(mine, received_at=T0 + 200)
    early = [value(mine, claimed_at=T0 + second) for second in (70, 60, 80)]
    stray = value(received_at=T0 + 100, connector_number=2)
    await write(
        stores,
        NewMeterValues(station_id=number, values=(late,)),
        NewMeterValues(station_id=other.station_id, values=(value(theirs),)),
        NewMeterValues(station_id=number, values=tuple(early)),
        NewMeterValues(station_id=number, values=(stray,)),
    )
    find = stores.transactions.get_meter_values
    assert await find(number, limit=9) == (late, stray, *early[::-1])
    assert await find(number, limit=2) == (late, stray)
    assert await find(number, limit=0) == ()
    own = await find(number, session_id=mine.session_id, limit=9)
    assert own == (late, *early[::-1])
    assert await find(number, session_id=mine.session_id, limit=1) == (late,)
    assert await find(number, session_id=theirs.session_id, limit=9) == ()
    assert await find(other.station_id, limit=9) == (value(theirs),)


async def test_samples_are_kept_as_they_came(stores: Stores) -> None:
    """Their keys, spaces and numbers; what no column holds is mended."""
    connector = await standard(stores)
    texts = (
        '[ {"z":"1.50","a":"ä\\u00e4\\u0000","z":"2"} ]',
        '["\\ud800", "\\\\u0000", 1e3]',
        '["\ud800"]',
    )
    for text in texts:
        json.loads(text)
        frame = NewMeterValues(
            station_id=connector.station_id, values=(value(samples=text),)
        )
        assert await write(stores, frame) == [None]
    find = stores.transactions.get_meter_values
    found = await find(connector.station_id, limit=9)
    assert [one.samples for one in found] == ['["?"]', texts[1], texts[0]]


async def test_a_frame_of_what_is_not_there_stops_no_other(stores: Stores) -> None:
    """Nothing of it is kept, whichever part is to blame; all others are committed."""
    connector = await standard(stores)
    session = await running(stores, connector)
    nobody = evolve(session, session_id=10**6)
    number, good = connector.station_id, value(session)
    bad = (
        NewMeterValues(station_id=10**6, values=(good,)),
        NewMeterValues(station_id=number, values=(good, value(nobody))),
        NewMeterValues(
            station_id=number,
            values=(good,),
            readings=reading(session, at(95, 9000)) + reading(nobody, at(95, 9000)),
        ),
        NewMeterValues(station_id=number, values=(good, value(samples="[1"))),
        NewMeterValues(
            station_id=number, values=(good, value(received_at=float("inf")))
        ),
        NewMeterValues(station_id=number, values=(good, value(connector_number=2**63))),
        NewMeterValues(
            station_id=number, values=(good, value(samples=f'["{"x" * 2**22}"]'))
        ),
    )
    fine = NewMeterValues(
        station_id=number, values=(good,), readings=reading(session, at(90, 2000))
    )
    plain = reading(session, at(91, 2001))[0]
    told = await write(stores, fine, *bad[:3], plain, *bad[3:], fine)
    assert [why is None for why in told] == [
        True,
        *[False] * 3,
        True,
        *[False] * 4,
        True,
    ]
    found = await stores.transactions.get_meter_values(number, limit=9)
    assert found == (good, good)
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(91, 2001)


async def test_a_time_that_is_none_is_not_claimed(stores: Stores) -> None:
    """The value is kept as one whose time nobody knows."""
    connector = await standard(stores)
    frame = NewMeterValues(
        station_id=connector.station_id, values=(value(claimed_at=float("nan")),)
    )
    assert await write(stores, frame) == [None]
    found = await stores.transactions.get_meter_values(connector.station_id, limit=9)
    assert found == (value(claimed_at=None),)


async def test_a_frame_after_the_end_changes_no_session(stores: Stores) -> None:
    """It is kept all the same."""
    connector = await standard(stores)
    over, _ = await stores.transactions.end(sealed(await running(stores, connector)))
    frame = NewMeterValues(
        station_id=connector.station_id,
        values=(value(over),),
        readings=reading(over, at(2000, 9000, 99)),
    )
    assert await write(stores, frame) == [None]
    store = stores.transactions
    assert await store.get_transaction(over.session_id) == over
    assert await store.get_last_reading(over.session_id) == at(2000, 9000, 99)
    found = await store.get_meter_values(connector.station_id, limit=9)
    assert found == (value(over),)


async def test_a_backlog_is_put_in_its_order(stores: Stores) -> None:
    """The newest reading is the latest taken, in whatever order frames came."""
    connector = await standard(stores)
    session = await running(stores, connector)
    late, early = at(500, 5000), at(100, 2000)
    for one in (late, early):
        frame = NewMeterValues(
            station_id=connector.station_id,
            values=(value(session),),
            readings=reading(session, one),
        )
        assert await write(stores, frame) == [None]
    store = stores.transactions
    assert await store.get_last_reading(session.session_id) == late
    assert await store.get_first_reading(session.session_id) == early
    assert (await store.get_transaction(session.session_id)).meter_last_wh == 5000


async def test_a_session_whose_meter_values_come_is_not_silent(stores: Stores) -> None:
    """However old they are by the station's word, and whether they tell a register."""
    connector = await standard(stores)
    session = await running(stores, connector)
    sampled = value(session, claimed_at=T0 + 61, received_at=T0 + 500)
    older = value(session, claimed_at=T0 + 62, received_at=T0 + 400)
    frame = NewMeterValues(station_id=connector.station_id, values=(sampled, older))
    await write(stores, frame)
    silent = stores.transactions.get_silent
    assert await silent(T0 + 499) == ()
    assert await silent(T0 + 500) == (session,)


async def test_a_session_is_settled_with_its_frames(stores: Stores) -> None:
    """A stop waits for what frames tell of it, and for their values."""
    connector = await standard(stores)
    session = await running(stores, connector)
    told: list[Exception | None] = []
    for number in range(20):
        frame = NewMeterValues(
            station_id=connector.station_id,
            values=(value(session),) if number % 2 else (),
            readings=() if number % 2 else reading(session, at(number, number)),
        )
        stores.readings.add_values(frame, told.append)
    await stores.readings.settled(session.session_id)
    assert told == [None] * 20
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(18, 18)
    found = await stores.transactions.get_meter_values(connector.station_id, limit=99)
    assert len(found) == 10
