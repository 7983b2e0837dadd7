"""Small real things that stand behind the operators' routes in their tests."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.actors.alarms import PublishedAlarms
from flexicharge.actors.background import Background
from flexicharge.actors.bus import LocalBus
from flexicharge.charging.beliefs import Beliefs, BeliefSeams
from flexicharge.charging.beliefs.availability import ConnectorState
from flexicharge.charging.beliefs.connection import Connection
from flexicharge.charging.beliefs.reservation import StationReservation
from flexicharge.charging.conformance.report import Report
from flexicharge.config import read_settings
from flexicharge.errors import NeverTried
from flexicharge.identity.keys import ServerKey
from flexicharge.model.session import EndFact, EndReason, Session
from flexicharge.model.site import Station
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryCommands,
    MemoryIdTags,
    MemoryStationBook,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.certificates import known_authority
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import NOW

SERVER_KEY: Final = ServerKey(b"k" * 32)


@define
class FakeClosing:
    """Ends charges at 1,500 Wh for nothing, and notes why."""

    _sessions: MemoryTransactions
    reasons: list[str] = field(factory=list, init=False)

    async def close(self, session: Session, reason: str) -> Session:
        """End a charge; the first reason stays."""
        self.reasons.append(reason)
        closed, _ = await self._sessions.end(
            EndFact(
                session_id=session.session_id,
                meter_stop_wh=1500,
                energy_wh=500,
                price_ore=0,
                ended_at=NOW,
                reason=EndReason.OPERATOR,
                stop_reason=reason,
            )
        )
        return closed


@define
class FakeCommands:
    """Keeps commands, and settles them when and as the test says."""

    _store: MemoryCommands
    _chargers: MemoryChargers
    refusal: BaseException | None = None
    known: Deferred[tuple[CommandState, Any]] = field(factory=Deferred, init=False)
    given: list[tuple[str, str, dict[str, Any], float]] = field(
        factory=list, init=False
    )

    async def give(
        self, serial_number: str, action: str, payload: dict[str, Any], timeout_s: float
    ) -> StationCommand:
        """Keep it, unless there is something to refuse it for."""
        station = await self._chargers.get_station(serial_number)
        if self.refusal is not None:
            raise self.refusal
        self.given.append((serial_number, action, payload, timeout_s))
        command = StationCommand(
            command_id=str(UUID(int=len(self.given))),
            station_id=station.station_id,
            serial_number=serial_number,
            action=action,
            payload=payload,
            asked_at=NOW,
            deadline_at=NOW + timeout_s,
        )
        await self._store.add_command(command)
        return command

    async def settled(self, command: StationCommand) -> StationCommand:
        """Return a command with what the test says became of it."""
        state, response = await self.known
        return await self._store.settle(command.command_id, state, NOW + 1, response)


@define
class FakeKnown:
    """Believes of every station what the test says."""

    states: tuple[ConnectorState, ...] = ()
    held: tuple[StationReservation, ...] = ()
    last: Connection | None = None

    async def connection(self, station: Station) -> Connection | None:
        """Return the connection."""
        return self.last

    async def connector_states(self, station: Station) -> tuple[ConnectorState, ...]:
        """Return the states."""
        return self.states

    async def reservations(self, station: Station) -> tuple[StationReservation, ...]:
        """Return the reservations."""
        return self.held


@define
class FakeTries:
    """Has tried chargers, and come to what the test says."""

    report: Report | None = None
    refusal: BaseException | None = None
    over: Deferred[Report] = field(factory=Deferred, init=False)
    begun: list[str] = field(factory=list, init=False)
    waits_s: list[float] = field(factory=list, init=False)

    async def begin(self, serial_number: str) -> Report:
        """Begin, unless there is something to refuse it for."""
        if self.refusal is not None:
            raise self.refusal
        assert self.report is not None
        self.begun.append(serial_number)
        return self.report

    async def ended(self, serial_number: str, within_s: float) -> Report:
        """Wait until the test says that it is over."""
        self.waits_s.append(within_s)
        return await self.over

    async def last(self, serial_number: str) -> Report:
        """Return what the test says."""
        if self.report is None:
            raise NeverTried(serial_number)
        return self.report


def beliefs_on(world: MemoryWorld, clock: Clock) -> Beliefs:
    """Return what is believed of the stations of a world; the test may set `give`."""
    return Beliefs(
        BeliefSeams(
            book=MemoryStationBook(world),
            chargers=MemoryChargers(world),
            transactions=MemoryTransactions(world),
            tags=MemoryIdTags(world),
            authority=known_authority(read_settings({}), clock, SeededEntropy()),
            clock=clock,
            alarms=PublishedAlarms(LocalBus(clock)),
            background=Background(),
            credential_of=SERVER_KEY.station_credential,
        )
    )
