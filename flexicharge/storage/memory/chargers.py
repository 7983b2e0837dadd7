"""Sites, stations and connectors, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Unpack

from attrs import evolve, frozen
from zope.interface import implementer

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
)
from flexicharge.interfaces import IChargerStore
from flexicharge.model.site import (
    Connector,
    Protocol,
    Site,
    SiteChanges,
)
from flexicharge.model.status import ConnectorStatus, status_of
from flexicharge.storage.memory.guards import (
    stored_count,
    stored_location,
    stored_price,
    stored_serial_number,
    stored_text,
)
from flexicharge.storage.memory.rows import ConnectorRow, StationRow
from flexicharge.storage.memory.stations import MemoryStations


@implementer(IChargerStore)
@frozen
class MemoryChargers(MemoryStations):
    """The network of a world; see `IChargerStore` for every method."""

    async def is_untouched(self) -> bool:
        """Tell whether there never was a site or a station, but that of self tests."""
        async with self._world.commit("is_untouched"):
            stations = self._network.stations.values()
            has_station = any(not row.for_self_tests for row in stations)
            return not has_station and self._network.next_site_number == 1

    async def get_charge_points(self) -> tuple[Site, ...]:
        """Return all sites that are not retired, by number."""
        async with self._world.commit("get_charge_points"):
            return tuple(self._network.sites.values())

    async def get_charge_point(self, site_id: int) -> Site:
        """Return one site; raise `SiteUnknown`."""
        async with self._world.commit("get_charge_point"):
            return self._network.site(site_id)

    async def add_charge_point(
        self,
        name: str,
        address: str,
        location: tuple[float, float],
        *,
        sek_per_kwh: Decimal | None = None,
        klarna_reservation_ore: int = 50_000,
    ) -> Site:
        """Make a site at (latitude, longitude); raise `AlreadyTaken("name")`."""
        async with self._world.commit("add_charge_point"):
            site = Site(
                site_id=self._network.next_site_number,
                name=name,
                address=address,
                latitude=location[0],
                longitude=location[1],
                sek_per_kwh=sek_per_kwh,
                klarna_reservation_ore=klarna_reservation_ore,
            )
            return self._network.put_site(_stored(site))

    async def update_charge_point(
        self, site_id: int, **changes: Unpack[SiteChanges]
    ) -> Site:
        """Change what is given of a site; raise `SiteUnknown`, `AlreadyTaken`."""
        async with self._world.commit("update_charge_point"):
            site = self._network.site(site_id)
            return self._network.put_site(_stored(_changed(site, changes)))

    async def remove_charge_point(self, site_id: int, at: float) -> tuple[str, ...]:
        """Retire a site and its connectors; raise `SiteUnknown`, `ConnectorBusy`."""
        async with self._world.commit("remove_charge_point"):
            self._network.site(site_id)
            connectors = self._network.connectors_on_site(site_id)
            for connector in connectors:
                if self._world.sessions.has_open(connector.connector_id):
                    raise ConnectorBusy(connector.connector_id)
            self._network.retire_site(site_id, at)
            stations = dict.fromkeys(row.station_id for row in connectors)
            return tuple(self._network.stations[no].serial_number for no in stations)

    async def add_charger(
        self,
        charge_point_id: int | None,
        serial_number: str,
        location: tuple[float, float],
        *,
        protocol: Protocol = Protocol.DIALECT,
    ) -> Connector:
        """Make a station with one connector, `Available`, under the next number.

        A serial number whose connectors are all retired starts anew. Raise
        `SiteUnknown`, `AlreadyTaken("serialNumber")` or `NumbersExhausted`.
        """
        async with self._world.commit("add_charger"):
            latitude, longitude = stored_location(location)
            if charge_point_id is not None:
                self._network.site(charge_point_id)
            known = self._network.station_called(stored_serial_number(serial_number))
            if known and (
                known.for_self_tests or self._network.connectors_of(known.station_id)
            ):
                raise AlreadyTaken("serialNumber")
            station = StationRow(
                station_id=known.station_id
                if known
                else self._network.next_station_number,
                serial_number=serial_number,
                protocol=protocol,
                site_id=charge_point_id,
                latitude=latitude,
                longitude=longitude,
            )
            connector = self._network.add_connector(station.station_id, 1)
            self._network.put_station(station)
            return self._shown(connector)

    async def get_charger(self, connector_id: int) -> Connector:
        """Return a connector in service; raise `ConnectorUnknown`."""
        async with self._world.commit("get_charger"):
            return self._shown(self._visible(connector_id))

    async def get_charger_for(
        self, connector_id: int, user_id: str | None
    ) -> Connector:
        """Return a connector that a user may charge at; raise `ConnectorUnknown`."""
        async with self._world.commit("get_charger_for"):
            if not self._world.may_use(user_id, connector_id):
                raise ConnectorUnknown(connector_id)
            return self._shown(self._network.connector_in_service(connector_id))

    async def get_chargers(self) -> tuple[Connector, ...]:
        """Return all connectors in service, by number."""
        async with self._world.commit("get_chargers"):
            return self._all()

    async def get_available_chargers(self, at: float) -> tuple[Connector, ...]:
        """Return those that are shown `Available` at a time, by number."""
        async with self._world.commit("get_available_chargers"):
            available = ConnectorStatus.AVAILABLE
            return tuple(c for c in self._all() if c.shown_at(at) is available)

    async def get_charger_by_serial_number(self, serial_number: str) -> Connector:
        """Return the lowest connector of a station; raise `ConnectorUnknown`."""
        async with self._world.commit("get_charger_by_serial_number"):
            connectors = self._connectors_called(serial_number)
            if not connectors or self._is_hidden(connectors[0].connector_id):
                raise ConnectorUnknown(serial_number)
            return connectors[0]

    async def remove_charger(self, connector_id: int, at: float) -> bool:
        """Retire a connector: False if there is none, `ConnectorBusy` in a session."""
        async with self._world.commit("remove_charger"):
            connector = self._network.connectors.get(connector_id)
            if connector is None or connector.retired_at is not None:
                return False
            if self._is_hidden(connector_id):
                return False
            if self._world.sessions.has_open(connector_id):
                raise ConnectorBusy(connector_id)
            self._network.retire_connector(connector_id, at)
            return True

    async def update_charger_status(
        self, connector_id: int, status: str | int, at: float
    ) -> Connector:
        """Store a connector's word; raise `ConnectorUnknown` or `Invalid`."""
        word = status_of(status)
        async with self._world.commit("update_charger_status"):
            self._visible(connector_id)
            self._network.say(connector_id, word, at)
            return self._shown(self._visible(connector_id))

    async def update_statuses(
        self, words: Iterable[tuple[int, ConnectorStatus, float]]
    ) -> None:
        """Store many connectors' words in one commit; of one connector, the last."""
        rows = tuple(words)
        async with self._world.commit("update_statuses"):
            for connector_id, word, at in rows:
                connector = self._network.connectors.get(connector_id)
                if connector and connector.retired_at is None:
                    self._network.say(connector_id, word, at)

    def _all(self) -> tuple[Connector, ...]:
        rows = self._network.connectors.values()
        return tuple(
            self._shown(row)
            for row in rows
            if row.retired_at is None and not self._is_hidden(row.connector_id)
        )

    def _is_hidden(self, connector_id: int) -> bool:
        return self._network.is_for_self_tests(connector_id)

    def _visible(self, connector_id: int) -> ConnectorRow:
        """Return a connector in service; raise `ConnectorUnknown`."""
        if self._is_hidden(connector_id):
            raise ConnectorUnknown(connector_id)
        return self._network.connector_in_service(connector_id)

    def _connectors_called(self, serial_number: str) -> tuple[Connector, ...]:
        station = self._network.station_called(serial_number)
        if station is None:
            return ()
        rows = self._network.connectors_of(station.station_id)
        return tuple(self._shown(row) for row in rows)


def _changed(site: Site, changes: SiteChanges) -> Site:
    latitude, longitude = changes.get("location", (site.latitude, site.longitude))
    return Site(
        site_id=site.site_id,
        name=changes.get("name", site.name),
        address=changes.get("address", site.address),
        latitude=latitude,
        longitude=longitude,
        sek_per_kwh=changes.get("sek_per_kwh", site.sek_per_kwh),
        klarna_reservation_ore=changes.get(
            "klarna_reservation_ore", site.klarna_reservation_ore
        ),
    )


def _stored(site: Site) -> Site:
    """Return a site as its row keeps it; raise `ValueError` for what no row holds."""
    price = site.sek_per_kwh
    stored_location((site.latitude, site.longitude))
    stored_text(site.name)
    stored_text(site.address)
    stored_count(site.klarna_reservation_ore)
    return evolve(site, sek_per_kwh=None if price is None else stored_price(price))
