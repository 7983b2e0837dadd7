"""Stopping a session: stored first, then asked of the station, safe to repeat."""

from __future__ import annotations

from attrs import define, field
from twisted.logger import Logger

from flexicharge.charging.ending import Ending
from flexicharge.charging.seams import COMMAND_TIMEOUT_S, Seams
from flexicharge.charging.waiting import watching
from flexicharge.errors import CallRefused, CallTimedOut, ChargerOffline, MailboxFull
from flexicharge.model.commands import RemoteStop, Verdict
from flexicharge.model.session import FINAL, EndReason, Session, SessionState


@define(eq=False)
class Stopping:
    """Has stations stop sessions; a stop that was asked for is never forgotten."""

    _seams: Seams
    _ending: Ending
    _being_asked: dict[int, Session] = field(factory=dict, init=False)
    _log = Logger()

    async def stop(self, session: Session) -> Session:
        """Return the session when it is over, or as it stands after one second.

        A session that never started is cancelled. One whose station is away or slow
        stays `stopping`: the station is asked again when it returns.
        """
        seams, session_id = self._seams, session.session_id
        with watching(seams, session_id, *FINAL) as over:
            session = await seams.transactions.begin_stop(
                session_id, seams.clock.seconds()
            )
            if session.state is SessionState.STOPPING:
                self.ask(session)
                await over.within(seams.limits.start_stop_answer_after)
                session = await seams.transactions.get_transaction(session_id)
            else:
                seams.changed(session)
        return session

    def ask(self, session: Session) -> None:
        """Ask the station in the background, unless that is under way already."""
        if session.session_id not in self._being_asked:
            self._seams.changed(session)
            self._being_asked[session.session_id] = session
            self._seams.background.spawn(
                f"stopping session {session.session_id}", self._ask_station(session)
            )

    async def late_verdict(self, command: RemoteStop, verdict: Verdict) -> None:
        """Act on a station's answer that came after its deadline."""
        await self._act_on(command.session_id, verdict)

    async def _ask_station(self, session: Session) -> None:
        command = RemoteStop(
            connector_id=session.connector_id, session_id=session.session_id
        )
        try:
            verdict = await self._seams.stations.command(
                session.serial_number, command, COMMAND_TIMEOUT_S
            )
        except (CallTimedOut, ChargerOffline, CallRefused, MailboxFull) as why:
            self._log.info(
                "{serial_number} did not take the stop of {session_id}: {why!r}",
                serial_number=session.serial_number,
                session_id=session.session_id,
                why=why,
            )
            return
        finally:
            del self._being_asked[session.session_id]
        await self._act_on(session.session_id, verdict)

    async def _act_on(self, session_id: int, verdict: Verdict) -> None:
        """End the session if the station says that nothing is charging there.

        The fielded charger accepts a stop if and only if it charges (contract §3.5).
        """
        if verdict is not Verdict.ACCEPTED:
            await self._ending.at_last_reading(session_id, EndReason.NOT_CHARGING)
