"""Closing a charge by an operator's hand, where its station will never end it."""

from __future__ import annotations

from typing import Final

import msgspec
from attrs import frozen

from flexicharge.charging.ending import Ending, StopSaid
from flexicharge.charging.seams import Seams
from flexicharge.model.session import RUNNING, EndReason, Session

CLOSED: Final = "operatorClosed"  # the kind of fact that this is


@frozen
class OperatorClosing:
    """Ends single charges because an operator says so, and keeps why."""

    _seams: Seams
    _ending: Ending

    async def close(self, session: Session, reason: str) -> Session:
        """End a charge at its last reading; one that does not run stays as it is.

        Its station is told nothing: a stop that it sends later is kept as a fact.
        """
        if session.state not in RUNNING:
            return session
        at = self._seams.clock.seconds()
        closed, by_this = await self._ending.at_register(
            session, None, EndReason.OPERATOR, at=at, said=StopSaid(reason=reason)
        )
        if by_this:
            await self._seams.transactions.keep_fact(
                closed.station_id,
                closed.session_id,
                CLOSED,
                at,
                msgspec.json.encode({"reason": reason}).decode(),
            )
        return closed
