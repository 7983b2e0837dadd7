"""The stores over real connections, for those who act at once."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import closing
from typing import Any

import psycopg2
from attrs import evolve, frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.task import deferLater

from flexicharge.model.session import Session, StartFact, TaggedStart
from flexicharge.model.site import Connector, Site
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.transactions import PostgresTransactions

NOON = 1_800_000_000.0
LOCK_SITE = "SELECT FROM sites WHERE site_id = %s FOR UPDATE"
LOCK_CONNECTOR = "SELECT FROM connectors WHERE connector_id = %s FOR UPDATE"
Work = Coroutine[Any, Any, Any]


@frozen
class Desk:
    """The stores on four connections, and where they lead."""

    dsn: str
    database: PostgresDatabase
    chargers: PostgresChargers
    transactions: PostgresTransactions
    accounts: PostgresAccounts

    async def charger(
        self, serial_number: str = "abc111", site: Site | None = None
    ) -> Connector:
        """Return a new charger, on a site or on none."""
        return await self.chargers.add_charger(
            site and site.site_id, serial_number, (57.7, 14.1)
        )

    async def site(self) -> Site:
        """Return a new site."""
        return await self.chargers.add_charge_point("A", "Here 1", (57.7, 14.1))

    def remove(self, site: Site) -> Work:
        """Retire a site."""
        return self.chargers.remove_charge_point(site.site_id, NOON)

    async def reserve(self, connector: Connector, user_id: str = "u1") -> Session:
        """Return a new session that is held for five minutes."""
        session, _ = await self.add(connector, user_id)
        return session

    def add(self, connector: Connector, user_id: str) -> Work:
        """Open a session on a connector."""
        return self.transactions.add_transaction(
            user_id, connector.connector_id, at=NOON, reserved_until=NOON + 300
        )

    def start(self, connector: Connector) -> Work:
        """Let a charger say that energy flows."""
        fact = StartFact(
            station_id=connector.station_id,
            connector_id=connector.connector_id,
            meter_start_wh=100,
            started_at=NOON + 10,
            claimed="{}",
        )
        return self.transactions.start(fact)

    def start_tagged(self, connector: Connector, **changes: Any) -> Work:
        """Let a standard charger say that energy flows for user u1's tag."""
        fact = TaggedStart(
            station_id=connector.station_id,
            connector_id=connector.connector_id,
            meter_start_wh=100,
            started_at=NOON + 10,
            arrived_at=NOON + 10,
            claimed="{}",
            key="one",
            id_tag="CARD1",
            user_id="u1",
        )
        return self.transactions.start_tagged(evolve(fact, **changes))

    async def in_turn(self, held: Connector | Site, *work: Work) -> list[Any]:
        """Let everybody wait for one row, in order; return what they came to."""
        with closing(psycopg2.connect(self.dsn)) as holder:
            if isinstance(held, Site):
                lock, number = LOCK_SITE, held.site_id
            else:
                lock, number = LOCK_CONNECTOR, held.connector_id
            holder.cursor().execute(lock, (number,))
            started = []
            for one in work:
                started.append(Deferred.fromCoroutine(one))
                await deferLater(reactor, 0.05)
            assert not any(one.called for one in started)
        return await outcomes(started)


async def outcomes(started: list[Deferred[Any]]) -> list[Any]:
    """Return results as they are, and errors as exceptions."""
    ended = await DeferredList(started, consumeErrors=True)
    return [result if ok else result.value for ok, result in ended]


async def at_once(*work: Work) -> list[Any]:
    """Start everybody in the same turn; return what they came to."""
    return await outcomes([Deferred.fromCoroutine(one) for one in work])


def kinds(results: list[Any]) -> list[str]:
    """Return the types of what came out, in no particular order."""
    return sorted(type(result).__name__ for result in results)
