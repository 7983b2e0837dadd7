"""Sessions and all that is on record about them, as they are read, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, islice
from typing import Final

from attrs import frozen

from flexicharge.interfaces.money import PaymentSession
from flexicharge.interfaces.stores import KeptMeterValue
from flexicharge.model.id_tag import folded
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import (
    FINAL,
    RUNNING,
    Said,
    Session,
    SessionState,
    StationFact,
)
from flexicharge.model.tariff import hour_of
from flexicharge.storage.memory.guards import stored_at
from flexicharge.storage.memory.newest import newest_of_each_kind
from flexicharge.storage.memory.sessions import SessionTable, by_age
from flexicharge.storage.memory.world import MemoryWorld

STARTED: Final = (*RUNNING, SessionState.ENDED)


@frozen
class MemorySessionReads:
    """What `ITransactionStore` reads of a world."""

    _world: MemoryWorld

    async def get_transaction(self, transaction_id: int) -> Session:
        """Return a session; raise `SessionUnknown`."""
        async with self._world.commit("get_transaction"):
            return self._sessions.get(transaction_id)

    async def get_transactions_for_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions except cancelled ones, newest first."""
        async with self._world.commit("get_transactions_for_user"):
            return _not_cancelled(self._sessions.of_user(user_id))

    async def get_newest_for_user(self, user_id: str) -> tuple[Session, ...]:
        """Return the newest session of each kind that a user has, newest first."""
        async with self._world.commit("get_newest_for_user"):
            return newest_of_each_kind(self._sessions.of_user(user_id))

    async def get_transactions_for_charger(
        self, connector_id: int
    ) -> tuple[Session, ...]:
        """Return a connector's sessions except cancelled ones, newest first."""
        async with self._world.commit("get_transactions_for_charger"):
            if self._world.network.is_for_self_tests(connector_id):
                return ()
            return _not_cancelled(self._sessions.on_connector(connector_id))

    async def get_open_for_station(self, station_id: int) -> tuple[Session, ...]:
        """Return the sessions of a station that are not final, oldest first."""
        async with self._world.commit("get_open_for_station"):
            return self._open_at(station_id)

    async def get_latest_for_station(self, station_id: int) -> Session | None:
        """Return the newest session of a station that ever started."""
        async with self._world.commit("get_latest_for_station"):
            here = self._sessions.at_station(station_id)
            known = (session for session in here if session.state in STARTED)
            return max(known, key=by_age, default=None)

    async def get_running_with_tag(self, id_tag: str) -> tuple[Session, ...]:
        """Return running sessions that were started with a tag, in any letter case."""
        async with self._world.commit("get_running_with_tag"):
            wanted = folded(id_tag)
            return self._sessions.open_where(
                lambda s: s.state in RUNNING and folded(s.id_tag) == wanted != ""
            )

    async def get_transactions_at_station(
        self,
        station_id: int,
        *,
        id_tag: str | None = None,
        active: bool | None = None,
        limit: int,
    ) -> tuple[Session, ...]:
        """Return sessions of a station that ever started, newest first."""
        async with self._world.commit("get_transactions_at_station"):
            key = None if id_tag is None else folded(id_tag)
            wanted = [
                session
                for session in self._sessions.at_station(station_id)
                if session.state in STARTED
                and key in (None, folded(session.id_tag))
                and active in (None, session.state in RUNNING)
            ]
            return tuple(sorted(wanted, key=by_age, reverse=True)[:limit])

    async def get_payment(self, transaction_id: int) -> PaymentSession | None:
        """Return the payment that was opened last for a session, if any was."""
        async with self._world.commit("get_payment"):
            books = self._world.books
            payment_id = books.newest_payment_of(transaction_id)
            if payment_id is None:
                return None
            row = books.payments[payment_id]
            return PaymentSession(
                provider=row.provider,
                client_token=row.client_token,
                provider_session_id=row.provider_session_id,
            )

    async def get_facts(
        self, station_id: int, *, session_id: int | None = None, limit: int
    ) -> tuple[StationFact, ...]:
        """Return what a station said that is evidence, newest first."""
        async with self._world.commit("get_facts"):
            facts = (
                StationFact(
                    fact_id=fact.fact_id,
                    kind=fact.kind,
                    session_id=fact.session_id,
                    at=fact.at,
                    claimed=fact.claimed,
                )
                for fact in reversed(self._world.books.facts)
                if fact.station_id == station_id
                and session_id in (None, fact.session_id)
            )
            return tuple(islice(facts, limit))

    async def said_before(
        self, station_id: int, kinds: tuple[str, ...], key: str
    ) -> Said | None:
        """Return the newest fact of a station with a key and one of some kinds."""
        async with self._world.commit("said_before"):
            found = self._world.books.facts_with_key(station_id, key)
            said = [Said(f.session_id, f.at) for f in found if f.kind in kinds]
            return said[-1] if said else None

    async def get_silent(self, since: float) -> tuple[Session, ...]:
        """Return running sessions none of whose frames came after `since`."""
        async with self._world.commit("get_silent"):
            until = stored_at(since)
            return self._sessions.open_where(
                lambda s: s.state in RUNNING and self._heard_at(s) <= until
            )

    async def get_last_reading(self, session_id: int) -> MeterReading | None:
        """Return the newest reading of a session."""
        async with self._world.commit("get_last_reading"):
            readings = self._world.readings.get(session_id)
            return readings[-1] if readings else None

    async def get_first_reading(self, session_id: int) -> MeterReading | None:
        """Return the oldest reading of a session."""
        async with self._world.commit("get_first_reading"):
            readings = self._world.readings.get(session_id)
            return readings[0] if readings else None

    async def get_hourly_readings(self, session_id: int) -> tuple[MeterReading, ...]:
        """Return the first and last reading of each hour, in time order."""
        async with self._world.commit("get_hourly_readings"):
            edges: list[MeterReading] = []
            readings = self._world.readings.get(session_id, [])
            for _, hour in groupby(readings, key=lambda r: hour_of(r.taken_at)):
                first, *others = hour
                edges += [first, *others[-1:]]
            return tuple(edges)

    async def get_meter_values(
        self, station_id: int, *, session_id: int | None = None, limit: int
    ) -> tuple[KeptMeterValue, ...]:
        """Return meter values of a station, or of one session there, newest first."""
        async with self._world.commit("get_meter_values"):
            return self._world.meter_values.newest(station_id, session_id, limit)

    @property
    def _sessions(self) -> SessionTable:
        return self._world.sessions

    def _open_at(self, station_id: int) -> tuple[Session, ...]:
        """Return a station's sessions that are not final, oldest first."""
        here = self._sessions.at_station(station_id)
        still_open = [session for session in here if session.state not in FINAL]
        return tuple(sorted(still_open, key=by_age))

    def _heard_at(self, session: Session) -> float:
        """Return when a running session was last heard of."""
        readings = self._world.readings.get(session.session_id, [])
        return max(
            session.opened_at,
            session.started_at or 0.0,
            readings[-1].taken_at if readings else 0.0,
            self._world.meter_values.heard_at(session.session_id),
        )


def _not_cancelled(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(s for s in sessions if s.state is not SessionState.CANCELLED)
