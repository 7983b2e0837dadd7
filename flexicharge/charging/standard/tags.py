"""What a tag is good for: one of a session, or one that is on record."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.charging.seams import Seams
from flexicharge.charging.standard.clocks import PAST_AFTER_S
from flexicharge.charging.waiting import patiently
from flexicharge.errors import SessionUnknown
from flexicharge.interfaces import IIdTagStore
from flexicharge.model.id_tag import (
    UNKNOWN_TAG,
    IdTag,
    TagStatus,
    TagVerdict,
    may_end,
    same_tag,
    session_of_tag,
    verdict_on,
)
from flexicharge.model.session import FINAL, UNSTARTED, EndReason, Session
from flexicharge.model.site import Station

GOOD: Final = TagVerdict(TagStatus.ACCEPTED)


@frozen
class Judged:
    """A verdict on a tag; the session whose own tag it is; and who pays otherwise."""

    verdict: TagVerdict
    session: Session | None = None
    user_id: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether it may charge."""
        return self.verdict.status is TagStatus.ACCEPTED


@frozen
class Tags:
    """Judges tags; waits for the database."""

    _seams: Seams
    _store: IIdTagStore

    async def shown(self, station: Station, id_tag: str) -> TagVerdict:
        """Return what a tag is good for that was shown to a station.

        It may be shown to end what it began there, so that is not held against it.
        """
        is_own, session = await self._session_of(station, id_tag)
        if is_own:
            is_open = session is not None and session.state not in FINAL
            return GOOD if is_open else UNKNOWN_TAG
        charging = await self._charging(id_tag)
        elsewhere = [
            session.connector_id
            for session in charging
            if session.station_id != station.station_id
        ]
        return verdict_on(
            await self._get(id_tag), self._seams.clock.seconds(), charging_at=elsewhere
        )

    async def starting(
        self, station: Station, connector_id: int, id_tag: str, began_at: float
    ) -> Judged:
        """Return what a tag is good for under which energy flows on a connector.

        What came after `began_at` is not held against it: it may be told of late.
        """
        judged = await self._own(station, connector_id, id_tag, began_at)
        if judged is not None:
            return judged
        tag = await self._get(id_tag)
        charging = [
            session.connector_id
            for session in await self._charging(id_tag)
            if session.opened_at <= began_at + PAST_AFTER_S
        ]
        verdict = verdict_on(tag, began_at, charging_at=charging, at=connector_id)
        pays = tag is not None and verdict.status is TagStatus.ACCEPTED
        return Judged(verdict, user_id=tag.user_id if tag and pays else None)

    async def ending(
        self, station: Station, session: Session | None, id_tag: str
    ) -> tuple[TagVerdict, bool]:
        """Return what a tag is good for that stopped a session, and whether it may.

        A stop is taken whoever it is of: the energy has flowed.
        """
        verdict = await self.shown(station, id_tag)
        if session is None or same_tag(session.id_tag, id_tag):
            return verdict, True
        started_by, shown = await self._get(session.id_tag), await self._get(id_tag)
        if shown is not None and shown.user_id and shown.user_id == session.user_id:
            return verdict, True
        if started_by is None or shown is None:
            return verdict, False
        return verdict, may_end(started_by, shown)

    async def _own(
        self, station: Station, connector_id: int, id_tag: str, began_at: float
    ) -> Judged | None:
        """Return what a session's own tag is good for; None if it is of no session."""
        is_own, session = await self._session_of(station, id_tag)
        if not is_own:
            return None
        if session is None or session.connector_id != connector_id:
            return Judged(UNKNOWN_TAG)
        if session.state in UNSTARTED:
            return Judged(GOOD, session)
        if _lapsed_after(session, began_at):
            return Judged(GOOD, user_id=session.user_id)
        return Judged(UNKNOWN_TAG)

    async def _session_of(
        self, station: Station, id_tag: str
    ) -> tuple[bool, Session | None]:
        """Return whether a tag is of a session, and that session if it is here."""
        number = session_of_tag(id_tag)
        if number is None or await self._get(id_tag) is not None:
            return False, None
        try:
            session = await patiently(
                lambda: self._seams.transactions.get_transaction(number),
                self._seams.clock,
                f"the tag of session {number}",
            )
        except SessionUnknown:
            return True, None
        return True, session if session.station_id == station.station_id else None

    async def _get(self, id_tag: str) -> IdTag | None:
        return await patiently(
            lambda: self._store.get_tag(id_tag), self._seams.clock, "a tag"
        )

    async def _charging(self, id_tag: str) -> tuple[Session, ...]:
        if not id_tag:
            return ()
        return await patiently(
            lambda: self._seams.transactions.get_running_with_tag(id_tag),
            self._seams.clock,
            "what a tag charges",
        )


def _lapsed_after(session: Session, began_at: float) -> bool:
    """Tell whether a session was only thought not to have been started in its time.

    Its driver had asked for the start, and it came in time, but we were told too late.
    """
    return (
        session.end_reason is EndReason.EXPIRED
        and session.start_requested_at is not None
        and session.opened_at <= began_at <= (session.ended_at or 0.0)
    )
