"""What standard stations sampled: all of it is kept, and what is a session's counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import define, evolve, field, frozen
from twisted.logger import Logger

from flexicharge.charging.standard.clocks import StationClock
from flexicharge.charging.standard.seams import StandardSeams
from flexicharge.interfaces.stores import KeptMeterValue, NewMeterValues, NewReading
from flexicharge.model.metering import MeterReading
from flexicharge.model.requests import TakenValue
from flexicharge.model.session import RUNNING, Session
from flexicharge.model.site import Station

Done = Callable[[Exception | None], None]
# No connector delivers a megawatt and a half: whatever rises faster is no register.
FASTEST_W: Final = 1_500_000
SLACK_S: Final = 60.0
SECONDS_PER_HOUR: Final = 3600


@frozen
class Sampled:
    """What one frame has sampled, of which connector and session, and when it came."""

    connector_number: int
    session: Session | None
    values: tuple[TakenValue, ...]
    at: float

    @property
    def running(self) -> Session | None:
        """The session, if it runs: only then do readings count."""
        session = self.session
        return session if session is not None and session.state in RUNNING else None

    @property
    def kept(self) -> tuple[KeptMeterValue, ...]:
        """All of it, as it is kept."""
        return tuple(
            KeptMeterValue(
                connector_number=self.connector_number,
                session_id=None if self.session is None else self.session.session_id,
                claimed_at=value.claimed_at,
                received_at=self.at,
                samples=value.samples,
            )
            for value in self.values
        )


@frozen
class _Taken:
    """A reading at the time that counts for it, and at the one its station claims."""

    reading: MeterReading
    claimed_at: float | None = None

    def since(self, before: _Taken) -> float:
        """Return how long after another one it was read, as far as can be: seconds.

        By either clock: what comes late has the times of its arrival, perhaps.
        """
        lapses = [0.0, self.reading.taken_at - before.reading.taken_at]
        if self.claimed_at is not None and before.claimed_at is not None:
            lapses.append(self.claimed_at - before.claimed_at)
        return max(lapses)


@define(eq=False)
class Meters:
    """Keeps meter values, and makes readings of sessions of them."""

    _own: StandardSeams
    _refresh_due_at: dict[int, float] = field(factory=dict, init=False)
    _last: dict[int, _Taken] = field(factory=dict, init=False)
    _log = Logger()

    def keep(
        self, station: Station, sampled: Sampled, clock: StationClock, done: Done
    ) -> MeterReading | None:
        """Queue what was sampled; `done` after its commit.

        Return the newest state of the session that it tells of, unless it is of the
        past. Raise `MailboxFull`.
        """
        if not sampled.values:
            done(None)
            return None
        session, readings = sampled.running, self._readings(sampled, clock)
        if session is not None:
            self._own.heard.metered(session.session_id, sampled.at)
        new = NewMeterValues(
            station_id=station.station_id, values=sampled.kept, readings=readings
        )
        self._own.seams.readings.add_values(new, done)
        return None if session is None else self._newest(session, sampled, clock)

    def register_of(self, session_id: int) -> int | None:
        """Return the register that a session was read at last, in this process."""
        last = self._last.get(session_id)
        return None if last is None else last.reading.energy_wh

    def forget(self, session_id: int) -> None:
        """Drop what is remembered about a session that is over."""
        self._refresh_due_at.pop(session_id, None)
        self._last.pop(session_id, None)

    def _readings(
        self, sampled: Sampled, clock: StationClock
    ) -> tuple[NewReading, ...]:
        session, at = sampled.running, sampled.at
        if session is None:
            return ()
        told = [
            self._reading(session, value, at, clock)
            for value in sampled.values
            if value.register_wh is not None
        ]
        counts = [one for one in told if one is not None]
        if not counts:
            return ()
        is_due = at >= self._refresh_due_at.get(session.session_id, at)
        refresh = is_due and not clock.is_past(counts[-1].claimed_at, at)
        if refresh:
            interval = self._own.seams.limits.refresh_interval
            self._refresh_due_at[session.session_id] = at + interval
        return tuple(
            NewReading(session.session_id, one.reading, refresh) for one in counts
        )

    def _reading(
        self, session: Session, value: TakenValue, at: float, clock: StationClock
    ) -> _Taken | None:
        """Return a reading that can be one: no less than the start, nor risen too fast.

        What cannot is kept as it came, and counts for nothing. A register that has
        risen was read later, whatever time is claimed: the last one ends the session.
        """
        taken = _Taken(
            MeterReading(
                energy_wh=value.register_wh or 0,
                taken_at=clock.when(
                    value.claimed_at, at, not_before=session.started_at
                ),
                power_w=value.power_w,
                percent=value.percent,
            ),
            value.claimed_at,
        )
        before = self._last.get(session.session_id) or _at_start(session)
        if before is None:
            self._last[session.session_id] = taken
            return taken
        if not _may_follow(taken, before, session):
            self._set_aside(session, taken, before)
            return None
        has_risen = taken.reading.energy_wh >= before.reading.energy_wh
        if has_risen and taken.reading.taken_at < before.reading.taken_at:
            taken = evolve(
                taken, reading=evolve(taken.reading, taken_at=before.reading.taken_at)
            )
        if taken.reading.taken_at >= before.reading.taken_at:
            self._last[session.session_id] = taken
        return taken

    def _set_aside(self, session: Session, taken: _Taken, before: _Taken) -> None:
        self._log.warn(
            "{serial_number}: a register of {energy_wh} Wh after {before_wh} is set "
            "aside in session {session_id}",
            serial_number=session.serial_number,
            energy_wh=taken.reading.energy_wh,
            before_wh=before.reading.energy_wh,
            session_id=session.session_id,
        )

    def _newest(
        self, session: Session, sampled: Sampled, clock: StationClock
    ) -> MeterReading | None:
        at = sampled.at
        newest = max(
            (value for value in sampled.values if not value.tells_nothing),
            key=lambda value: value.claimed_at or at,
            default=None,
        )
        if newest is None or clock.is_past(newest.claimed_at, at):
            return None
        last = self._last.get(session.session_id) or _at_start(session)
        energy_wh = session.energy_so_far_wh + (session.meter_start_wh or 0)
        return MeterReading(
            energy_wh=energy_wh if last is None else last.reading.energy_wh,
            taken_at=newest.claimed_at or at,
            power_w=newest.power_w,
            percent=newest.percent,
        )


def _at_start(session: Session) -> _Taken | None:
    if session.meter_start_wh is None or session.started_at is None:
        return None
    return _Taken(
        MeterReading(energy_wh=session.meter_start_wh, taken_at=session.started_at)
    )


def _may_follow(taken: _Taken, before: _Taken, session: Session) -> bool:
    if taken.reading.energy_wh < (session.meter_start_wh or 0):
        return False
    rise_wh = taken.reading.energy_wh - before.reading.energy_wh
    hours = (taken.since(before) + SLACK_S) / SECONDS_PER_HOUR
    return rise_wh <= FASTEST_W * hours
