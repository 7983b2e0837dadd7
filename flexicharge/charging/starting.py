"""Starting a reserved session: stored first, then asked of the station."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.charging.seams import COMMAND_TIMEOUT_S, Seams
from flexicharge.charging.stopping import Stopping
from flexicharge.charging.waiting import patiently, watching
from flexicharge.errors import (
    CallRefused,
    CallTimedOut,
    ChargerOffline,
    MailboxFull,
    SessionNotStartable,
    StartRefused,
)
from flexicharge.model.commands import RemoteStart, Verdict
from flexicharge.model.session import (
    FINAL,
    RESERVED_FOR_S,
    RUNNING,
    Session,
    SessionState,
)

DECIDED: Final = (*RUNNING, *FINAL, SessionState.RESERVED)


@define(eq=False)
class Starting:
    """Has stations start sessions; what a station says later moves the session on."""

    _seams: Seams
    _stopping: Stopping
    _being_asked: dict[int, Session] = field(factory=dict, init=False)
    _log = Logger()

    async def start(self, session: Session, authorization_token: str | None) -> Session:
        """Return the session when it charges, or as it stands after one second.

        Raise `SessionNotStartable`, `ChargerOffline`, `StartRefused` or `PaymentError`;
        it is then still reserved, unless it is over.
        """
        seams = self._seams
        if session.state in RUNNING:
            return session
        if session.state in FINAL:
            raise SessionNotStartable(session.state)
        if not await seams.stations.is_connected(session.serial_number):
            raise ChargerOffline(session.serial_number)
        await seams.payments.authorise(session, authorization_token)
        with watching(seams, session.session_id, *DECIDED) as decided:
            await self._begin(session)
            await decided.within(seams.limits.start_stop_answer_after)
        session = await seams.transactions.get_transaction(session.session_id)
        if session.state not in (SessionState.STARTING, *RUNNING):
            raise StartRefused(session.state)
        return session

    async def late_verdict(self, command: RemoteStart, verdict: Verdict) -> None:
        """Act on a station's answer that came after its deadline."""
        if verdict is not Verdict.ACCEPTED:
            await self._take_back(command.session_id)

    async def _begin(self, session: Session) -> None:
        """Ask the station, unless that is under way already."""
        if session.session_id in self._being_asked:
            return
        seams, now = self._seams, self._seams.clock.seconds()
        self._being_asked[session.session_id] = session
        try:
            starting = await seams.transactions.begin_start(
                session.session_id, now, now + RESERVED_FOR_S
            )
        except BaseException:
            del self._being_asked[session.session_id]
            raise
        seams.changed(starting)
        seams.background.spawn(
            f"starting session {session.session_id}", self._ask_station(starting)
        )

    async def _ask_station(self, session: Session) -> None:
        try:
            is_starting = session.state is SessionState.STARTING
            if is_starting and await self._is_refused(session):
                await self._take_back(session.session_id)
        finally:
            del self._being_asked[session.session_id]

    async def _is_refused(self, session: Session) -> bool:
        """Tell whether the station will surely not start; doubt keeps it starting."""
        command = RemoteStart(
            connector_id=session.connector_id, session_id=session.session_id
        )
        try:
            verdict = await self._seams.stations.command(
                session.serial_number, command, COMMAND_TIMEOUT_S
            )
        except CallTimedOut:
            return False
        except ChargerOffline as why:
            return not why.sent
        except (CallRefused, MailboxFull) as why:
            self._log.info(
                "{serial_number} will not start session {session_id}: {why}",
                serial_number=session.serial_number,
                session_id=session.session_id,
                why=why,
            )
            return True
        return verdict is not Verdict.ACCEPTED

    async def _take_back(self, session_id: int) -> None:
        seams = self._seams
        reserved = await patiently(
            lambda: seams.transactions.return_to_reserved(session_id),
            seams.clock,
            f"the refused start of session {session_id}",
        )
        seams.changed(reserved)
        self._stopping.will_not_start(reserved)
