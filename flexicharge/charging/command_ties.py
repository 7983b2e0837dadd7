"""Which session came of an operator's command, or was meant by it."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.charging.beliefs import Beliefs
from flexicharge.charging.command_seams import CommandSeams
from flexicharge.charging.waiting import patiently
from flexicharge.errors import SessionUnknown
from flexicharge.model.events import SessionChanged
from flexicharge.model.id_tag import same_tag
from flexicharge.model.session import Session, SessionState
from flexicharge.model.site import Station
from flexicharge.model.station_command import OPEN, CommandState, StationCommand

REMOTE_START: Final = "RemoteStartTransaction"
REMOTE_STOP: Final = "RemoteStopTransaction"
LOOKED_AT: Final = 20
STARTS_WITHIN_S: Final = 600.0
LAST_NUMBER: Final = (1 << 63) - 1  # of a session that can be on record
ANSWERED: Final = (CommandState.RESULT, CommandState.LATE, CommandState.SENT)


@frozen
class CommandTies:
    """Ties commands to sessions, on record."""

    _seams: CommandSeams
    _beliefs: Beliefs

    async def named(self, command: StationCommand, number: int) -> None:
        """Tie a remote stop to the session that it names, if that is one of here."""
        seams = self._seams
        if not 0 < number <= LAST_NUMBER:
            return
        try:
            session = await patiently(
                lambda: seams.transactions.get_transaction(number),
                seams.clock,
                "a remote stop",
            )
        except SessionUnknown:
            return
        if session.station_id == command.station_id:
            await self._tie(command, session)

    def session_changed(self, event: SessionChanged) -> None:
        """Look for the remote start that a session may have come of."""
        session = event.session
        if session.state is SessionState.CHARGING and session.id_tag:
            self._seams.background.spawn(
                f"what session {session.session_id} came of", self._find_start(session)
            )

    async def _find_start(self, session: Session) -> None:
        """Tie the remote start that a session came of: the newest that it fits."""
        seams = self._seams
        commands = await patiently(
            lambda: seams.store.get_commands(
                session.station_id, actions=(REMOTE_START,), limit=LOOKED_AT
            ),
            seams.clock,
            "a remote start",
        )
        if not commands:
            return
        station = await patiently(
            lambda: seams.chargers.get_station(session.serial_number),
            seams.clock,
            "a remote start",
        )
        number = station.number_of(session.connector_id)
        since = await self._orders_stand_since(station, number)
        for command in commands:
            if command.session_id == session.session_id:
                return
            if command.asked_at >= since and _fits(command, session, number):
                await self._tie(command, session)
                return

    async def _orders_stand_since(self, station: Station, number: int) -> float:
        """Return when a remote start must have been given that still can be fulfilled.

        Where nobody plugged in, it lapsed with that (OCA 011_2).
        """
        known, clock = self._beliefs.known, self._seams.clock
        given_up_at = await patiently(
            lambda: known.given_up_at(station, number), clock, "a remote start"
        )
        return max(clock.seconds() - STARTS_WITHIN_S, given_up_at or 0.0)

    async def _tie(self, command: StationCommand, session: Session) -> None:
        store = self._seams.store
        await patiently(
            lambda: store.tie(command.command_id, session.session_id),
            self._seams.clock,
            f"what came of {command.action}",
        )


def _fits(command: StationCommand, session: Session, number: int) -> bool:
    """Tell whether a session can have come of a remote start."""
    asked = command.payload
    refused = (
        command.state not in (*ANSWERED, *OPEN)
        or (command.response or {}).get("status", "Accepted") != "Accepted"
    )
    return (
        not refused
        and command.session_id is None
        and same_tag(str(asked.get("idTag", "")), session.id_tag)
        and asked.get("connectorId") in (None, number)
    )
