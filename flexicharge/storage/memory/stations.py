"""Stations in memory, as they connect and as their operators see them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from attrs import evolve, frozen

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    StationUnknown,
)
from flexicharge.model.site import (
    BootFact,
    Connector,
    Protocol,
    Station,
    StationChanges,
    StationOnRecord,
)
from flexicharge.model.status import ConnectorStatus
from flexicharge.storage.memory.guards import (
    stored_at,
    stored_count,
    stored_location,
    stored_profile,
    stored_serial_number,
    stored_text,
)
from flexicharge.storage.memory.network import Network
from flexicharge.storage.memory.rows import ConnectorRow, StationRow
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.values import check_station_changes, short_text


@frozen
class MemoryStations:
    """What `IChargerStore` says of stations; see there for every method."""

    _world: MemoryWorld

    async def get_station(self, serial_number: str) -> Station:
        """Return a station with its connectors in service; raise `StationUnknown`."""
        async with self._world.commit("get_station"):
            station = self._network.station_called(serial_number)
            if station is None or not self._is_in_service(station):
                raise StationUnknown(serial_number)
            return self._station(station)

    async def station_connected(self, station_id: int, at: float) -> None:
        """Note that a station is here; a dialect one's free connectors are again."""
        async with self._world.commit("station_connected"):
            if station_id not in self._network.stations:
                return
            station = self._network.stations[station_id]
            self._network.put_station(
                evolve(station, connected_since=stored_at(at), gone_at=None)
            )
            if station.protocol is Protocol.DIALECT:
                for connector in self._network.connectors_of(station_id):
                    if not self._world.sessions.has_open(connector.connector_id):
                        self._network.say(
                            connector.connector_id, ConnectorStatus.AVAILABLE, at
                        )

    async def stations_gone(self, gone: Iterable[tuple[int, float]]) -> None:
        """Note when stations' connections were lost, unless they are noted as gone."""
        rows = [(station_id, stored_at(at)) for station_id, at in gone]
        async with self._world.commit("stations_gone"):
            for station_id, at in rows:
                station = self._network.stations.get(station_id)
                if station and station.gone_at is None:
                    self._network.put_station(evolve(station, gone_at=at))

    async def all_stations_gone(self, at: float) -> None:
        """Note at start-up that whoever was here when we stopped is not any more."""
        async with self._world.commit("all_stations_gone"):
            for station in tuple(self._network.stations.values()):
                if station.connected_since is not None and station.gone_at is None:
                    self._network.put_station(evolve(station, gone_at=stored_at(at)))

    async def station_booted(self, station_id: int, boot: BootFact) -> None:
        """Note what a station said of itself, over-long text cut."""
        kept = BootFact(
            vendor=short_text(boot.vendor),
            model=short_text(boot.model),
            firmware=short_text(boot.firmware),
            booted_at=stored_at(boot.booted_at),
        )
        async with self._world.commit("station_booted"):
            if station_id in self._network.stations:
                station = self._network.stations[station_id]
                self._network.put_station(evolve(station, boot=kept))

    async def put_station(
        self, serial_number: str, changes: StationChanges, at: float
    ) -> tuple[Station, bool]:
        """Make a station, or change what is given; return it, True if it is new."""
        check_station_changes(changes)
        async with self._world.commit("put_station"):
            known = self._network.station_called(stored_serial_number(serial_number))
            if known is not None and known.for_self_tests:
                raise AlreadyTaken("serialNumber")
            if (site_id := changes.get("site_id")) is not None:
                self._network.site(site_id)
            there = known if known and self._is_in_service(known) else None
            before = there or self._blank(serial_number, known, site_id)
            station = _changed(before, changes)
            count = changes.get("connectors", None if there else 1)
            self._check_idle(station, before, count)
            if count is not None:
                self._network.fit_connectors(station.station_id, count, at)
            self._network.put_station(station)
            return self._station(station), there is None

    async def retire_station(self, serial_number: str, at: float) -> None:
        """Retire a station; raise `StationUnknown` or `ConnectorBusy`."""
        async with self._world.commit("retire_station"):
            station = self._on_record(serial_number)
            self._check_idle(station, station, 0)
            for row in self._network.connectors_of(station.station_id):
                self._network.retire_connector(row.connector_id, at)
            self._network.put_station(
                evolve(
                    station,
                    credential=None,
                    next_credential=None,
                    next_security_profile=None,
                )
            )

    async def station_on_record(self, serial_number: str) -> StationOnRecord:
        """Return a station as operators see it; raise `StationUnknown`."""
        async with self._world.commit("station_on_record"):
            return self._record(self._on_record(serial_number))

    async def stations_on_record(
        self, *, after: str = "", limit: int
    ) -> tuple[StationOnRecord, ...]:
        """Return stations in service by serial number, from after a given one."""
        async with self._world.commit("stations_on_record"):
            stored_text(after)
            found = sorted(
                (
                    station
                    for station in self._network.stations.values()
                    if station.serial_number > after
                    and not station.for_self_tests
                    and self._is_in_service(station)
                ),
                key=lambda station: station.serial_number,
            )
            return tuple(map(self._record, found[: stored_count(limit)]))

    async def set_credential(
        self, serial_number: str, credential: bytes | None
    ) -> None:
        """Set or clear the HMAC of a station's password; raise `StationUnknown`."""
        async with self._world.commit("set_credential"):
            station = self._on_record(serial_number)
            self._network.put_station(
                evolve(station, credential=credential, next_credential=None)
            )

    async def expect_credential(self, serial_number: str, credential: bytes) -> None:
        """Note a password that a station was told; raise `StationUnknown`."""
        async with self._world.commit("expect_credential"):
            station = self._on_record(serial_number)
            self._network.put_station(evolve(station, next_credential=credential))

    async def credential_shown(self, serial_number: str, credential: bytes) -> None:
        """Make the expected credential the only one, if it is this one."""
        async with self._world.commit("credential_shown"):
            station = self._network.station_called(serial_number)
            if station is not None and station.next_credential == credential:
                self._network.put_station(
                    evolve(station, credential=credential, next_credential=None)
                )

    async def expect_profile(self, serial_number: str, profile: int | None) -> None:
        """Note the security profile that a station was told to rise to, or none."""
        async with self._world.commit("expect_profile"):
            with suppress(StationUnknown):
                station = self._on_record(serial_number)
                expected = None if profile is None else stored_profile(profile)
                self._network.put_station(
                    evolve(station, next_security_profile=expected)
                )

    async def profile_shown(self, serial_number: str, profile: int) -> None:
        """Demand a security profile from now on; what is demanded never falls here."""
        async with self._world.commit("profile_shown"):
            with suppress(StationUnknown):
                station = self._on_record(serial_number)
                demanded = stored_profile(max(station.security_profile, profile))
                self._network.put_station(
                    evolve(
                        station,
                        security_profile=demanded,
                        next_security_profile=_still_expected(station, profile),
                    )
                )

    @property
    def _network(self) -> Network:
        return self._world.network

    def _is_in_service(self, station: StationRow) -> bool:
        return bool(self._network.connectors_of(station.station_id))

    def _on_record(self, serial_number: str) -> StationRow:
        """Return a station in service, not that of self tests; or `StationUnknown`."""
        station = self._network.station_called(serial_number)
        if station is None or station.for_self_tests:
            raise StationUnknown(serial_number)
        if not self._is_in_service(station):
            raise StationUnknown(serial_number)
        return station

    def _blank(
        self, serial_number: str, known: StationRow | None, site_id: int | None
    ) -> StationRow:
        """Return a station as a new one is, at its site if it has one."""
        site = None if site_id is None else self._network.site(site_id)
        return StationRow(
            station_id=known.station_id if known else self._network.next_station_number,
            serial_number=serial_number,
            protocol=Protocol.OCPP_1_6,
            site_id=site_id,
            latitude=site.latitude if site else 0.0,
            longitude=site.longitude if site else 0.0,
        )

    def _check_idle(
        self, station: StationRow, before: StationRow, count: int | None
    ) -> None:
        """Raise `ConnectorBusy` if a session is open on one of those above `count`.

        If the protocol changes, on any of them.
        """
        if station.protocol is not before.protocol:
            count = 0
        rows = self._network.connectors_of(station.station_id)
        going = [r.connector_id for r in rows if count is not None and r.number > count]
        for connector_id in sorted(going):
            if self._world.sessions.has_open(connector_id):
                raise ConnectorBusy(connector_id)

    def _station(self, row: StationRow) -> Station:
        connectors = self._network.connectors_of(row.station_id)
        return Station(
            station_id=row.station_id,
            serial_number=row.serial_number,
            protocol=row.protocol,
            credential=row.credential,
            sek_per_kwh=self._network.price_at(row.station_id),
            connectors=tuple(map(self._shown, connectors)),
            registration=row.registration,
            security_profile=row.security_profile,
            next_credential=row.next_credential,
            next_security_profile=row.next_security_profile,
            boot=row.boot,
        )

    def _record(self, row: StationRow) -> StationOnRecord:
        return StationOnRecord(
            station=self._station(row),
            site_id=row.site_id,
            latitude=row.latitude,
            longitude=row.longitude,
            connected_since=row.connected_since,
            gone_at=row.gone_at,
        )

    def _shown(self, row: ConnectorRow) -> Connector:
        """Return a connector with what its station and its session say of it."""
        station = self._network.stations[row.station_id]
        session = self._world.sessions.open_on(row.connector_id)
        return Connector(
            connector_id=row.connector_id,
            station_id=station.station_id,
            serial_number=station.serial_number,
            number=row.number,
            site_id=station.site_id,
            latitude=station.latitude,
            longitude=station.longitude,
            status=row.status,
            session_state=None if session is None else session.state,
            gone_at=station.gone_at,
        )


def _changed(station: StationRow, changes: StationChanges) -> StationRow:
    latitude, longitude = stored_location(
        changes.get("location", (station.latitude, station.longitude))
    )
    demanded = changes.get("security_profile")
    return evolve(
        station,
        protocol=changes.get("protocol", station.protocol),
        site_id=changes.get("site_id", station.site_id),
        latitude=latitude,
        longitude=longitude,
        registration=changes.get("registration", station.registration),
        security_profile=stored_profile(
            station.security_profile if demanded is None else demanded
        ),
        next_security_profile=_still_expected(
            station, -1 if demanded is None else demanded
        ),
        credential=changes.get("credential", station.credential),
        next_credential=None if "credential" in changes else station.next_credential,
    )


def _still_expected(station: StationRow, profile: int) -> int | None:
    """Return the profile that a station is to rise to, if it is above `profile`."""
    expected = station.next_security_profile
    return None if expected is None or expected <= profile else expected
