"""Bookings whose time has come: sessions are opened for them, and stations told."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from flexicharge.charging.reserving import Reserving
from flexicharge.charging.seams import Seams
from flexicharge.model.session import Session

ASK_AGAIN_S: Final = 60.0


@define(eq=False)
class Bookings:
    """Lets bookings begin, and has their stations hold them for as long as it takes.

    What begins is committed first, so that whoever starts after a crash finds it and
    asks the station. One that is busy or away when a booking is due is tried again,
    until the booking's end; nobody is turned out.
    """

    _seams: Seams
    _reserving: Reserving
    _asked_at: dict[int, float] = field(factory=dict, init=False)

    async def begin(self) -> None:
        """Open a session for every booking that is due and can begin.

        Ask every station that does not hold its booking yet, at most once a minute.
        """
        store, now = self._seams.reservations, self._seams.clock.seconds()
        for connector_id in await store.get_due(now):
            await store.open_due(connector_id, now)
        unheld = await store.get_unheld()
        numbers = {session.session_id for session in unheld}
        self._asked_at = {n: at for n, at in self._asked_at.items() if n in numbers}
        for session in unheld:
            await self._see_to(session, now)

    async def _see_to(self, session: Session, now: float) -> None:
        seams, asked_at = self._seams, self._asked_at.get(session.session_id)
        if asked_at is not None and now - asked_at < ASK_AGAIN_S:
            return
        if not await seams.stations.is_connected(session.serial_number):
            return
        if asked_at is None:
            seams.changed(session)
        self._asked_at[session.session_id] = now
        seams.background.spawn(
            f"reserving for booking {session.session_id}",
            self._reserving.hold(session),
        )
