"""Stations in PostgreSQL, as they connect and as their operators see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen
from psycopg2.errors import SequenceGeneratorLimitExceeded, UniqueViolation

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    NumbersExhausted,
    SiteUnknown,
    StationUnknown,
)
from flexicharge.interfaces import IDatabase
from flexicharge.interfaces.stores import Row
from flexicharge.model.site import (
    BootFact,
    Station,
    StationChanges,
    StationOnRecord,
)
from flexicharge.storage import station_changes as change
from flexicharge.storage.locks import (
    LOCK_STATION,
    LOCK_STATION_CALLED,
    SHARE_SITES_OF_STATION,
    in_one_commit,
)
from flexicharge.storage.station_rows import (
    READ_STATION,
    READ_STATION_ON_RECORD,
    READ_STATIONS_ON_RECORD,
    records_of,
    station_of,
)
from flexicharge.storage.values import (
    check_finite,
    check_station_changes,
    is_storable,
    short_text,
)

# The second lock finds what whoever the first one waited for has added.
LOCKED: Final = (LOCK_STATION_CALLED, LOCK_STATION_CALLED)
VERDICT_COLUMNS: Final = 4


@frozen
class PostgresStations:
    """What `IChargerStore` says of stations; see there for every method."""

    _database: IDatabase

    async def get_station(self, serial_number: str) -> Station:
        """Return a station with its connectors in service; raise `StationUnknown`."""
        return station_of(await self._rows_of(READ_STATION, serial_number))

    async def station_connected(self, station_id: int, at: float) -> None:
        """Note that a station is here; a dialect one's free connectors are again."""
        await self._database.query(
            in_one_commit(LOCK_STATION, change.NOTE_CONNECTED),
            {"station_id": station_id, "at": at},
        )

    async def stations_gone(self, gone: Iterable[tuple[int, float]]) -> None:
        """Note when stations' connections were lost, unless they are noted as gone."""
        first: dict[int, float] = {}
        for station_id, at in gone:
            first.setdefault(station_id, at)
        check_finite(tuple(first.values()))
        params = {"station_ids": list(first), "times": list(first.values())}
        if first:
            await self._database.query(change.NOTE_GONE, params)

    async def all_stations_gone(self, at: float) -> None:
        """Note at start-up that whoever was here when we stopped is not any more."""
        await self._database.query(change.NOTE_ALL_GONE, {"at": at})

    async def station_booted(self, station_id: int, boot: BootFact) -> None:
        """Note what a station said of itself, over-long text cut."""
        params = {
            "station_id": station_id,
            "vendor": short_text(boot.vendor),
            "model": short_text(boot.model),
            "firmware": short_text(boot.firmware),
            "booted_at": boot.booted_at,
        }
        await self._database.query(change.NOTE_BOOT, params)

    async def put_station(
        self, serial_number: str, changes: StationChanges, at: float
    ) -> tuple[Station, bool]:
        """Make a station, or change what is given; return it, True if it is new."""
        check_station_changes(changes)
        sql = in_one_commit(SHARE_SITES_OF_STATION, *LOCKED, change.PUT_STATION)
        params = _params_of(serial_number, changes, at)
        try:
            try:
                rows = await self._database.query(sql, params)
            except UniqueViolation:  # somebody made it at once: it is there by now
                rows = await self._database.query(sql, params)
        except SequenceGeneratorLimitExceeded as why:
            raise NumbersExhausted from why
        in_service, taken, site_unknown, busy_connector = rows[0][:VERDICT_COLUMNS]
        if taken:
            raise AlreadyTaken("serialNumber")
        if site_unknown:
            raise SiteUnknown(changes.get("site_id"))
        if busy_connector is not None:
            raise ConnectorBusy(busy_connector)
        return station_of([row[VERDICT_COLUMNS:] for row in rows]), not in_service

    async def retire_station(self, serial_number: str, at: float) -> None:
        """Retire a station; raise `StationUnknown` or `ConnectorBusy`."""
        if not is_storable(serial_number):
            raise StationUnknown(serial_number)
        ((in_service, busy_connector),) = await self._database.query(
            in_one_commit(*LOCKED, change.RETIRE_STATION),
            {"serial_number": serial_number, "at": at},
        )
        if not in_service:
            raise StationUnknown(serial_number)
        if busy_connector is not None:
            raise ConnectorBusy(busy_connector)

    async def station_on_record(self, serial_number: str) -> StationOnRecord:
        """Return a station as operators see it; raise `StationUnknown`."""
        rows = await self._rows_of(READ_STATION_ON_RECORD, serial_number)
        return next(records_of(rows))

    async def stations_on_record(
        self, *, after: str = "", limit: int
    ) -> tuple[StationOnRecord, ...]:
        """Return stations in service by serial number, from after a given one."""
        rows = await self._database.query(
            READ_STATIONS_ON_RECORD, {"after": after, "limit": limit}
        )
        return tuple(records_of(rows))

    async def set_credential(
        self, serial_number: str, credential: bytes | None
    ) -> None:
        """Set or clear the HMAC of a station's password; raise `StationUnknown`."""
        if not await self._changed(
            in_one_commit(LOCK_STATION_CALLED, change.SET_CREDENTIAL),
            {"serial_number": serial_number, "credential": credential},
        ):
            raise StationUnknown(serial_number)

    async def expect_credential(self, serial_number: str, credential: bytes) -> None:
        """Note a password that a station was told; raise `StationUnknown`."""
        if not await self._changed(
            in_one_commit(LOCK_STATION_CALLED, change.EXPECT_CREDENTIAL),
            {"serial_number": serial_number, "credential": credential},
        ):
            raise StationUnknown(serial_number)

    async def credential_shown(self, serial_number: str, credential: bytes) -> None:
        """Make the expected credential the only one, if it is this one."""
        params = {"serial_number": serial_number, "credential": credential}
        await self._changed(change.MOVE_TO_CREDENTIAL, params)

    async def expect_profile(self, serial_number: str, profile: int | None) -> None:
        """Note the security profile that a station was told to rise to, or none."""
        params = {"serial_number": serial_number, "profile": profile}
        await self._changed(change.EXPECT_PROFILE, params)

    async def profile_shown(self, serial_number: str, profile: int) -> None:
        """Demand a security profile from now on; what is demanded never falls here."""
        params = {"serial_number": serial_number, "profile": profile}
        await self._changed(change.DEMAND_PROFILE, params)

    async def _changed(self, sql: str, params: Mapping[str, object]) -> bool:
        """Change a station by its serial number; tell whether there was one."""
        return is_storable(str(params["serial_number"])) and bool(
            await self._database.query(sql, params)
        )

    async def _rows_of(self, sql: str, serial_number: str) -> list[Row]:
        """Return the rows of a station, at least one; raise `StationUnknown`."""
        params = {"serial_number": serial_number}
        if not is_storable(serial_number):
            raise StationUnknown(serial_number)
        if not (rows := await self._database.query(sql, params)):
            raise StationUnknown(serial_number)
        return rows


def _params_of(
    serial_number: str, changes: StationChanges, at: float
) -> dict[str, object]:
    latitude, longitude = changes.get("location", (None, None))
    return {
        "serial_number": serial_number,
        "protocol": changes.get("protocol"),
        "has_site": "site_id" in changes,
        "site_id": changes.get("site_id"),
        "latitude": latitude,
        "longitude": longitude,
        "connectors": changes.get("connectors"),
        "registration": changes.get("registration"),
        "security_profile": changes.get("security_profile"),
        "credential": changes.get("credential"),
        "at": at,
    }
