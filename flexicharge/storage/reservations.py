"""Bookings, and whatever else is held for somebody, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    ReservationUnknown,
    TooManyReservations,
)
from flexicharge.interfaces import IDatabase, IReservationStore
from flexicharge.interfaces.stores import Row
from flexicharge.model.reservation import Reservation, Window
from flexicharge.model.session import Session
from flexicharge.storage import booking_changes as change
from flexicharge.storage.locks import (
    LOCK_CONNECTOR,
    LOCK_CONNECTORS,
    in_one_commit,
)
from flexicharge.storage.session_rows import UNHELD, session_of
from flexicharge.storage.values import is_storable

LOCK: Final = 0x626F6F6B  # of advisory locks on users who book; no other use has it

BOOK: Final = in_one_commit(LOCK_CONNECTOR, change.LOCK_BOOKER, change.BOOK)
CANCEL: Final = in_one_commit(change.LOCK_BOOKED, change.CANCEL)
OPEN_DUE: Final = in_one_commit(LOCK_CONNECTOR, change.OPEN_DUE)
OPEN_ALL_DUE: Final = in_one_commit(LOCK_CONNECTORS, change.OPEN_ALL_DUE)


@implementer(IReservationStore)
@frozen
class PostgresReservations:
    """What is held; see `IReservationStore` for every method."""

    _database: IDatabase

    async def book(
        self, user_id: str, connector_id: int, window: Window, *, at: float, most: int
    ) -> Reservation:
        """Book a connector for a time to come."""
        params = {
            "lock": LOCK,
            "user_id": user_id,
            "connector_id": connector_id,
            "start_at": window.start_at,
            "end_at": window.end_at,
            "at": at,
            "most": most,
        }
        ((is_usable, count, *booked),) = await self._database.query(BOOK, params)
        if not is_usable:
            raise ConnectorUnknown(connector_id)
        if booked[0] is not None:
            return _reservation_of(tuple(booked))
        if count >= most:
            raise TooManyReservations(user_id)
        raise ConnectorBusy(connector_id)

    async def get_reservation(self, reservation_id: int, at: float) -> Reservation:
        """Return a booking, or an unstarted session; raise `ReservationUnknown`."""
        found = await self._read(change.BY_NUMBER, reservation_id=reservation_id, at=at)
        if not found:
            raise ReservationUnknown(reservation_id)
        return found[0]

    async def get_reservations_for_user(
        self, user_id: str, at: float
    ) -> tuple[Reservation, ...]:
        """Return what is held for a user or will be, soonest first."""
        if not is_storable(user_id):
            return ()
        return await self._read(change.OF_USER, user_id=user_id, at=at)

    async def get_reservations_for_charger(
        self, connector_id: int, at: float
    ) -> tuple[Reservation, ...]:
        """Return for whom a connector is held or will be, soonest first."""
        return await self._read(change.OF_CONNECTOR, connector_id=connector_id, at=at)

    async def cancel_booking(self, reservation_id: int, at: float) -> bool:
        """Cancel a booking; False if there is none that is not a session yet."""
        params = {"booking_id": reservation_id, "at": at}
        return bool(await self._database.query(CANCEL, params))

    async def get_due(self, at: float) -> tuple[int, ...]:
        """Return the connectors that are free and have a booking that is due."""
        rows = await self._database.query(change.DUE, {"at": at})
        return tuple(connector_id for (connector_id,) in rows)

    async def open_due(self, connector_id: int, at: float) -> None:
        """Let the booking that is due on a free connector become a session, if any."""
        params = {"connector_id": connector_id, "at": at}
        await self._database.query(OPEN_DUE, params)

    async def open_all_due(self, connector_ids: Collection[int], at: float) -> None:
        """Do as `open_due` for each of some connectors, or for none of them."""
        params = {"connector_ids": list(connector_ids), "at": at}
        await self._database.query(OPEN_ALL_DUE, params)

    async def get_unheld(self) -> tuple[Session, ...]:
        """Return sessions of bookings that are still `opened`, by number."""
        return tuple(map(session_of, await self._database.query(UNHELD)))

    async def _read(self, sql: str, **params: object) -> tuple[Reservation, ...]:
        rows = await self._database.query(sql, params)
        return tuple(map(_reservation_of, rows))


def _reservation_of(row: Row) -> Reservation:
    return Reservation(
        reservation_id=row[0],
        connector_id=row[1],
        user_id=row[2],
        start_at=row[3],
        end_at=row[4],
        for_self_tests=row[5],
    )
