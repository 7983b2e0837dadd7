"""Runs over chargers: begun by operators, one at a time for each, and kept."""

from __future__ import annotations

from typing import Final

from attrs import define, evolve, field, frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.beliefs.giving import Give
from flexicharge.charging.beliefs.known import Known
from flexicharge.charging.conformance.busy import Busyness
from flexicharge.charging.conformance.report import Report, Run, RunState, Tried
from flexicharge.charging.conformance.shelf import KIND, Shelf
from flexicharge.charging.conformance.trial import Trial
from flexicharge.charging.waiting import patiently
from flexicharge.errors import (
    ChargerOffline,
    ConformanceUnderWay,
    NeverTried,
    UnusableValue,
)
from flexicharge.interfaces import (
    IBackground,
    IBus,
    IChargerStore,
    IStationBook,
    IStations,
    ITransactionStore,
)
from flexicharge.model.site import Protocol, Station

SPOKEN: Final = Protocol.OCPP_1_6


@frozen(kw_only=True, repr=False)
class ConformanceSeams:
    """What runs stand on."""

    clock: IReactorTime
    chargers: IChargerStore
    transactions: ITransactionStore
    book: IStationBook
    known: Known
    stations: IStations
    bus: IBus
    background: IBackground
    carry_out: Give


@define(eq=False)
class _Running:
    """A run that goes on here, as far as it has come, and who waits for its end."""

    report: Report
    waiting: list[Deferred[None]] = field(factory=list)


@define(eq=False)
class Conformance:
    """Tries chargers, and keeps what the last run over each has come to."""

    _seams: ConformanceSeams
    _running: dict[int, _Running] = field(factory=dict, init=False)

    async def begin(self, serial_number: str) -> Report:
        """Begin a run over a connected charger; return it as it begins.

        Raise `StationUnknown`, `UnusableValue` for one that does not speak OCPP 1.6,
        `ChargerOffline`, `ConformanceUnderWay`, or `DatabaseAway`.
        """
        seams = self._seams
        station = await seams.chargers.get_station(serial_number)
        if station.protocol is not SPOKEN:
            raise UnusableValue("the station does not speak OCPP 1.6")
        if not await seams.stations.is_connected(serial_number):
            raise ChargerOffline(serial_number)
        if station.station_id in self._running:
            raise ConformanceUnderWay(serial_number)
        report = Report(run=Run(started_at=seams.clock.seconds()))
        running = self._running[station.station_id] = _Running(report)
        try:
            await self._shelf.begin(station.station_id, report.run)
        except BaseException:
            self._end(station.station_id, running)
            raise
        seams.background.spawn(
            f"the conformance of {serial_number}", self._see_through(station, running)
        )
        return running.report

    async def ended(self, serial_number: str, within_s: float) -> Report:
        """Return the last run once it is over, or as it is then; raise as `last`."""
        station = await self._seams.chargers.get_station(serial_number)
        running = self._running.get(station.station_id)
        if running is None:
            return await self._last(station)
        over: Deferred[None] = Deferred()
        over.addTimeout(within_s, self._seams.clock, lambda *_: None)
        running.waiting.append(over)
        await over
        return running.report

    async def last(self, serial_number: str) -> Report:
        """Return the last run over a charger as it stands, on record or not.

        Raise `StationUnknown`, or `NeverTried`.
        """
        record = await self._seams.chargers.station_on_record(serial_number)
        return await self._last(record.station)

    async def _last(self, station: Station) -> Report:
        running = self._running.get(station.station_id)
        if running is not None:
            return running.report
        report = await self._shelf.last(station.station_id)
        if report is None:
            raise NeverTried(station.serial_number)
        is_cut_off = report.run.state is RunState.RUNNING
        return report.cut_off() if is_cut_off else report

    async def _see_through(self, station: Station, running: _Running) -> None:
        seams = self._seams

        async def keep(run: Run, tried: Tried) -> None:
            report = running.report
            running.report = Report(run=run, tries=(*report.tries, tried))
            await patiently(
                lambda: self._shelf.add(
                    station.station_id, run, tried, len(report.tries)
                ),
                seams.clock,
                f"what {tried.probe} came to",
            )

        trial = Trial(
            station=station,
            run=running.report.run,
            carry_out=seams.carry_out,
            busyness=Busyness(seams.known, seams.transactions),
            bus=seams.bus,
            clock=seams.clock,
            tell=keep,
        )
        try:
            await self._close(station, running, await trial.go())
        finally:
            self._end(station.station_id, running)

    async def _close(self, station: Station, running: _Running, why: str) -> None:
        """Put the end of a run on record, and among what happened at the station."""
        seams, at = self._seams, self._seams.clock.seconds()
        state = RunState.ABORTED if why else RunState.DONE
        run = evolve(running.report.run, ended_at=at, state=state, why=why)
        running.report = report = Report(run=run, tries=running.report.tries)
        summary = {
            "status": state.value,
            "percent": report.percent,
            **{verdict.value: count for verdict, count in report.counts.items()},
        }

        async def write() -> None:
            await self._shelf.end(station.station_id, run, at)
            await seams.book.note(station.station_id, KIND, summary, at)

        await patiently(write, seams.clock, "the end of a conformance run")

    def _end(self, station_id: int, running: _Running) -> None:
        del self._running[station_id]
        for over in running.waiting:
            if not over.called:
                over.callback(None)

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self._seams.book)
