"""Sessions that should be over by all that was said, and go on: people are told."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.kept import whole_of
from flexicharge.charging.beliefs.seams import BeliefSeams
from flexicharge.charging.waiting import patiently
from flexicharge.model.requests import ConnectorReport
from flexicharge.model.session import RUNNING, Session
from flexicharge.model.site import Station
from flexicharge.model.status import ConnectorStatus

STOP_OVERDUE: Final = "stopOverdue"
REMOTE_STOP: Final = "remoteStop"  # the station has agreed to stop it
FINISHING: Final = "finishing"  # its connector says that it is over
# A charger may take its time to let a car go; nobody keeps a plug in for an hour.
AFTER_REMOTE_STOP_S: Final = 300.0
AFTER_FINISHING_S: Final = 3_600.0
Expected = tuple[str, int, int]  # why, the station, its connector or the session


@define(eq=False)
class Overdue:
    """Tells of sessions that go on; it ends none, for energy may still flow.

    What is waited for is not remembered beyond a restart.
    """

    _seams: BeliefSeams
    _waiting: dict[Expected, IDelayedCall] = field(factory=dict, init=False)

    async def ordered(self, answered: Answered) -> None:
        """Expect the end of a session that a station has agreed to stop."""
        session_id = whole_of(answered.asked.get("transactionId"))
        if answered.is_done and session_id is not None:
            expected = (REMOTE_STOP, answered.station.station_id, session_id)
            self._expect(expected, AFTER_REMOTE_STOP_S)

    def noted(self, station: Station, report: ConnectorReport) -> None:
        """Expect the end of what runs on a connector that is finishing."""
        connector = station.numbered(report.connector_number)
        if connector is None:
            return
        expected = (FINISHING, station.station_id, connector.connector_id)
        if report.status is ConnectorStatus.FINISHING:
            self._expect(expected, AFTER_FINISHING_S)
        else:
            self._expect_no_longer(expected)

    def wind_down(self) -> None:
        """Wait for nothing more."""
        for expected in list(self._waiting):
            self._expect_no_longer(expected)

    def _expect(self, expected: Expected, within_s: float) -> None:
        if expected not in self._waiting:
            clock = self._seams.clock
            self._waiting[expected] = clock.callLater(within_s, self._due, expected)

    def _expect_no_longer(self, expected: Expected) -> None:
        timer = self._waiting.pop(expected, None)
        if timer is not None:
            timer.cancel()

    def _due(self, expected: Expected) -> None:
        del self._waiting[expected]
        self._seams.background.spawn("looking for an end", self._look(expected))

    async def _look(self, expected: Expected) -> None:
        why, station_id, number = expected
        seams = self._seams
        found = await patiently(
            lambda: seams.transactions.get_open_for_station(station_id),
            seams.clock,
            "an end that is due",
        )
        for session in found:
            if session.state in RUNNING and _is_meant(session, why, number):
                await self._tell(session, why)

    async def _tell(self, session: Session, why: str) -> None:
        seams, number = self._seams, session.session_id
        seams.alarms.raise_alarm(
            "a session goes on",
            serial_number=session.serial_number,
            session_id=number,
            why=why,
        )
        body, at = {"transactionId": number, "why": why}, seams.clock.seconds()
        await patiently(
            lambda: seams.book.note(session.station_id, STOP_OVERDUE, body, at),
            seams.clock,
            f"that session {number} goes on",
        )


def _is_meant(session: Session, why: str, number: int) -> bool:
    if why == REMOTE_STOP:
        return session.session_id == number
    return session.connector_id == number and not session.aside
