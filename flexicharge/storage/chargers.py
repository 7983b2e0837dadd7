"""Sites, stations and connectors in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Unpack

from attrs import frozen
from psycopg2.errors import SequenceGeneratorLimitExceeded, UniqueViolation
from zope.interface import implementer

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
    NumbersExhausted,
    SiteUnknown,
)
from flexicharge.interfaces import IChargerStore
from flexicharge.interfaces.stores import Row
from flexicharge.model.site import (
    Connector,
    Protocol,
    Site,
    SiteChanges,
)
from flexicharge.model.status import ConnectorStatus, status_of
from flexicharge.storage import charger_changes as change
from flexicharge.storage.charger_rows import (
    IS_UNTOUCHED,
    READ_CONNECTOR_FOR,
    READ_CONNECTORS,
    READ_SITES,
    connector_of,
    site_of,
)
from flexicharge.storage.locks import (
    LOCK_CONNECTOR,
    LOCK_CONNECTORS,
    LOCK_CONNECTORS_ON_SITE,
    LOCK_SITE,
    SHARE_SITE,
    in_one_commit,
)
from flexicharge.storage.stations import PostgresStations
from flexicharge.storage.values import check_finite, is_storable


@implementer(IChargerStore)
@frozen
class PostgresChargers(PostgresStations):
    """The network that survives a restart; see `IChargerStore` for every method."""

    async def is_untouched(self) -> bool:
        """Tell whether there never was a site or a station, but that of self tests."""
        ((is_untouched,),) = await self._database.query(IS_UNTOUCHED)
        return bool(is_untouched)

    async def get_charge_points(self) -> tuple[Site, ...]:
        """Return all sites that are not retired, by number."""
        rows = await self._database.query(READ_SITES + "ORDER BY site_id")
        return tuple(map(site_of, rows))

    async def get_charge_point(self, site_id: int) -> Site:
        """Return one site; raise `SiteUnknown`."""
        rows = await self._database.query(READ_SITES + "AND site_id = %s", (site_id,))
        if not rows:
            raise SiteUnknown(site_id)
        return site_of(rows[0])

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
        values = (name, address, *location, sek_per_kwh, klarna_reservation_ore)
        try:
            rows = await self._database.query(change.ADD_SITE, values)
        except UniqueViolation as why:
            raise AlreadyTaken("name") from why
        return site_of(rows[0])

    async def update_charge_point(
        self, site_id: int, **changes: Unpack[SiteChanges]
    ) -> Site:
        """Change what is given of a site; raise `SiteUnknown`, `AlreadyTaken`."""
        try:
            rows = await self._database.query(
                change.CHANGE_SITE, _params_of(site_id, changes)
            )
        except UniqueViolation as why:
            raise AlreadyTaken("name") from why
        if not rows:
            raise SiteUnknown(site_id)
        return site_of(rows[0])

    async def remove_charge_point(self, site_id: int, at: float) -> tuple[str, ...]:
        """Retire a site and its connectors; raise `SiteUnknown`, `ConnectorBusy`."""
        rows = await self._database.query(
            in_one_commit(LOCK_SITE, LOCK_CONNECTORS_ON_SITE, change.RETIRE_SITE),
            {"site_id": site_id, "at": at},
        )
        in_service, busy_connector, serial_numbers = rows[0]
        if not in_service:
            raise SiteUnknown(site_id)
        if busy_connector is not None:
            raise ConnectorBusy(busy_connector)
        return tuple(serial_numbers)

    async def add_charger(
        self,
        charge_point_id: int | None,
        serial_number: str,
        location: tuple[float, float],
        *,
        protocol: Protocol = Protocol.DIALECT,
    ) -> Connector:
        """Make a station with one connector, `Available`, under the next number."""
        params = {
            "site_id": charge_point_id,
            "serial_number": serial_number,
            "protocol": protocol,
            "latitude": location[0],
            "longitude": location[1],
        }
        try:
            rows = await self._database.query(
                in_one_commit(SHARE_SITE, change.ADD_CHARGER), params
            )
        except UniqueViolation as why:  # two who added it at once
            raise AlreadyTaken("serialNumber") from why
        except SequenceGeneratorLimitExceeded as why:
            raise NumbersExhausted from why
        site_found, connector_row = rows[0][0], rows[0][1:]
        if charge_point_id is not None and not site_found:
            raise SiteUnknown(charge_point_id)
        if connector_row[0] is None:
            raise AlreadyTaken("serialNumber")
        return connector_of(connector_row)

    async def get_charger(self, connector_id: int) -> Connector:
        """Return a connector in service; raise `ConnectorUnknown`."""
        rows = await self._database.query(
            READ_CONNECTORS + "AND c.connector_id = %s", (connector_id,)
        )
        return _only(rows, connector_id)

    async def get_charger_for(
        self, connector_id: int, user_id: str | None
    ) -> Connector:
        """Return a connector that a user may charge at; raise `ConnectorUnknown`."""
        rows = await self._database.query(
            READ_CONNECTOR_FOR, {"connector_id": connector_id, "user_id": user_id}
        )
        return _only(rows, connector_id)

    async def get_chargers(self) -> tuple[Connector, ...]:
        """Return all connectors in service, by number."""
        rows = await self._database.query(READ_CONNECTORS + "ORDER BY c.connector_id")
        return tuple(map(connector_of, rows))

    async def get_available_chargers(self, at: float) -> tuple[Connector, ...]:
        """Return those that are shown `Available` at a time, by number."""
        return tuple(
            connector
            for connector in await self.get_chargers()
            if connector.shown_at(at) is ConnectorStatus.AVAILABLE
        )

    async def get_charger_by_serial_number(self, serial_number: str) -> Connector:
        """Return the lowest connector of a station; raise `ConnectorUnknown`."""
        if not is_storable(serial_number):
            raise ConnectorUnknown(serial_number)
        rows = await self._database.query(
            READ_CONNECTORS + "AND st.serial_number = %s ORDER BY c.number LIMIT 1",
            (serial_number,),
        )
        return _only(rows, serial_number)

    async def remove_charger(self, connector_id: int, at: float) -> bool:
        """Retire a connector: False if there is none, `ConnectorBusy` in a session."""
        rows = await self._database.query(
            in_one_commit(LOCK_CONNECTOR, change.RETIRE),
            {"connector_id": connector_id, "at": at},
        )
        retired, in_service = rows[0]
        if in_service and not retired:
            raise ConnectorBusy(connector_id)
        return bool(retired)

    async def update_charger_status(
        self, connector_id: int, status: str | int, at: float
    ) -> Connector:
        """Store a connector's word; raise `ConnectorUnknown` or `Invalid`."""
        rows = await self._database.query(
            in_one_commit(
                change.SET_STATUS,
                READ_CONNECTORS + "AND c.connector_id = %(connector_id)s",
            ),
            {"connector_id": connector_id, "status": status_of(status), "at": at},
        )
        return _only(rows, connector_id)

    async def update_statuses(
        self, words: Iterable[tuple[int, ConnectorStatus, float]]
    ) -> None:
        """Store many connectors' words in one commit; of one connector, the last."""
        last = {connector_id: (word, at) for connector_id, word, at in words}
        if not last:
            return
        times = [at for _, at in last.values()]
        check_finite(times)
        await self._database.query(
            in_one_commit(LOCK_CONNECTORS, change.SET_STATUSES),
            {
                "connector_ids": list(last),
                "statuses": [word for word, _ in last.values()],
                "times": times,
            },
        )


def _params_of(site_id: int, changes: SiteChanges) -> dict[str, object]:
    latitude, longitude = changes.get("location", (None, None))
    return {
        "site_id": site_id,
        "name": changes.get("name"),
        "address": changes.get("address"),
        "latitude": latitude,
        "longitude": longitude,
        "has_price": "sek_per_kwh" in changes,
        "sek_per_kwh": changes.get("sek_per_kwh"),
        "klarna_reservation_ore": changes.get("klarna_reservation_ore"),
    }


def _only(rows: list[Row], name: object) -> Connector:
    if not rows:
        raise ConnectorUnknown(name)
    return connector_of(rows[0])
