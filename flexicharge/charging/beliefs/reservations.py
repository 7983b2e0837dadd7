"""Reservations at stations, as ReserveNow made them (OCPP 1.6 §5.13)."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.reservation import (
    OPEN,
    ReservationStatus,
    StationReservation,
    asked_for,
    name_of,
    used_by,
)
from flexicharge.charging.beliefs.session_start import SessionStart
from flexicharge.interfaces import IIdTagStore
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.confirmations import Outcome

KIND: Final = "reservations"
MAX_RESERVATIONS: Final = 200
BY_STATION: Final = "the station knows it no longer"
BY_OPERATOR: Final = "cancelled"


@frozen
class Reservations:
    """What stations hold for whom."""

    _reservations: Drawer[StationReservation]
    _tags: IIdTagStore

    async def asked(self, station: Station, payload: dict[str, Any], at: float) -> None:
        """Note a reservation that a station is about to be asked for.

        Nobody knows of it before the answer: but it is not lost if none comes.
        """
        new = asked_for(payload, ReservationStatus.UNKNOWN, at)
        if new is None:
            return
        old = await self._reservations.all(station.station_id)
        mine = old.get(new.name)
        if mine is None or not mine.is_open_at(at):
            await self._keep(station.station_id, old, new, at)

    async def not_asked(self, station_id: int, payload: dict[str, Any]) -> None:
        """Forget one that the station does not have after all."""
        name = name_of(payload.get("reservationId"))
        mine = (await self._reservations.all(station_id)).get(name)
        if mine is not None and mine.status is ReservationStatus.UNKNOWN:
            await self._reservations.drop(station_id, [name])

    async def made(self, answered: Answered) -> None:
        """Believe the answer to a ReserveNow, also if it comes late."""
        station_id, at = answered.station.station_id, answered.at
        if answered.outcome is Outcome.OFF_SCHEMA:
            return
        if not answered.is_done:
            await self.not_asked(station_id, answered.asked)
            return
        new = asked_for(answered.asked, ReservationStatus.ACTIVE, answered.asked_at)
        if new is None:
            return
        old = await self._reservations.all(station_id)
        mine = old.get(new.name)
        is_this = mine is not None and mine.asked_at >= answered.asked_at
        if mine is not None and is_this and mine.status not in OPEN:
            return  # a start or a cancellation has crossed the answer
        await self._keep(station_id, old, evolve(new, at=at), at)

    async def cancelled(self, answered: Answered) -> None:
        """Believe the answer to a CancelReservation.

        One that the station does not know any more is over for us too.
        """
        station_id, at = answered.station.station_id, answered.at
        name = name_of(answered.asked.get("reservationId"))
        mine = (await self._reservations.all(station_id)).get(name)
        if mine is None or not mine.is_open_at(at):
            return
        if answered.is_done:
            status, reason = ReservationStatus.CANCELLED, BY_OPERATOR
        elif answered.said is not None and answered.outcome is Outcome.REFUSED:
            status, reason = ReservationStatus.EXPIRED, BY_STATION
        else:
            return
        over = evolve(mine, status=status, reason=reason, at=at)
        await self._reservations.put(station_id, {name: over}, at)

    async def started(self, station: Station, start: SessionStart, at: float) -> None:
        """Note which reservation a session that has begun makes use of, if any."""
        known = await self._reservations.all(station.station_id)
        if not known:
            return
        family = await self._family_of(start.id_tag)
        used = used_by(start, family, known)
        if used is not None:
            new = evolve(
                used,
                status=ReservationStatus.USED,
                reason="",
                session_id=start.session.session_id,
                at=at,
            )
            await self._reservations.put(station.station_id, {new.name: new}, at)

    async def unknown(self, station_id: int, now: float) -> set[int]:
        """Return the ids of those that the station has not answered about."""
        known = (await self._reservations.all(station_id)).values()
        return {
            one.reservation_id
            for one in known
            if one.seen_at(now).status is ReservationStatus.UNKNOWN
        }

    async def all(self, station_id: int, now: float) -> tuple[StationReservation, ...]:
        """Return a station's reservations as they stand, the newest first."""
        known = (await self._reservations.all(station_id)).values()
        newest_first = sorted(known, key=lambda one: one.age, reverse=True)
        return tuple(one.seen_at(now) for one in newest_first)

    async def _family_of(self, id_tag: str) -> str | None:
        tag = await self._tags.get_tag(id_tag)
        return None if tag is None else tag.parent_id_tag

    async def _keep(
        self,
        station_id: int,
        old: dict[str, StationReservation],
        new: StationReservation,
        at: float,
    ) -> None:
        """Keep a new one; where there are too many, the oldest that are over go."""
        await self._reservations.put(station_id, {new.name: new}, at)
        over = sorted(
            (
                one
                for one in old.values()
                if one.reservation_id != new.reservation_id and not one.is_open_at(at)
            ),
            key=lambda one: one.age,
        )
        count = len(old.keys() | {new.name})
        gone = over[: max(count - MAX_RESERVATIONS, 0)]
        await self._reservations.drop(station_id, [one.name for one in gone])
