"""The writer of readings commits at once, or holds what it has till it can."""

from __future__ import annotations

import pytest
from attrs import define, field
from twisted.internet.task import Clock

from flexicharge.errors import MailboxFull, SessionUnknown, Stopping
from flexicharge.interfaces.stores import (
    KeptMeterValue,
    NewMeterValues,
    NewReading,
)
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import Session
from flexicharge.storage.memory import MemoryReadings, MemoryWorld
from flexicharge.testing.deferreds import fire, result_of


@define
class Askers:
    """Queues readings with rising registers and notes what each asker was told."""

    writer: MemoryReadings
    session_id: int
    told: list[tuple[int, type[Exception] | None]] = field(factory=list)

    def add(self, energy_wh: int, session_id: int | None = None) -> None:
        reading = MeterReading(energy_wh=energy_wh, taken_at=float(energy_wh))
        new = NewReading(session_id or self.session_id, reading, refresh=True)
        self.writer.add(
            new, lambda why: self.told.append((energy_wh, type(why) if why else None))
        )


@pytest.fixture
def askers(world: MemoryWorld, session: Session) -> Askers:
    """Askers of a writer that holds at most ten readings."""
    return Askers(MemoryReadings(world, limit=10), session.session_id)


def registers(world: MemoryWorld) -> list[int]:
    """Return what is committed, in time order."""
    return [reading.energy_wh for reading in world.readings.get(1, [])]


def test_a_reading_is_committed_at_once(world: MemoryWorld, askers: Askers) -> None:
    """Its asker is told before the next thing happens."""
    askers.add(1001)
    assert askers.told == [(1001, None)]
    assert registers(world) == [1001]
    result_of(askers.writer.settled(1))
    result_of(askers.writer.drained())


def test_readings_wait_for_a_database_that_is_away(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """They are tried again after 0.5 to 5 s, and committed in order when it is back."""
    world.faults.away = True
    for energy_wh in (1001, 1002, 1003):
        askers.add(energy_wh)
    tries = []
    for _ in range(6):
        (retry,) = clock.getDelayedCalls()
        tries.append(retry.getTime() - clock.seconds())
        clock.advance(tries[-1])
    assert tries == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert (askers.told, registers(world)) == ([], [])
    world.faults.away = False
    clock.advance(5.0)
    assert askers.told == [(1001, None), (1002, None), (1003, None)]
    assert registers(world) == [1001, 1002, 1003]
    assert not clock.getDelayedCalls()


def test_whoever_waits_is_let_go_after_the_commit(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """Those who wait for a session without held readings are not held up."""
    world.faults.away = True
    askers.add(1001)
    settled, drained = fire(askers.writer.settled(1)), fire(askers.writer.drained())
    result_of(askers.writer.settled(2))
    clock.advance(0.5)
    assert not settled.called
    assert not drained.called
    world.faults.away = False
    clock.advance(1.0)
    assert askers.told == [(1001, None)]
    result_of(settled)
    result_of(drained)


def test_waiting_does_not_include_what_comes_later(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """A stop waits for the readings before it, not for those after."""
    world.faults.slow(1.0)
    askers.add(1001)
    settled = fire(askers.writer.settled(1))
    askers.add(1002)
    clock.advance(1.0)
    result_of(settled)
    assert askers.told == [(1001, None)]
    clock.advance(1.0)
    assert askers.told == [(1001, None), (1002, None)]


def test_only_so_many_readings_are_held(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """Over the bound they are refused, until those before are committed."""
    world.faults.away = True
    for energy_wh in range(10):
        askers.add(energy_wh)
    with pytest.raises(MailboxFull):
        askers.add(10)
    world.faults.away = False
    clock.advance(0.5)
    askers.add(11)
    assert registers(world) == [*range(10), 11]


def frame(*energies_wh: int) -> NewMeterValues:
    """Return a frame with one value, and readings of a session."""
    value = KeptMeterValue(
        connector_number=1,
        session_id=1,
        claimed_at=None,
        received_at=1.0,
        samples="[]",
    )
    readings = (
        NewReading(1, MeterReading(energy_wh=wh, taken_at=float(wh)), refresh=True)
        for wh in energies_wh
    )
    return NewMeterValues(station_id=1, values=(value,), readings=tuple(readings))


def test_frames_wait_for_a_database_that_is_away(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """They count for all their rows, and whoever waits for their session waits."""
    told: list[Exception | None] = []
    world.faults.away = True
    askers.writer.add_values(frame(*range(1001, 1010)), told.append)
    settled = fire(askers.writer.settled(1))
    with pytest.raises(MailboxFull):
        askers.add(1010)
    with pytest.raises(MailboxFull):
        askers.writer.add_values(frame(), told.append)
    assert not settled.called
    world.faults.away = False
    clock.advance(0.5)
    assert (told, settled.called) == ([None], True)
    assert registers(world) == list(range(1001, 1010))
    assert len(world.meter_values.newest(1, None, 10)) == 1
    askers.add(1010)
    assert registers(world)[-1] == 1010


def test_a_lost_answer_writes_a_reading_once_more(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """Energy is a difference of registers, so that costs nobody; one is told once."""
    world.faults.fail_next("add", before_commit=False)
    askers.add(1001)
    assert askers.told == []
    clock.advance(0.5)
    assert askers.told == [(1001, None)]
    assert registers(world) == [1001, 1001]


def test_a_reading_of_no_session_is_refused_alone(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """The others of its commit are written."""
    world.faults.away = True
    askers.add(1001)
    askers.add(1002, session_id=77)
    askers.add(1003)
    world.faults.away = False
    clock.advance(0.5)
    assert askers.told == [(1001, None), (1002, SessionUnknown), (1003, None)]
    assert registers(world) == [1001, 1003]


def test_an_asker_may_add_another(world: MemoryWorld, askers: Askers) -> None:
    """From within the word that its reading is committed."""
    reading = MeterReading(energy_wh=1, taken_at=1.0)
    new = NewReading(1, reading, refresh=False)
    askers.writer.add(new, lambda _: askers.add(1002))
    assert askers.told == [(1002, None)]
    assert registers(world) == [1, 1002]


def test_an_asker_that_fails_harms_nobody(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """The next one is told all the same."""
    world.faults.away = True
    new = NewReading(1, MeterReading(energy_wh=1, taken_at=1.0), refresh=False)

    def fail(_: Exception | None) -> None:
        raise RuntimeError("asker")

    askers.writer.add(new, fail)
    askers.add(1002)
    world.faults.away = False
    clock.advance(0.5)
    assert askers.told == [(1002, None)]


def test_a_closed_writer_tells_everybody(
    world: MemoryWorld, askers: Askers, clock: Clock
) -> None:
    """What is not committed never will be, and nothing more is taken."""
    world.faults.away = True
    askers.add(1001)
    settled = fire(askers.writer.settled(1))
    askers.writer.close()
    assert askers.told == [(1001, Stopping)]
    with pytest.raises(Stopping):
        result_of(settled)
    with pytest.raises(Stopping):
        askers.add(1002)
    world.faults.away = False
    clock.advance(60.0)
    assert registers(world) == []
    assert not clock.getDelayedCalls()


def test_a_writer_with_nothing_to_do_closes_quietly(
    world: MemoryWorld, askers: Askers
) -> None:
    """What was committed stays."""
    askers.add(1001)
    askers.writer.close()
    MemoryReadings(world).close()
    assert registers(world) == [1001]
