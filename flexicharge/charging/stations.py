"""What a station tells us, and what that does to sessions and connectors."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from flexicharge.charging.ending import Ending, StopSaid
from flexicharge.charging.heard import Heard
from flexicharge.charging.partings import Partings
from flexicharge.charging.repeats import MAX_CLAIM, Repeats, natural_key
from flexicharge.charging.seams import Seams
from flexicharge.charging.statuses import StatusWriter
from flexicharge.charging.stopping import Stopping
from flexicharge.charging.waiting import patiently
from flexicharge.interfaces.stores import NewReading
from flexicharge.model.events import SessionChanged
from flexicharge.model.metering import MAX_WH, MeterReading
from flexicharge.model.requests import Boot, Evidence, Metered, Started, Stopped
from flexicharge.model.session import (
    FINAL,
    RUNNING,
    UNSTARTED,
    EndReason,
    Session,
    SessionState,
    StartFact,
)
from flexicharge.model.site import BootFact, Connector, Station
from flexicharge.model.status import ConnectorStatus

STOP_AFTER_AVAILABLE_S: Final = 5.0


@define(eq=False)
class StationCharging:
    """The use cases that a station's own frames set off."""

    _seams: Seams
    _ending: Ending
    _stopping: Stopping
    _statuses: StatusWriter
    _heard: Heard
    _repeats: Repeats
    _partings: Partings
    _overdue: dict[int, IDelayedCall] = field(factory=dict, init=False)
    _refresh_due_at: dict[int, float] = field(factory=dict, init=False)
    _log = Logger()

    async def arrived(self, station: Station) -> tuple[Session, ...]:
        """Note that a station is here; return its running and unstarted sessions.

        A session whose driver asked for its stop while the station was away is stopped
        now.
        """
        seams, at = self._seams, self._seams.clock.seconds()
        await seams.chargers.station_connected(station.station_id, at)
        sessions = await self.open_sessions(station)
        for session in sessions:
            if session.state is SessionState.STOPPING:
                self._stopping.ask(session)
        return sessions

    async def open_sessions(self, station: Station) -> tuple[Session, ...]:
        """Return a station's running and unstarted sessions."""
        return await self._seams.transactions.get_open_for_station(station.station_id)

    async def left(self, station: Station) -> None:
        """Note that a station's connection was lost."""
        await self._partings.note(station.station_id)

    async def booted(self, station: Station, boot: Boot) -> None:
        """Note what a station says of itself."""
        seams = self._seams
        fact = BootFact(
            vendor=boot.vendor,
            model=boot.model,
            firmware=boot.firmware,
            booted_at=seams.clock.seconds(),
        )
        await patiently(
            lambda: seams.chargers.station_booted(station.station_id, fact),
            seams.clock,
            f"the boot of {station.serial_number}",
        )

    async def advertised_price(self, station: Station) -> Decimal:
        """Return SEK per kWh for a station's screen, as soon as it can be known."""
        seams = self._seams
        return await patiently(
            lambda: seams.pricing.advertised(
                station.sek_per_kwh, seams.clock.seconds()
            ),
            seams.clock,
            f"the price for {station.serial_number}",
        )

    async def started(
        self,
        station: Station,
        connector: Connector,
        running: Session | None,
        start: Started,
        evidence: Evidence,
    ) -> Session:
        """Commit that energy flows; waits for the database.

        Return the session. A start without any is kept, unbilled, rather than refused.
        One that was said before changes nothing: its session is what it began then.
        """
        seams, key = self._seams, natural_key(start, evidence.at)
        begun = await self._repeats.started_before(station, connector, key, evidence.at)
        if begun is not None:
            return begun
        if running is not None:
            await seams.readings.settled(running.session_id)
        fact = StartFact(
            station_id=station.station_id,
            connector_id=connector.connector_id,
            meter_start_wh=start.meter_start_wh,
            started_at=evidence.at,
            claimed=evidence.claimed[:MAX_CLAIM],
            key=key,
            given_up=self._stopping.is_given_up(connector.connector_id),
        )
        return await self._start(station, fact)

    async def _start(self, station: Station, fact: StartFact) -> Session:
        seams = self._seams
        held = await self._held_by_others(station, fact) if fact.given_up else ()
        session = await patiently(
            lambda: seams.transactions.start(fact),
            seams.clock,
            f"a start at {station.serial_number}",
        )
        if session.user_id is None:
            seams.alarms.raise_alarm(
                "energy without a payer",
                serial_number=station.serial_number,
                session_id=session.session_id,
            )
        for session_id in held:
            await self._has_made_way(session_id)
        seams.changed(session)
        if fact.given_up and session.user_id is None:
            session = await self._stopping.stop_given_up(session)
        return session

    async def _held_by_others(
        self, station: Station, fact: StartFact
    ) -> tuple[int, ...]:
        """Return the sessions that a start may make way for which was given up.

        Somebody else has reserved the connector since, but has not asked to start.
        """
        sessions = await patiently(
            lambda: self.open_sessions(station), self._seams.clock, "a start"
        )
        return tuple(
            session.session_id
            for session in sessions
            if session.connector_id == fact.connector_id and session.state in UNSTARTED
        )

    async def _has_made_way(self, session_id: int) -> None:
        """Tell everyone of a session that was cancelled by somebody's late start."""
        seams = self._seams
        session = await patiently(
            lambda: seams.transactions.get_transaction(session_id),
            seams.clock,
            "a start",
        )
        if session.state is SessionState.CANCELLED:
            seams.changed(session)

    def metered(
        self,
        session: Session,
        metered: Metered,
        at: float,
        done: Callable[[Exception | None], None],
    ) -> None:
        """Queue a reading of a running session, taken `at`; `done` after its commit.

        A frame without an energy is done at once. Raise `MailboxFull`.
        """
        self._heard.metered(session.session_id, at)
        register_wh = _register(session, metered)
        if register_wh is None:
            self._log.debug(
                "{serial_number}: a reading of {session_id} tells no energy",
                serial_number=session.serial_number,
                session_id=session.session_id,
            )
            done(None)
            return
        reading = MeterReading(
            energy_wh=register_wh,
            taken_at=at,
            power_w=metered.power_w,
            percent=metered.percent,
        )
        refresh = at >= self._refresh_due_at.get(session.session_id, at)
        self._seams.readings.add(NewReading(session.session_id, reading, refresh), done)
        if refresh:
            interval = self._seams.limits.refresh_interval
            self._refresh_due_at[session.session_id] = at + interval

    async def stopped(
        self,
        station: Station,
        session: Session | None,
        stop: Stopped,
        evidence: Evidence,
    ) -> bool:
        """Commit a station's stop; waits for the database.

        Without a running session it is kept as evidence; then return whether the
        station ever had one that this can be the stop of. One that was said before
        changes nothing.
        """
        session = session or await self._running_on(station)
        if await self._repeats.stopped_before(station, session, stop, evidence):
            return True
        if session is None:
            return await self._repeats.keep_stop(station, stop, evidence)
        self._stop_is_not_overdue(session.session_id)
        driver_asked = session.state is SessionState.STOPPING
        _, first = await self._ending.at_register(
            session,
            stop.meter_stop_wh,
            EndReason.DRIVER if driver_asked else EndReason.STATION,
            at=evidence.at,
            said=StopSaid(
                claimed=evidence.claimed[:MAX_CLAIM],
                key=natural_key(stop, evidence.at),
            ),
        )
        if not first:
            await self._repeats.keep_stop(station, stop, evidence)
        return True

    def reported(
        self, connector: Connector, word: ConnectorStatus, session: Session | None
    ) -> None:
        """Take a connector's new word; `session` is the one that runs there."""
        self._statuses.note(connector.connector_id, word)
        if session is None:
            return
        self._heard.reported(session.session_id, self._seams.clock.seconds())
        if word is ConnectorStatus.AVAILABLE:
            self._became_available(session)
        elif word is ConnectorStatus.CHARGING:
            self._stop_is_not_overdue(session.session_id)

    def _became_available(self, session: Session) -> None:
        """Wait five seconds for the stop of a session whose connector is free again.

        The dialect's charger says Available before its StopTransaction. One that goes
        on metering is not free: it was an old word that came late.
        """
        if session.session_id not in self._overdue:
            clock = self._seams.clock
            self._overdue[session.session_id] = clock.callLater(
                STOP_AFTER_AVAILABLE_S,
                self._end_overdue,
                session.session_id,
                clock.seconds(),
            )

    def _stop_is_not_overdue(self, session_id: int) -> None:
        """Wait for a stop no longer: it came, or the connector charges again."""
        timer = self._overdue.pop(session_id, None)
        if timer is not None:
            timer.cancel()

    def forget(self, session_id: int) -> None:
        """Drop what is remembered about a session that is over."""
        self._stop_is_not_overdue(session_id)
        self._refresh_due_at.pop(session_id, None)
        self._heard.forget(session_id)

    def session_changed(self, event: SessionChanged) -> None:
        """Take note of any session that was committed, wherever it was."""
        self._statuses.session_changed(event.session)
        if event.session.state in FINAL:
            self.forget(event.session.session_id)

    def wind_down(self) -> None:
        """Cancel all timers; sessions left open end by their grace period."""
        for session_id in list(self._overdue):
            self._stop_is_not_overdue(session_id)

    def _end_overdue(self, session_id: int, available_at: float) -> None:
        del self._overdue[session_id]
        self._seams.background.spawn(
            f"ending session {session_id}, whose stop never came",
            self._ending.at_last_reading(
                session_id, EndReason.AVAILABLE, unless_metered_since=available_at
            ),
        )

    async def _running_on(self, station: Station) -> Session | None:
        """Return the only session that the store says is running on a station."""
        sessions = await patiently(
            lambda: self.open_sessions(station),
            self._seams.clock,
            f"a stop at {station.serial_number}",
        )
        running = [session for session in sessions if session.state in RUNNING]
        return running[0] if len(running) == 1 else None


def _register(session: Session, metered: Metered) -> int | None:
    """Return the register that a reading means, in Wh."""
    if metered.register_wh is not None:
        return metered.register_wh
    if metered.charged_wh is None:
        return None
    return min((session.meter_start_wh or 0) + metered.charged_wh, MAX_WH)
