"""The tables of sites, stations and connectors."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, evolve, field

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorUnknown,
    NumbersExhausted,
    SiteUnknown,
)
from flexicharge.model.site import (
    FIRST_CONNECTOR,
    LAST_NUMBER_GIVEN_OUT,
    SELF_TEST_CONNECTOR,
    Site,
)
from flexicharge.model.status import ConnectorStatus
from flexicharge.storage.memory.guards import stored_at
from flexicharge.storage.memory.rows import ConnectorRow, StationRow


@define
class Network:
    """Sites, stations and connectors by number; numbers are handed out in order.

    `sites` are those in service. Whoever stands on a retired one is retired as well.
    """

    sites: dict[int, Site] = field(factory=dict, init=False)
    retired_sites: dict[int, Site] = field(factory=dict, init=False)
    stations: dict[int, StationRow] = field(factory=dict, init=False)
    connectors: dict[int, ConnectorRow] = field(factory=dict, init=False)
    next_connector_number: int = field(default=FIRST_CONNECTOR, init=False)
    _station_of_serial: dict[str, int] = field(factory=dict, init=False)
    _connectors_of: dict[int, list[int]] = field(factory=dict, init=False)

    def site(self, site_id: int) -> Site:
        """Return a site in service; raise `SiteUnknown`."""
        if site_id not in self.sites:
            raise SiteUnknown(site_id)
        return self.sites[site_id]

    @property
    def next_site_number(self) -> int:
        """The number of the next site."""
        return len(self.sites) + len(self.retired_sites) + 1

    def put_site(self, site: Site) -> Site:
        """Insert or replace a site and return it; raise `AlreadyTaken("name")`."""
        others = (row for row in self.sites.values() if row.site_id != site.site_id)
        if any(site.name == other.name for other in others):
            raise AlreadyTaken("name")
        self.sites[site.site_id] = site
        return site

    def retire_site(self, site_id: int, at: float) -> None:
        """Retire a site and the connectors on it."""
        for connector in self.connectors_on_site(site_id):
            self.retire_connector(connector.connector_id, at)
        self.retired_sites[site_id] = self.sites.pop(site_id)

    def connectors_on_site(self, site_id: int) -> list[ConnectorRow]:
        """Return the connectors in service on a site, by their public numbers."""
        rows = (
            row
            for station in self.stations.values()
            if station.site_id == site_id
            for row in self.connectors_of(station.station_id)
        )
        return sorted(rows, key=lambda row: row.connector_id)

    @property
    def self_test_station(self) -> StationRow | None:
        """The station of the self tests, once there is one."""
        stations = self.stations.values()
        return next((row for row in stations if row.for_self_tests), None)

    def is_for_self_tests(self, connector_id: int) -> bool:
        """Tell whether a connector is that of the self tests."""
        connector = self.connectors.get(connector_id)
        return bool(connector and self.stations[connector.station_id].for_self_tests)

    def price_at(self, station_id: int) -> Decimal | None:
        """Return what the site of a station asks for a kWh, in SEK."""
        site_id = self.stations[station_id].site_id
        return None if site_id is None else self.sites[site_id].sek_per_kwh

    @property
    def next_station_number(self) -> int:
        """The number of the next station; no station is ever deleted."""
        return len(self.stations) + 1

    def station_called(self, serial_number: str) -> StationRow | None:
        """Return a station, whether it has connectors in service or not."""
        station_id = self._station_of_serial.get(serial_number)
        return None if station_id is None else self.stations[station_id]

    def put_station(self, station: StationRow) -> None:
        """Insert or replace a station."""
        self.stations[station.station_id] = station
        self._station_of_serial[station.serial_number] = station.station_id

    def connector_in_service(self, connector_id: int) -> ConnectorRow:
        """Return a connector that is not retired; raise `ConnectorUnknown`."""
        connector = self.connectors.get(connector_id)
        if connector is None or connector.retired_at is not None:
            raise ConnectorUnknown(connector_id)
        return connector

    def connectors_of(self, station_id: int) -> list[ConnectorRow]:
        """Return a station's connectors in service, by their number on it."""
        numbers = self._connectors_of.get(station_id, ())
        rows = (self.connectors[number] for number in numbers)
        in_service = (row for row in rows if row.retired_at is None)
        return sorted(in_service, key=lambda row: row.number)

    def add_connector(self, station_id: int, number: int) -> ConnectorRow:
        """Give a station a connector under the next public number.

        Raise `NumbersExhausted`.
        """
        if self.next_connector_number > LAST_NUMBER_GIVEN_OUT:
            raise NumbersExhausted
        connector = ConnectorRow(
            connector_id=self.next_connector_number,
            station_id=station_id,
            number=number,
            status=ConnectorStatus.AVAILABLE,
        )
        self.next_connector_number += 1
        self.connectors[connector.connector_id] = connector
        on_station = self._connectors_of.setdefault(station_id, [])
        on_station.append(connector.connector_id)
        return connector

    def fit_connectors(self, station_id: int, count: int, at: float) -> None:
        """Bring a station's connectors 1 to `count` into service, and retire the rest.

        Raise `NumbersExhausted`: then nothing is changed.
        """
        there = self.connectors_of(station_id)
        missing = set(range(1, count + 1)) - {row.number for row in there}
        if self.next_connector_number + len(missing) - 1 > LAST_NUMBER_GIVEN_OUT:
            raise NumbersExhausted
        for row in there:
            if row.number > count:
                self.retire_connector(row.connector_id, at)
        for number in sorted(missing):
            self.add_connector(station_id, number)

    def retire_connector(self, connector_id: int, at: float) -> None:
        """Take a connector out of service."""
        connector = self.connectors[connector_id]
        self.connectors[connector_id] = evolve(connector, retired_at=stored_at(at))

    def put_self_test_connector(self, station_id: int) -> ConnectorRow:
        """Insert the connector of the self tests, or bring it back into service."""
        connector = ConnectorRow(
            connector_id=SELF_TEST_CONNECTOR,
            station_id=station_id,
            number=1,
            status=ConnectorStatus.AVAILABLE,
        )
        self.connectors[SELF_TEST_CONNECTOR] = connector
        self._connectors_of[station_id] = [SELF_TEST_CONNECTOR]
        return connector

    def say(self, connector_id: int, word: ConnectorStatus, at: float) -> None:
        """Store a connector's word."""
        self.connectors[connector_id] = evolve(
            self.connectors[connector_id], status=word, status_at=stored_at(at)
        )
