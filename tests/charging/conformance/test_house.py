"""Runs that break off, that cannot begin, and that nobody waits for any more."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.actors.bus import LocalBus
from flexicharge.charging.conformance import Conformance, ConformanceSeams
from flexicharge.charging.conformance.report import Report, RunState
from flexicharge.charging.conformance.table import PROBES
from flexicharge.errors import (
    CallTimedOut,
    ChargerOffline,
    ConformanceUnderWay,
    DatabaseAway,
    NeverTried,
    StationUnknown,
    UnusableValue,
)
from flexicharge.interfaces import IStations
from flexicharge.model.commands import Command, RawAnswer, RawCall, Verdict
from flexicharge.model.site import Protocol
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.testing.deferreds import fire, result_of
from tests.charging.beliefs.stage import SERIAL, Stage

JsonObject = dict[str, Any]


@implementer(IStations)
@define
class FakeStations:
    """Everybody is connected, unless the test says otherwise."""

    stage: Stage
    connected: bool = True
    takes_the_database: bool = False

    async def is_connected(self, serial_number: str) -> bool:
        if self.takes_the_database:
            self.stage.world.faults.away = True
        return self.connected

    async def command(
        self, serial_number: str, command: Command, timeout: float
    ) -> Verdict:
        raise CallTimedOut

    async def call(
        self, serial_number: str, asked: RawCall, timeout: float
    ) -> RawAnswer:
        raise CallTimedOut


@define(eq=False)
class Scene:
    """A station, and commands to it that are refused, or wait for the test."""

    clock: Clock
    stage: Stage = field(init=False)
    stations: FakeStations = field(init=False)
    conformance: Conformance = field(init=False)
    refusal: Exception | None = None
    waiting: Deferred[StationCommand] = field(factory=Deferred)
    asked: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.stage = Stage(self.clock)
        self.stations = FakeStations(self.stage)
        self.restart()

    def restart(self) -> None:
        """Start anew on what the world has kept."""
        self.conformance = Conformance(
            ConformanceSeams(
                clock=self.clock,
                chargers=self.stage.chargers,
                transactions=self.stage.transactions,
                book=self.stage.book,
                known=self.stage.known,
                stations=self.stations,
                bus=LocalBus(self.clock),
                background=self.stage.background,
                carry_out=self.carry_out,
            )
        )

    async def carry_out(
        self, serial_number: str, action: str, payload: JsonObject, timeout_s: float
    ) -> StationCommand:
        self.asked.append(action)
        if self.refusal is not None:
            raise self.refusal
        return await self.waiting

    def answer(self, state: CommandState, response: JsonObject | None = None) -> None:
        """Have what is asked now come to something, and wait for what is next."""
        waiting, self.waiting = self.waiting, Deferred()
        waiting.callback(
            StationCommand(
                command_id="c",
                station_id=1,
                serial_number=SERIAL,
                action=self.asked[-1],
                payload={},
                asked_at=0,
                deadline_at=20,
                state=state,
                response=response,
            )
        )

    def begin(self) -> Report:
        """Begin a run."""
        return result_of(self.conformance.begin(SERIAL))

    def last(self) -> Report:
        """Return the last run."""
        return result_of(self.conformance.last(SERIAL))


@pytest.fixture
def scene(clock: Clock) -> Scene:
    """A station that was never tried."""
    return Scene(clock)


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (ChargerOffline(SERIAL), "the connection was lost"),
        (StationUnknown(SERIAL), "the station was taken off the record"),
        (DatabaseAway(), "the database could not be reached"),
    ],
)
def test_a_run_that_cannot_go_on_is_aborted(
    scene: Scene, refusal: Exception, why: str
) -> None:
    """It says why, and what was not come to."""
    scene.refusal = refusal
    scene.begin()
    run = scene.last().run
    assert (run.state, run.why, run.ended_at) == (
        RunState.ABORTED,
        why,
        scene.stage.now,
    )
    assert len(scene.last().features) == len({probe.action for probe in PROBES})
    (event,) = scene.stage.events("conformance")
    assert event.body["status"] == "aborted"
    assert event.body["percent"] is None


def test_the_end_of_a_run_waits_for_the_database(scene: Scene, clock: Clock) -> None:
    """What was found out is not lost with an outage."""
    scene.begin()
    scene.stage.world.faults.away = True
    scene.answer(CommandState.ERROR, {"errorCode": "NotSupported"})
    clock.advance(1)
    scene.stage.world.faults.away = False
    clock.advance(5)
    assert len(scene.last().tries) == 1
    scene.restart()
    (tried,) = scene.last().tries
    assert (tried.verdict, tried.frames) == ("refused", ())


def test_what_is_lost_is_the_last_that_is_tried(scene: Scene) -> None:
    """Also while it is looked whether anybody answers at all."""
    scene.begin()
    scene.answer(CommandState.RESULT, {"configurationKey": []})
    scene.answer(CommandState.TIMEOUT)
    assert scene.asked[-1] == "GetConfiguration"
    scene.answer(CommandState.LOST)
    report = scene.last()
    assert (report.run.state, report.run.why) == ("aborted", "the connection was lost")
    assert [tried.verdict for tried in report.tries] == ["wrong", "wrong"]


def test_a_run_that_cannot_be_kept_is_none(scene: Scene) -> None:
    """The next one may begin."""
    scene.stations.takes_the_database = True
    with pytest.raises(DatabaseAway):
        scene.begin()
    scene.stations.takes_the_database = False
    scene.stage.world.faults.away = False
    with pytest.raises(NeverTried):
        scene.last()
    assert scene.begin().run.state is RunState.RUNNING


def test_a_run_is_begun_where_it_can_be(scene: Scene) -> None:
    """Once at a time, over a connected station, that is there and speaks OCPP 1.6."""
    with pytest.raises(StationUnknown):
        result_of(scene.conformance.begin("nobody"))
    scene.stations.connected = False
    with pytest.raises(ChargerOffline):
        scene.begin()
    scene.stations.connected = True
    scene.begin()
    with pytest.raises(ConformanceUnderWay):
        scene.begin()
    changes: Any = {"protocol": Protocol.DIALECT}
    result_of(scene.stage.chargers.put_station(SERIAL, changes, scene.stage.now))
    with pytest.raises(UnusableValue):
        scene.begin()


def test_the_end_is_waited_for_as_long_as_is_said(scene: Scene, clock: Clock) -> None:
    """Each waits for themselves; whoever comes later has it at once."""
    scene.begin()
    short = fire(scene.conformance.ended(SERIAL, 5))
    long = fire(scene.conformance.ended(SERIAL, 50))
    clock.advance(5)
    assert result_of(short).run.state is RunState.RUNNING
    assert not long.called
    scene.answer(CommandState.LOST)
    assert result_of(long).run.state is RunState.ABORTED
    assert result_of(scene.conformance.ended(SERIAL, 5)) == scene.last()


def test_a_run_that_was_cut_off_is_not_said_to_go_on(scene: Scene) -> None:
    """By the server that finds it on record, and does not go on with it."""
    scene.begin()
    assert scene.last().run.state is RunState.RUNNING
    scene.restart()
    assert scene.last().run.state is RunState.ABORTED
    assert scene.begin().run.state is RunState.RUNNING


def test_a_fake_keeps_to_its_seam(scene: Scene) -> None:
    """So that the tests say something of the real one."""
    assert verifyObject(IStations, scene.stations)
