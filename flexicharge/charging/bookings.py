"""Bookings whose time has come: sessions are opened for them, and stations told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from flexicharge.charging.reserving import Reserving
from flexicharge.charging.seams import Seams
from flexicharge.errors import DatabaseAway
from flexicharge.model.session import Session

ASK_AGAIN_S: Final = 60.0
BATCH: Final = 100  # connectors that are locked together
MOST_AT_ONCE: Final = 1000  # so many begin, and so many stations are asked, per sweep


@define(eq=False)
class Bookings:
    """Lets bookings begin, and has their stations hold them for as long as it takes.

    What begins is committed first, so that whoever starts after a crash finds it and
    asks the station. One that is busy or away when a booking is due is tried again,
    until the booking's end; nobody is turned out. Where very many are due at one time,
    some wait for the next sweep; whoever comes for one meanwhile is given it at once.
    """

    _seams: Seams
    _reserving: Reserving
    _asked_at: dict[int, float] = field(factory=dict, init=False)
    _server_started_at: float = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._server_started_at = self._seams.clock.seconds()

    async def begin(self) -> None:
        """Open a session for every booking that is due and can begin.

        Ask every station that does not hold its booking yet, at most once a minute.
        """
        store, now = self._seams.reservations, self._seams.clock.seconds()
        due = (await store.get_due(now))[:MOST_AT_ONCE]
        for first in range(0, len(due), BATCH):
            await self._open(due[first : first + BATCH], now)
        unheld = await store.get_unheld()
        numbers = {session.session_id for session in unheld}
        self._asked_at = {n: at for n, at in self._asked_at.items() if n in numbers}
        for session in unheld:
            await self._see_to(session, now)

    async def _open(self, connector_ids: Sequence[int], now: float) -> None:
        """Open what is due on connectors, in one commit if nothing is wrong with any.

        What is wrong with one must not keep the others from beginning.
        """
        store = self._seams.reservations
        try:
            await store.open_all_due(connector_ids, now)
        except (DatabaseAway, CancelledError):
            raise
        except Exception:  # whatever it is, it is about these alone
            self._log.failure("bookings cannot begin together")
            for connector_id in connector_ids:
                await self._open_one(connector_id, now)

    async def _open_one(self, connector_id: int, now: float) -> None:
        try:
            await self._seams.reservations.open_due(connector_id, now)
        except (DatabaseAway, CancelledError):
            raise
        except Exception:  # whatever it is, it is about these alone
            self._log.failure(
                "the booking of {connector_id} cannot begin", connector_id=connector_id
            )
            self._seams.alarms.raise_alarm(
                "a booking cannot begin", connector_id=connector_id
            )

    async def _see_to(self, session: Session, now: float) -> None:
        """Ask for a session, unless its station was asked just now or is not here.

        A station that was asked before, perhaps by a server that is no more, may call
        the connector Occupied because it holds it for this very session.
        """
        seams, asked_at = self._seams, self._asked_at.get(session.session_id)
        if asked_at is not None and now - asked_at < ASK_AGAIN_S:
            return
        if not await seams.stations.is_connected(session.serial_number):
            return
        if asked_at is None:
            seams.changed(session)
        self._asked_at[session.session_id] = now
        was_asked = asked_at is not None or session.opened_at < self._server_started_at
        seams.background.spawn(
            f"reserving for booking {session.session_id}",
            self._reserving.hold(session, again=was_asked),
        )
