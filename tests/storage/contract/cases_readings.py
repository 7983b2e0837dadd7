"""What every `IReadingStore` writes, and how an `ITransactionStore` finds it."""

from __future__ import annotations

from attrs import evolve

from flexicharge.interfaces.stores import NewReading
from flexicharge.model.metering import MAX_WH, MeterReading

from .stores import HOUR, T0, Stores, at, charger, charging, sealed, write


async def test_a_reading_is_written_as_it_is(stores: Stores) -> None:
    """Whoever asked is told after the commit, and the newest reading is found."""
    session = await charging(stores, await charger(stores))
    reading = MeterReading(
        energy_wh=MAX_WH, taken_at=T0 + 61.5, power_w=-11_000, percent=42
    )
    assert await write(stores, session.session_id, reading) == [None]
    last = stores.transactions.get_last_reading
    assert await last(session.session_id) == reading
    bare = at(62, 1001)
    assert await write(stores, session.session_id, bare) == [None]
    assert await last(session.session_id) == bare


async def test_the_time_of_a_reading_is_kept_to_the_microsecond(
    stores: Stores,
) -> None:
    """What is finer is rounded, the same everywhere."""
    session = await charging(stores, await charger(stores))
    await write(stores, session.session_id, at(61.12345678, 2000))
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(61.123457, 2000)


async def test_a_session_without_readings_has_none(stores: Stores) -> None:
    """There is no newest reading and no hour."""
    session = await charging(stores, await charger(stores))
    assert await stores.transactions.get_last_reading(session.session_id) is None
    assert await stores.transactions.get_hourly_readings(session.session_id) == ()


async def test_readings_belong_to_their_session(stores: Stores) -> None:
    """Those of others are not seen."""
    one = await charging(stores, await charger(stores, "a"))
    other = await charging(stores, await charger(stores, "b"))
    await write(stores, other.session_id, at(90, 7000))
    await write(stores, one.session_id, at(80, 2000))
    last = await stores.transactions.get_last_reading(one.session_id)
    assert last == at(80, 2000)


async def test_the_newest_reading_is_the_latest_taken(stores: Stores) -> None:
    """Not the latest that came; of two taken at once it is the one that came later."""
    session = await charging(stores, await charger(stores))
    await write(
        stores,
        session.session_id,
        at(90, 2000),
        at(120, 3000),
        at(120, 3001),
        at(60, 1),
    )
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(120, 3001)


async def test_a_refreshing_reading_renews_the_session(stores: Stores) -> None:
    """The last register never falls, and a percentage stays until there is another."""
    session = await charging(stores, await charger(stores))
    for reading, meter_wh, percent in (
        (at(90, 2000, 40), 2000, 40),
        (at(120, 1900, 41), 2000, 41),
        (at(150, 2100), 2100, 41),
    ):
        await write(stores, session.session_id, reading)
        found = await stores.transactions.get_transaction(session.session_id)
        assert found == evolve(session, meter_last_wh=meter_wh, percent=percent)
    assert found.energy_so_far_wh == 1100


async def test_other_readings_leave_the_session_alone(stores: Stores) -> None:
    """They are kept for the bill; the row is not written for each of them."""
    session = await charging(stores, await charger(stores))
    await write(stores, session.session_id, at(90, 2000, 40), refresh=False)
    found = await stores.transactions.get_transaction(session.session_id)
    assert found == session
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(90, 2000, 40)


async def test_a_late_reading_does_not_change_what_is_sealed(stores: Stores) -> None:
    """It is kept all the same."""
    session = await charging(stores, await charger(stores))
    over, _ = await stores.transactions.end(sealed(session))
    assert await write(stores, session.session_id, at(2000, 9000, 99)) == [None]
    assert await stores.transactions.get_transaction(session.session_id) == over
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(2000, 9000, 99)


async def test_a_reading_of_no_session_stops_no_other(stores: Stores) -> None:
    """Its asker is told what stood against it, and all others are committed."""
    session = await charging(stores, await charger(stores))
    told: dict[int, Exception | None] = {}

    def add(number: int, session_id: int) -> None:
        new = NewReading(session_id, at(number, number), refresh=False)
        stores.readings.add(new, lambda why: told.update({number: why}))

    for number in range(7):
        add(number, 10**6 if number == 3 else session.session_id)
    await stores.readings.drained()
    assert [number for number, why in told.items() if why is not None] == [3]
    assert sorted(told) == list(range(7))
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(6, 6)


async def test_a_reading_at_no_time_stops_no_other(stores: Stores) -> None:
    """What is no time cannot be stored; the writer goes on."""
    session = await charging(stores, await charger(stores))
    for never in (float("inf"), float("-inf"), float("nan")):
        told = await write(
            stores, session.session_id, at(1, 1001), at(never, 1002), at(2, 1003)
        )
        assert [why is None for why in told] == [True, False, True]
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(2, 1003)


async def test_what_is_settled_can_be_read(stores: Stores) -> None:
    """Start and stop wait for a session's readings, and then find them all."""
    session = await charging(stores, await charger(stores))
    told: list[Exception | None] = []
    for number in range(50):
        reading = at(60 + number, 1000 + number)
        new = NewReading(session.session_id, reading, refresh=True)
        stores.readings.add(new, told.append)
    await stores.readings.settled(session.session_id)
    assert told == [None] * 50
    last = await stores.transactions.get_last_reading(session.session_id)
    assert last == at(109, 1049)


async def test_nothing_to_wait_for_is_settled_at_once(stores: Stores) -> None:
    """A session without queued readings holds nobody up."""
    await stores.readings.settled(12345)
    await stores.readings.drained()


async def test_a_session_that_is_read_is_not_silent(stores: Stores) -> None:
    """What counts is the newest reading, wherever in time it came."""
    session = await charging(stores, await charger(stores))
    await write(stores, session.session_id, at(500, 2000), at(400, 1900), refresh=False)
    silent = stores.transactions.get_silent
    assert await silent(T0 + 499.999) == ()
    assert await silent(T0 + 500) == (session,)


async def test_hours_are_shown_by_their_first_and_last_reading(stores: Stores) -> None:
    """One that is alone in its hour comes once; the order is that of time."""
    session = await charging(stores, await charger(stores))
    readings = [
        at(-0.5, 1),
        at(0, 2),
        at(10, 3),
        at(HOUR - 0.5, 4),
        at(2 * HOUR, 5),
        at(5 * HOUR + 1, 6),
        at(5 * HOUR + 2, 7),
    ]
    await write(stores, session.session_id, *readings[::-1], refresh=False)
    found = await stores.transactions.get_hourly_readings(session.session_id)
    assert [reading.energy_wh for reading in found] == [1, 2, 4, 5, 6, 7]
    assert found == tuple(reading for reading in readings if reading.energy_wh != 3)


async def test_readings_of_one_moment_keep_the_order_they_came_in(
    stores: Stores,
) -> None:
    """The first and the last of an hour are told apart by it."""
    session = await charging(stores, await charger(stores))
    await write(
        stores, session.session_id, at(60, 7), at(60, 9), at(60, 8), refresh=False
    )
    found = await stores.transactions.get_hourly_readings(session.session_id)
    assert found == (at(60, 7), at(60, 8))
