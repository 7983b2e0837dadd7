"""Sessions and all that is on record about them, as they are read, in PostgreSQL."""

from __future__ import annotations

from attrs import frozen

from flexicharge.errors import SessionUnknown
from flexicharge.interfaces import IDatabase
from flexicharge.interfaces.money import PaymentSession
from flexicharge.interfaces.stores import KeptMeterValue
from flexicharge.model.id_tag import folded
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import Said, Session, StationFact
from flexicharge.storage import session_rows as sql
from flexicharge.storage.reading_rows import (
    FIRST_READING,
    HOURLY_READINGS,
    LAST_READING,
    METER_VALUES,
    reading_of,
    value_of,
)
from flexicharge.storage.session_rows import fact_of, session_of
from flexicharge.storage.values import is_storable


@frozen
class PostgresSessionReads:
    """What `ITransactionStore` reads."""

    _database: IDatabase

    async def get_transaction(self, transaction_id: int) -> Session:
        """Return a session; raise `SessionUnknown`."""
        found = await self._read(sql.BY_NUMBER, session_id=transaction_id)
        return only(found, transaction_id)

    async def get_transactions_for_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions except cancelled ones, newest first."""
        if not is_storable(user_id):
            return ()
        return await self._read(sql.OF_USER, user_id=user_id)

    async def get_newest_for_user(self, user_id: str) -> tuple[Session, ...]:
        """Return the newest session of each kind that a user has, newest first."""
        if not is_storable(user_id):
            return ()
        return await self._read(sql.NEWEST_OF_USER, user_id=user_id)

    async def get_transactions_for_charger(
        self, connector_id: int
    ) -> tuple[Session, ...]:
        """Return a connector's sessions except cancelled ones, newest first."""
        return await self._read(sql.OF_CONNECTOR, connector_id=connector_id)

    async def get_open_for_station(self, station_id: int) -> tuple[Session, ...]:
        """Return the sessions of a station that are not final, oldest first."""
        return await self._read(sql.OPEN_ON_STATION, station_id=station_id)

    async def get_latest_for_station(self, station_id: int) -> Session | None:
        """Return the newest session of a station that ever started."""
        latest = await self._read(sql.LATEST_ON_STATION, station_id=station_id)
        return latest[0] if latest else None

    async def get_running_with_tag(self, id_tag: str) -> tuple[Session, ...]:
        """Return running sessions that were started with a tag, in any letter case."""
        if not is_storable(id_tag):
            return ()
        return await self._read(sql.RUNNING_WITH_TAG, folded_tag=folded(id_tag))

    async def get_transactions_at_station(
        self,
        station_id: int,
        *,
        id_tag: str | None = None,
        active: bool | None = None,
        limit: int,
    ) -> tuple[Session, ...]:
        """Return sessions of a station that ever started, newest first."""
        if id_tag is not None and not is_storable(id_tag):
            return ()
        return await self._read(
            sql.STARTED_ON_STATION,
            station_id=station_id,
            folded_tag=None if id_tag is None else folded(id_tag),
            active=active,
            limit=limit,
        )

    async def get_payment(self, transaction_id: int) -> PaymentSession | None:
        """Return the payment that was opened last for a session, if any was."""
        params = {"session_id": transaction_id}
        rows = await self._database.query(sql.NEWEST_PAYMENT, params)
        if not rows:
            return None
        provider, client_token, provider_session_id = rows[0]
        return PaymentSession(
            provider=provider,
            client_token=client_token,
            provider_session_id=provider_session_id,
        )

    async def get_facts(
        self, station_id: int, *, session_id: int | None = None, limit: int
    ) -> tuple[StationFact, ...]:
        """Return what a station said that is evidence, newest first."""
        params = {"station_id": station_id, "session_id": session_id, "limit": limit}
        rows = await self._database.query(sql.FACTS, params)
        return tuple(map(fact_of, rows))

    async def said_before(
        self, station_id: int, kinds: tuple[str, ...], key: str
    ) -> Said | None:
        """Return the newest fact of a station with a key and one of some kinds."""
        if not is_storable(key):
            return None
        params = {"station_id": station_id, "kinds": list(kinds), "key": key}
        rows = await self._database.query(sql.SAID_BEFORE, params)
        return Said(*rows[0]) if rows else None

    async def get_silent(self, since: float) -> tuple[Session, ...]:
        """Return running sessions none of whose frames came after `since`."""
        return await self._read(sql.SILENT, since=since)

    async def get_last_reading(self, session_id: int) -> MeterReading | None:
        """Return the newest reading of a session."""
        params = {"session_id": session_id}
        rows = await self._database.query(LAST_READING, params)
        return reading_of(rows[0]) if rows else None

    async def get_first_reading(self, session_id: int) -> MeterReading | None:
        """Return the oldest reading of a session."""
        params = {"session_id": session_id}
        rows = await self._database.query(FIRST_READING, params)
        return reading_of(rows[0]) if rows else None

    async def get_hourly_readings(self, session_id: int) -> tuple[MeterReading, ...]:
        """Return the first and last reading of each hour, in time order."""
        params = {"session_id": session_id}
        rows = await self._database.query(HOURLY_READINGS, params)
        return tuple(map(reading_of, rows))

    async def get_meter_values(
        self, station_id: int, *, session_id: int | None = None, limit: int
    ) -> tuple[KeptMeterValue, ...]:
        """Return meter values of a station, or of one session there, newest first."""
        params = {"station_id": station_id, "session_id": session_id, "limit": limit}
        rows = await self._database.query(METER_VALUES, params)
        return tuple(map(value_of, rows))

    async def _read(self, text: str, **params: object) -> tuple[Session, ...]:
        return tuple(map(session_of, await self._database.query(text, params)))


def only(found: tuple[Session, ...], session_id: int) -> Session:
    """Return the one session that was found; raise `SessionUnknown`."""
    if not found:
        raise SessionUnknown(session_id)
    return found[0]
