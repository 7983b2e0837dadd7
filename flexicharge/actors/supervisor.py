"""Who is connected: makes actors, knows them, restarts what crashes, ends it all."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from attrs import define, evolve, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from flexicharge.actors.charger import ChargerActor
from flexicharge.actors.conversations import conversation_with
from flexicharge.actors.driver import UNAUTHORIZED, DriverActor
from flexicharge.actors.seams import ActorSeams
from flexicharge.interfaces import IChargerLink, IDriverLink
from flexicharge.model.events import SignedOut, StationChanged, StationRetired
from flexicharge.model.site import Protocol, Station

CRASHES: Final = 5
CRASHES_WITHIN_S: Final = 60.0
NORMAL: Final = 1000
GOING_AWAY: Final = 1001
SERVER_ERROR: Final = 1011
SHUTTING_DOWN: Final = "the server is shutting down"
OUT_OF_SERVICE: Final = "out of service"


@define(eq=False)
class Supervisor:
    """Knows every connected station by its serial number, and every watching driver."""

    _seams: ActorSeams
    present: dict[str, ChargerActor] = field(factory=dict)
    _drivers: dict[int, DriverActor] = field(factory=dict, init=False)
    _crashes: dict[str, deque[float]] = field(factory=dict, init=False)
    _when_empty: list[Deferred[None]] = field(factory=list, init=False)
    _finishing: dict[int, ChargerActor] = field(factory=dict, init=False)
    _is_closing: bool = field(default=False, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._seams = evolve(self._seams, crashed=self._crashed)

    def adopt(self, link: IChargerLink, station: Station) -> ChargerActor:
        """Return the actor that a station's socket reports to from now on.

        Whoever had that name before is out.
        """
        old = self.present.get(station.serial_number)
        talk = conversation_with(station)
        actor = ChargerActor(link, station, talk, self._seams, self._charger_gone)
        self.present[station.serial_number] = actor
        if old is not None:
            old.link.drop()
        self._log.info(
            "{serial_number} is connected from {peer}",
            serial_number=station.serial_number,
            peer=link.peer,
        )
        if self._is_closing:
            link.hang_up(GOING_AWAY, SHUTTING_DOWN)
        return actor

    def adopt_driver(self, link: IDriverLink) -> DriverActor:
        """Return the actor that a user socket reports to from now on."""
        seams = self._seams
        actor = DriverActor(link, seams.bus, seams.clock, self._driver_gone)
        self._drivers[id(actor)] = actor
        if self._is_closing:
            link.hang_up(GOING_AWAY, SHUTTING_DOWN)
        return actor

    def retired(self, event: StationRetired) -> None:
        """Hang up on a station whose record is not what it was admitted under.

        One that still has connectors may come back and is then known by them.
        """
        actor = self.present.get(event.serial_number)
        if actor is not None:
            actor.link.hang_up(NORMAL, OUT_OF_SERVICE)

    def station_changed(self, event: StationChanged) -> None:
        """Have a connected station go on under its record as it is now."""
        actor = self.present.get(event.serial_number)
        if actor is not None:
            actor.renewed()

    def signed_out(self, event: SignedOut) -> None:
        """Close the live sockets of a user whose tokens became void."""
        for actor in list(self._drivers.values()):
            if actor.link.user_id == event.user_id:
                actor.link.hang_up(UNAUTHORIZED, event.why)

    def knows_station(self, serial_number: str) -> bool:
        """Tell whether a station has an actor, at work or still finishing."""
        finishing = self._finishing.values()
        return serial_number in self.present or any(
            actor.station.serial_number == serial_number for actor in finishing
        )

    def knows_driver(self, user_id: str) -> bool:
        """Tell whether a driver has an actor."""
        return any(actor.link.user_id == user_id for actor in self._drivers.values())

    def drained(self) -> Deferred[Any]:
        """Fire when every frame that has come so far is handled.

        Also those of stations that have gone since.
        """
        actors = [*self.present.values(), *self._finishing.values()]
        return DeferredList([actor.drained() for actor in actors], consumeErrors=True)

    def hang_up(self) -> Deferred[None]:
        """Close every socket as going away, and those yet to open; fire when done."""
        self._is_closing = True
        for charger in list(self.present.values()):
            charger.link.hang_up(GOING_AWAY, SHUTTING_DOWN)
        for driver in list(self._drivers.values()):
            driver.link.hang_up(GOING_AWAY, SHUTTING_DOWN)
        closed: Deferred[None] = Deferred()
        self._when_empty.append(closed)
        self._tell_if_empty()
        return closed

    def _charger_gone(self, actor: ChargerActor) -> None:
        serial_number = actor.station.serial_number
        if self.present.get(serial_number) is actor:
            del self.present[serial_number]
        self._finishing[id(actor)] = actor
        actor.drained().addCallback(lambda _: self._finishing.pop(id(actor), None))
        self._log.info("{serial_number} is gone", serial_number=serial_number)
        self._tell_if_empty()

    def _driver_gone(self, actor: DriverActor) -> None:
        self._drivers.pop(id(actor), None)
        self._tell_if_empty()

    def _tell_if_empty(self) -> None:
        if not self.present and not self._drivers:
            waiting, self._when_empty = self._when_empty, []
            for closed in waiting:
                closed.callback(None)

    def _crashed(self, serial_number: str) -> None:
        """Count a crash; too many in a short time are an alarm.

        A standard station is then disconnected, so that both sides begin afresh. The
        fielded FlexiCharge charger would never come back, so it is kept.
        """
        now = self._seams.clock.seconds()
        crashes = self._crashes.setdefault(serial_number, deque(maxlen=CRASHES))
        crashes.append(now)
        if len(crashes) < CRASHES or now - crashes[0] > CRASHES_WITHIN_S:
            return
        crashes.clear()
        self._seams.alarms.raise_alarm(
            "an actor keeps crashing", serial_number=serial_number
        )
        actor = self.present.get(serial_number)
        if actor is not None and actor.station.protocol is not Protocol.DIALECT:
            actor.link.hang_up(SERVER_ERROR, "internal error")
