"""What standard stations say of their connectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall

from flexicharge.charging.standard.clocks import StationClock, is_plausible
from flexicharge.charging.standard.learning import Learning
from flexicharge.charging.standard.seams import StandardSeams
from flexicharge.model.requests import ConnectorReport
from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.model.site import Connector, Station
from flexicharge.model.status import ConnectorStatus

# A stop may wait behind others in the station's queue, each tried again and again.
STOP_AFTER_AVAILABLE_S: Final = 300.0
CLOCK_WAS_SET_S: Final = 60.0


@define(eq=False)
class Reports:
    """Takes reports; of a connector the newest wins, whatever order they come in."""

    _own: StandardSeams
    _learning: Learning
    _register_of: Callable[[int], int | None]
    _claimed_at: dict[int, float] = field(factory=dict, init=False)
    _words: dict[int, tuple[ConnectorStatus, float]] = field(factory=dict, init=False)
    _overdue: dict[int, IDelayedCall] = field(factory=dict, init=False)

    def take(
        self,
        station: Station,
        report: ConnectorReport,
        session: Session | None,
        at: float,
        clock: StationClock,
    ) -> None:
        """Take a report; `session` is the one that runs on that connector."""
        own = self._own
        clock.is_live_at(report.claimed_at, at)
        self._learning.status_noted(station, report, at)
        connector = station.numbered(report.connector_number)
        if connector is None or report.status is None:
            return  # the station itself, one we do not know, or a word nobody knows
        if self._is_stale(connector, report.claimed_at, at):
            return
        self._words[connector.connector_id] = (report.status, at)
        own.statuses.note(connector.connector_id, report.status)
        if session is not None:
            own.heard.reported(session.session_id, at)
            self.follow(session, report.status)

    def is_faulted(self, connector: Connector) -> bool:
        """Tell whether a connector said last that it is Faulted."""
        known = (connector.status, 0.0)
        word, _ = self._words.get(connector.connector_id, known)
        return word is ConnectorStatus.FAULTED

    def look_again(self, session: Session) -> None:
        """Follow a report that came while it could not be told what it was of."""
        word, at = self._words.get(session.connector_id, (None, 0.0))
        if word is not None and at > (session.started_at or 0.0) and not session.aside:
            self.follow(session, word)

    def restate(self, session: Session) -> None:
        """Show again what was reported after a charge that we were told of late."""
        word, _ = self._words.get(session.connector_id, (None, 0.0))
        if word is not None and not session.aside:
            self._own.statuses.note(session.connector_id, word)

    def stop_is_not_overdue(self, session_id: int) -> None:
        """Wait for a stop no longer: it came, or the connector charges again."""
        timer = self._overdue.pop(session_id, None)
        if timer is not None:
            timer.cancel()

    def wind_down(self) -> None:
        """Cancel all timers; sessions left open end by their grace period."""
        for session_id in list(self._overdue):
            self.stop_is_not_overdue(session_id)

    def booted(self, station: Station) -> None:
        """Forget the times of reports: the station's clock may have been set since."""
        for connector in station.connectors:
            self._claimed_at.pop(connector.connector_id, None)

    def _is_stale(
        self, connector: Connector, claimed_at: float | None, at: float
    ) -> bool:
        """Tell whether a report is older than one of its connector that is known.

        A minute less may be a clock that was set.
        """
        if claimed_at is None or not is_plausible(claimed_at, at):
            return False
        newest = self._claimed_at.get(connector.connector_id, claimed_at)
        self._claimed_at[connector.connector_id] = max(newest, claimed_at)
        return claimed_at < newest - CLOCK_WAS_SET_S

    def follow(self, session: Session, word: ConnectorStatus) -> None:
        """End a session whose connector is free, if its stop does not come.

        Or one whose driver wants it to end, and whose connector is finishing.
        """
        is_stopping = session.state is SessionState.STOPPING
        is_over = word is ConnectorStatus.AVAILABLE or (
            word is ConnectorStatus.FINISHING and is_stopping
        )
        if not is_over:
            if word is ConnectorStatus.CHARGING:
                self.stop_is_not_overdue(session.session_id)
            return
        if session.session_id not in self._overdue:
            self._wait_for_stop(session.session_id)

    def _wait_for_stop(self, session_id: int) -> None:
        self._overdue[session_id] = self._own.seams.clock.callLater(
            STOP_AFTER_AVAILABLE_S,
            self._end_overdue,
            session_id,
            self._register_of(session_id),
        )

    def _end_overdue(self, session_id: int, register_wh: int | None) -> None:
        """End a session, unless energy flows: it was an old word that came late.

        Readings alone prove nothing: an idle connector may be read as well.
        """
        del self._overdue[session_id]
        if self._register_of(session_id) != register_wh:
            self._wait_for_stop(session_id)
            return
        self._own.seams.background.spawn(
            f"ending session {session_id}, whose stop never came",
            self._own.ending.at_last_reading(
                session_id, EndReason.AVAILABLE, unless_metered_since=None
            ),
        )
