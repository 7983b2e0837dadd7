"""Stopping a session: stored first, then asked of the station, safe to repeat."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.charging.ending import Ending
from flexicharge.charging.seams import COMMAND_TIMEOUT_S, Seams
from flexicharge.charging.waiting import patiently, watching
from flexicharge.errors import (
    CallRefused,
    CallTimedOut,
    ChargerOffline,
    DatabaseAway,
    MailboxFull,
    SessionUnknown,
)
from flexicharge.model.commands import RemoteStop, Verdict
from flexicharge.model.events import SessionChanged
from flexicharge.model.session import FINAL, EndReason, Session, SessionState

ASK_AGAIN_S: Final = 60.0
# The fielded charger refuses a stop while it waits for the car, which it does for 15 s
# (contract §3.5); only then does its refusal mean that nothing will charge.
REFUSAL_COUNTS_AFTER_S: Final = 20.0
GIVEN_UP_FOR_S: Final = 300.0
# A station that accepted a stop says so itself within moments, or leaves and returns.
STOPS_WITHIN_S: Final = 5.0


@define(eq=False)
class Stopping:
    """Has stations stop sessions; a stop that was asked for is never forgotten."""

    _seams: Seams
    _ending: Ending
    _being_asked: dict[int, Session] = field(factory=dict, init=False)
    _given_up: dict[int, Session] = field(factory=dict, init=False)
    _accepted_at: dict[int, float] = field(factory=dict, init=False)
    _log = Logger()

    async def stop(self, session: Session) -> Session:
        """Return the session when it is over, or as it stands after one second.

        A session that never started is cancelled. One whose station is away or slow
        stays `stopping`: the station is asked again when it returns.
        """
        seams, session_id = self._seams, session.session_id
        with watching(seams, session_id, *FINAL) as over:
            session = await self._begin(session_id)
            if session.state is SessionState.STOPPING:
                if not self._was_accepted_just_now(session_id):
                    self.ask(session)
                await over.within(seams.limits.start_stop_answer_after)
                session = await seams.transactions.get_transaction(session_id)
            else:
                seams.changed(session)
        return session

    def session_changed(self, event: SessionChanged) -> None:
        """Remember a session that was given up while its station may yet start it."""
        session = event.session
        if session.state in FINAL:
            self._accepted_at.pop(session.session_id, None)
        if session.state is SessionState.CANCELLED and session.start_requested_at:
            self._given_up[session.connector_id] = session
        elif session.state is SessionState.CHARGING and session.user_id is not None:
            self._given_up.pop(session.connector_id, None)

    def will_not_start(self, session: Session) -> None:
        """Forget a session whose start was refused."""
        given_up = self._given_up.get(session.connector_id)
        if given_up is not None and given_up.session_id == session.session_id:
            del self._given_up[session.connector_id]

    def is_given_up(self, connector_id: int) -> bool:
        """Tell whether a start on a connector would be one that its driver gave up."""
        given_up = self._given_up.get(connector_id)
        if given_up is None or given_up.ended_at is None:
            return False
        if self._seams.clock.seconds() - given_up.ended_at > GIVEN_UP_FOR_S:
            del self._given_up[connector_id]
            return False
        return True

    async def stop_given_up(self, session: Session) -> Session:
        """Stop a session that started after its driver had given up.

        Nobody pays for it, so the station is told at once. Return it as it then stands.
        """
        seams = self._seams
        self._given_up.pop(session.connector_id, None)
        stopping = await patiently(
            lambda: seams.transactions.begin_stop(
                session.session_id, seams.clock.seconds()
            ),
            seams.clock,
            f"the stop of session {session.session_id}",
        )
        self.ask(stopping)
        return stopping

    def ask(self, session: Session) -> None:
        """Ask the station in the background, unless that is under way already."""
        if session.session_id not in self._being_asked:
            self._being_asked[session.session_id] = session
            self._seams.changed(session)
            self._seams.background.spawn(
                f"stopping session {session.session_id}", self._see_to_it(session)
            )

    async def late_verdict(self, command: RemoteStop, verdict: Verdict) -> None:
        """Act on a station's answer that came after its deadline."""
        await self._act_on(command.session_id, verdict)

    async def _begin(self, session_id: int) -> Session:
        """Commit that a stop is wanted; if the answer to that is lost, find out."""
        seams = self._seams
        try:
            return await seams.transactions.begin_stop(
                session_id, seams.clock.seconds()
            )
        except DatabaseAway:
            seams.background.spawn(
                f"the stop of session {session_id}", self._resume(session_id)
            )
            raise

    async def _resume(self, session_id: int) -> None:
        session = await self._stored(session_id)
        self._seams.changed(session)
        if session.state is SessionState.STOPPING:
            self.ask(session)

    async def _see_to_it(self, session: Session) -> None:
        """Ask, and ask a silent station again, for as long as there is any need."""
        try:
            while await self._must_ask_again(session):
                await deferLater(self._seams.clock, ASK_AGAIN_S)
                session = await self._stored(session.session_id)
                if session.state is not SessionState.STOPPING:
                    return
        except SessionUnknown:
            if not session.for_self_tests:  # those are deleted, whatever goes on
                raise
        finally:
            del self._being_asked[session.session_id]

    async def _must_ask_again(self, session: Session) -> bool:
        command = RemoteStop(
            connector_id=session.connector_id, session_id=session.session_id
        )
        try:
            verdict = await self._seams.stations.command(
                session.serial_number, command, COMMAND_TIMEOUT_S
            )
        except ChargerOffline:
            return False  # it is asked when it returns
        except (CallTimedOut, CallRefused, MailboxFull) as why:
            self._log.info(
                "{serial_number} did not take the stop of {session_id}: {why!r}",
                serial_number=session.serial_number,
                session_id=session.session_id,
                why=why,
            )
            return True
        return await self._act_on(session.session_id, verdict)

    async def _act_on(self, session_id: int, verdict: Verdict) -> bool:
        """Act on a station's word; return whether it must be asked again.

        It accepts a stop if and only if it charges. Refused, the session ends unless
        the station begins to charge after all.
        """
        if verdict is Verdict.ACCEPTED:
            self._note_accepted(session_id)
            return False
        if await self._goes_on_refused(session_id):
            return True
        refused_at = self._seams.clock.seconds()
        await deferLater(self._seams.clock, REFUSAL_COUNTS_AFTER_S)
        ended = await self._ending.at_last_reading(
            session_id, EndReason.NOT_CHARGING, unless_metered_since=refused_at
        )
        return not ended

    async def _goes_on_refused(self, session_id: int) -> bool:
        """Tell whether a session stays open whose stop was refused.

        A standard station may refuse for any reason, and says itself when it is over
        (OCA 028); that of the dialect refuses only what it does not do.
        """
        return (await self._stored(session_id)).at_standard_station

    def _note_accepted(self, session_id: int) -> None:
        """Remember a promise for as long as it counts; it may come after the end."""
        now = self._seams.clock.seconds()
        self._accepted_at = {
            number: at
            for number, at in self._accepted_at.items()
            if now - at < STOPS_WITHIN_S
        }
        self._accepted_at[session_id] = now

    def _was_accepted_just_now(self, session_id: int) -> bool:
        """Tell whether a station is about to end a session, as it said."""
        accepted_at = self._accepted_at.get(session_id)
        if accepted_at is None:
            return False
        return self._seams.clock.seconds() - accepted_at < STOPS_WITHIN_S

    async def _stored(self, session_id: int) -> Session:
        return await patiently(
            lambda: self._seams.transactions.get_transaction(session_id),
            self._seams.clock,
            f"the stop of session {session_id}",
        )
