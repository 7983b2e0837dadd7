"""Stations that nobody knows: turned away, or given a record of their own."""

from __future__ import annotations

from typing import Final

from attrs import define
from twisted.logger import Logger

from flexicharge.actors.arrivals import Arrival
from flexicharge.actors.directory import StationDirectory
from flexicharge.errors import (
    DatabaseAway,
    NoMoreStrangers,
    StationUnknown,
    TooManyRequests,
)
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces import IAlarms
from flexicharge.model.site import Protocol, Registration, Station, StationChanges

ALL: Final = "all"  # the one key of the limit for everybody together


@define(eq=False, kw_only=True)
class Enrolment:
    """Decides about standard stations without a record.

    They are taken in with a `registration`, or with None not at all. `strangers` counts
    them for each address, `records` what was made for all of them.
    """

    directory: StationDirectory
    alarms: IAlarms
    registration: Registration | None
    strangers: RateLimit
    records: RateLimit
    _log = Logger()

    def meet(self, arrival: Arrival) -> Registration:
        """Return how a stranger is taken in; raise `StationUnknown` if none is.

        Raise `TooManyRequests` after too many from one address.
        """
        self.strangers.take(arrival.peer)
        if self.registration is None:
            raise StationUnknown("nobody knows it")
        return self.registration

    async def take_in(self, arrival: Arrival, registration: Registration) -> Station:
        """Return the record that a stranger is given; raise `NoMoreStrangers`."""
        try:
            self.records.take(ALL)
        except TooManyRequests:
            raise self._full(arrival) from None
        changes = StationChanges(
            protocol=Protocol.OCPP_1_6, connectors=1, registration=registration
        )
        try:
            station = await self.directory.make(arrival.identity, changes)
        except DatabaseAway:
            self.records.give_back(ALL)
            raise
        self._log.warn(
            "{identity} from {peer} is new here: {registration}",
            identity=arrival.identity,
            peer=arrival.peer,
            registration=registration,
        )
        return station

    def turned_away(self, peer: str, why: str) -> None:
        """Take note of somebody with whom no TLS session came about.

        Also somebody without a certificate that we believe is a stranger; that one is
        worth an alarm. After too many from one address nothing is said any more.
        """
        try:
            self.strangers.take(peer)
        except TooManyRequests:
            return
        self._log.warn("no TLS session with {peer}: {why}", peer=peer, why=why)
        if "certificate" in why:
            self.alarms.raise_alarm("a certificate was refused", peer=peer, why=why)

    def _full(self, arrival: Arrival) -> NoMoreStrangers:
        self.alarms.raise_alarm(
            "too many unknown stations",
            serial_number=arrival.identity,
            peer=arrival.peer,
        )
        return NoMoreStrangers("too many unknown stations")
