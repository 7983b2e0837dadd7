"""One station, everything we believe of it, and operators who ask it things."""

from __future__ import annotations

import json
from typing import Any, Final

from attrs import define, field
from twisted.internet.task import Clock
from zope.interface import implementer

from flexicharge.actors.background import Background
from flexicharge.certificates.authority import LocalCa
from flexicharge.charging.beliefs import Beliefs, BeliefSeams
from flexicharge.charging.beliefs.known import Known
from flexicharge.identity.threads import at_once
from flexicharge.interfaces import IAlarms
from flexicharge.interfaces.station_book import Event
from flexicharge.model.commands import RawAnswer
from flexicharge.model.session import EndFact, EndReason, Session, TaggedStart
from flexicharge.model.site import Station
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryIdTags,
    MemoryStationBook,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.certificates import ORGANISATION, KnownIssuers
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy
from flexicharge.testing.memory import SERVER_KEY

SERIAL: Final = "CP001"
JsonObject = dict[str, Any]


@implementer(IAlarms)
@define(eq=False)
class RecordingAlarms:
    """Keeps what was raised."""

    raised: list[str] = field(factory=list)

    def raise_alarm(self, what: str, **fields: object) -> None:
        self.raised.append(what)


@define(eq=False)
class Stage:
    """A station on record in a world of its own; times go on only by `clock`."""

    clock: Clock
    shown: tuple[str, ...] = ()
    settles: bool = True
    world: MemoryWorld = field(init=False)
    alarms: RecordingAlarms = field(factory=RecordingAlarms)
    background: Background = field(factory=Background)
    beliefs: Beliefs = field(init=False)
    given: list[tuple[str, JsonObject]] = field(factory=list)
    answers: list[JsonObject] = field(factory=list)
    starts: int = 0
    _commands: int = 0

    def __attrs_post_init__(self) -> None:
        self.world = MemoryWorld(self.clock)
        self.restart()
        result_of(self.chargers.put_station(SERIAL, {"connectors": 2}, self.now))

    def restart(self) -> None:
        """Start anew on what the world has kept."""
        self.chargers = MemoryChargers(self.world)
        self.transactions = MemoryTransactions(self.world)
        self.tags = MemoryIdTags(self.world)
        self.book = MemoryStationBook(self.world)
        authority = LocalCa(
            issuers=KnownIssuers(),
            organisation=ORGANISATION,
            days=30,
            names_judged=True,
            clock=self.clock,
            entropy=SeededEntropy("stage"),
            run=at_once,
            shown=self.shown,
        )
        self.beliefs = Beliefs(
            BeliefSeams(
                book=self.book,
                chargers=self.chargers,
                transactions=self.transactions,
                tags=self.tags,
                authority=authority,
                clock=self.clock,
                alarms=self.alarms,
                background=self.background,
                credential_of=SERVER_KEY.station_credential,
                settles_doubts=self.settles,
            ),
            give=self.give,
        )

    chargers: MemoryChargers = field(init=False)
    transactions: MemoryTransactions = field(init=False)
    tags: MemoryIdTags = field(init=False)
    book: MemoryStationBook = field(init=False)

    @property
    def now(self) -> float:
        return self.clock.seconds()

    @property
    def station(self) -> Station:
        return result_of(self.chargers.get_station(SERIAL))

    @property
    def known(self) -> Known:
        return self.beliefs.known

    # an operator

    def ask(self, action: str, payload: JsonObject) -> StationCommand:
        """Send a command, and have no answer yet."""
        self._commands += 1
        command = StationCommand(
            command_id=f"command {self._commands}",
            station_id=self.station.station_id,
            serial_number=SERIAL,
            action=action,
            payload={},
            asked_at=self.now,
            deadline_at=self.now + 30,
        )
        result_of(self.beliefs.before_sending(self.station, action, payload))
        return command

    def answer(
        self,
        command: StationCommand,
        payload: JsonObject,
        answer: JsonObject | str,
        *,
        late: bool = False,
        violations: tuple[str, ...] = (),
    ) -> None:
        """Have a command answered, with an error if it is the code of one."""
        if isinstance(answer, str):
            raw = RawAnswer(payload={}, error_code=answer, violations=violations)
        else:
            raw = RawAnswer(payload=answer, violations=violations)
        result_of(self.beliefs.answered(self.station, command, payload, raw, late=late))

    def command(
        self, action: str, payload: JsonObject, answer: JsonObject | str
    ) -> None:
        """Send a command, and have it answered at once."""
        self.answer(self.ask(action, payload), payload, answer)

    async def give(
        self, serial_number: str, action: str, payload: JsonObject, timeout_s: float
    ) -> StationCommand:
        """Carry a command of our own out, which gets the next of `answers`."""
        self.given.append((action, payload))
        command = self.ask(action, payload)
        answer = self.answers.pop(0) if self.answers else {"status": "Accepted"}
        self.answer(command, payload, answer)
        return StationCommand(
            command_id=command.command_id,
            station_id=command.station_id,
            serial_number=serial_number,
            action=action,
            payload=payload,
            asked_at=command.asked_at,
            deadline_at=command.asked_at + timeout_s,
            state=CommandState.RESULT,
            response=answer,
        )

    # the station

    def start(
        self,
        number: int = 1,
        id_tag: str = "TAG-A",
        reservation_id: int | None = None,
        *,
        began_at: float | None = None,
        aside: bool = False,
        told: bool = True,
    ) -> Session:
        """Let a session begin, and tell of it."""
        connector = self.station.connectors[number - 1]
        began_at = self.now if began_at is None else began_at
        self.starts += 1
        session, _ = result_of(
            self.transactions.start_tagged(
                TaggedStart(
                    station_id=self.station.station_id,
                    connector_id=connector.connector_id,
                    meter_start_wh=0,
                    started_at=began_at,
                    arrived_at=self.now,
                    claimed="{}",
                    key=f"start {self.starts}",
                    id_tag=id_tag,
                    aside=aside,
                )
            )
        )
        if told:
            self.tell_start(session, number, id_tag, reservation_id)
        return session

    def tell_start(
        self,
        session: Session,
        number: int = 1,
        id_tag: str = "TAG-A",
        reservation_id: int | None = None,
    ) -> None:
        result_of(
            self.beliefs.session_started(
                self.station, session, number, id_tag, reservation_id
            )
        )

    def stop(self, session: Session) -> None:
        """Let a session end, and tell of it."""
        ended, _ = result_of(
            self.transactions.end(
                EndFact(
                    session_id=session.session_id,
                    meter_stop_wh=1000,
                    energy_wh=1000,
                    price_ore=0,
                    ended_at=self.now,
                    reason=EndReason.STATION,
                )
            )
        )
        result_of(self.beliefs.session_ended(self.station, ended))

    def fill(self, kind: str, name: str, count: int, *differs: str) -> None:
        """Believe so many of what is believed under a name, one a second.

        Their names are their numbers, and so are the fields that are to differ.
        """
        station_id = self.station.station_id
        body = result_of(self.book.beliefs(station_id, kind))[name].body
        bodies = {}
        for number in range(count):
            own: JsonObject = json.loads(json.dumps(body))
            for path in differs:
                *inner, last = path.split(".")
                place = own
                for step in inner:
                    place = place[step]
                place[last] = number + (self.now if last.endswith("at") else 0)
            bodies[str(number)] = own
        result_of(self.book.believe(station_id, kind, bodies, self.now))

    def events(self, *kinds: str) -> tuple[Event, ...]:
        """Return what happened, newest first."""
        return result_of(
            self.book.events(self.station.station_id, kinds=kinds, limit=1000)
        )
