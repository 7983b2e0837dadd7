"""The rows that self tests live on, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen
from zope.interface import implementer

from flexicharge.errors import AlreadyTaken, NameTaken
from flexicharge.interfaces import ISelfTestStore
from flexicharge.model.account import Account
from flexicharge.model.site import Connector, Protocol
from flexicharge.model.status import ConnectorStatus
from flexicharge.storage.memory.guards import (
    stored_at,
    stored_serial_number,
    stored_text,
)
from flexicharge.storage.memory.rows import StationRow
from flexicharge.storage.memory.world import MemoryWorld


@implementer(ISelfTestStore)
@frozen
class MemorySelfTests:
    """What self tests need of a world, and take away again."""

    _world: MemoryWorld

    async def prepare(
        self,
        serial_number: str,
        credential: bytes,
        accounts: Sequence[Account],
        at: float,
    ) -> Connector:
        """Delete what is left of an earlier run, and make everything for a new one."""
        async with self._world.commit("prepare"):
            known = self._world.network.self_test_station
            if known is None:
                known = self._new_station(serial_number)
            self._check_addresses(accounts)
            self._purge(at)
            for account in accounts:
                self._add_account(account, at)
            return self._connector(evolve(known, credential=credential))

    async def purge(self, at: float) -> None:
        """Delete what self tests left, whatever it is; retire their connector."""
        async with self._world.commit("purge"):
            self._purge(at)

    def _new_station(self, serial_number: str) -> StationRow:
        network = self._world.network
        if network.station_called(stored_serial_number(serial_number)) is not None:
            raise AlreadyTaken("serialNumber")
        return StationRow(
            station_id=network.next_station_number,
            serial_number=serial_number,
            protocol=Protocol.DIALECT,
            site_id=None,
            latitude=0.0,
            longitude=0.0,
            for_self_tests=True,
        )

    def _check_addresses(self, accounts: Sequence[Account]) -> None:
        """Raise `NameTaken` where a person has one of the addresses."""
        world = self._world
        people = (a for a in world.accounts.values() if not self._is_ours(a))
        taken = {account.email for account in people}
        for account in accounts:
            if account.email.lower() in taken:
                raise NameTaken(account.email)

    def _add_account(self, account: Account, at: float) -> None:
        self._world.self_test_accounts.add(account.account_id)
        self._world.accounts[stored_text(account.account_id)] = evolve(
            account,
            email=stored_text(account.email).lower(),
            created_at=stored_at(at),
            modified_at=stored_at(at),
        )

    def _connector(self, station: StationRow) -> Connector:
        network = self._world.network
        network.put_station(station)
        row = network.put_self_test_connector(station.station_id)
        return Connector(
            connector_id=row.connector_id,
            station_id=station.station_id,
            serial_number=station.serial_number,
            number=row.number,
            site_id=None,
            latitude=station.latitude,
            longitude=station.longitude,
            status=row.status,
        )

    def _purge(self, at: float) -> None:
        world = self._world
        accounts = {k: a for k, a in world.accounts.items() if not self._is_ours(a)}
        ours = world.self_test_accounts
        world.codes = {k: code for k, code in world.codes.items() if k[0] not in ours}
        world.accounts, world.self_test_accounts = accounts, set()
        station = world.network.self_test_station
        if station is not None:
            self._purge_station(station, at)

    def _purge_station(self, station: StationRow, at: float) -> None:
        world, network = self._world, self._world.network
        session_ids = world.sessions.drop_station(station.station_id)
        for session_id in session_ids:
            world.readings.pop(session_id, None)
        world.meter_values.drop_station(station.station_id, session_ids)
        world.books.drop_station(station.station_id, session_ids)
        world.notebooks.drop_station(station.station_id)
        commands = world.commands.items()
        world.commands = {
            k: row for k, row in commands if row.station_id != station.station_id
        }
        network.put_station(
            evolve(
                station, credential=None, connected_since=None, gone_at=None, boot=None
            )
        )
        for connector in network.connectors_of(station.station_id):
            network.connectors[connector.connector_id] = evolve(
                connector,
                status=ConnectorStatus.AVAILABLE,
                status_at=None,
                retired_at=stored_at(at),
            )

    def _is_ours(self, account: Account) -> bool:
        return account.account_id in self._world.self_test_accounts
