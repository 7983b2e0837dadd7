"""The back end on real sockets and a real database, and how all of it ends."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any, Final

from attrs import define, field
from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.config import Settings
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.keys import SigningKeys, load_or_make_server_key
from flexicharge.identity.outbox import DevelopmentOutbox
from flexicharge.identity.passwords import ThreadedHasher
from flexicharge.identity.threads import OneThread
from flexicharge.service.back_end import BackEnd, People, Stores
from flexicharge.service.own_ports import own_ports
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.embedded import RunningPostgres
from flexicharge.storage.readings import PostgresReadings
from flexicharge.storage.self_tests import PostgresSelfTests
from flexicharge.storage.tariffs import PostgresTariffs
from flexicharge.storage.transactions import PostgresTransactions

STATEMENT_TIMEOUT_S: Final = 5.0
STATEMENT_GRACE_S: Final = 2.0


@define(eq=False, kw_only=True)
class Server(Service):
    """The back end on real sockets and a real database."""

    reactor: Any
    back_end: BackEnd
    database: PostgresDatabase
    threads: tuple[OneThread, ...]
    http_socket: socket.socket
    ocpp_socket: socket.socket
    postgres: RunningPostgres | None
    _ports: list[IListeningPort] = field(factory=list, init=False)
    _log = Logger()

    def startService(self) -> None:
        """Connect to the database, then take what already waits at the ports."""
        super().startService()
        for thread in self.threads:
            thread.startService()
        Deferred.fromCoroutine(self._start()).addErrback(self._give_up)

    def stopService(self) -> Deferred[None]:
        """Stop accepting, end everything in order, stop our PostgreSQL last."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    def _give_up(self, failure: Failure) -> None:
        """End the process: a server that listens to nobody helps nobody."""
        self._log.failure("FlexiCharge cannot start", failure)
        self.reactor.stop()

    async def _start(self) -> None:
        await self.database.open()
        await self.back_end.recover()
        self.back_end.start()
        self._listen(self.http_socket, self.back_end.site)
        self._listen(self.ocpp_socket, self.back_end.gateway)
        if self.back_end.self_tests and self.back_end.settings.ocpp_self_tests:
            self.back_end.self_tests.run_soon()

    def _listen(self, bound: socket.socket, factory: Any) -> None:
        """Hand a bound socket over to the reactor, which keeps a copy of its own."""
        bound.setblocking(False)
        port = self.reactor.adoptStreamPort(bound.fileno(), bound.family, factory)
        self._ports.append(port)
        bound.close()

    async def _stop(self) -> None:
        await DeferredList([_closed(port) for port in self._ports])
        await self.back_end.stop()
        await DeferredList([thread.stopService() for thread in self.threads])
        await self.database.close()
        if self.postgres is not None:
            await deferToThread(self.postgres.stop)
        self._log.info("FlexiCharge has stopped")


def _closed(port: IListeningPort) -> Deferred[Any]:
    """Return a Deferred that fires when a port listens no more."""
    return maybeDeferred(port.stopListening)


def _stores(database: PostgresDatabase, reactor: Any) -> Stores:
    return Stores(
        self_tests=PostgresSelfTests(database),
        chargers=PostgresChargers(database),
        transactions=PostgresTransactions(database),
        readings=PostgresReadings(database, reactor),
        tariffs=PostgresTariffs(database),
        accounts=PostgresAccounts(database),
    )


def build(
    reactor: Any,
    settings: Settings,
    *,
    http_socket: socket.socket,
    ocpp_socket: socket.socket,
    dsn: str,
    postgres: RunningPostgres | None,
    keys: SigningKeys,
    data_dir: Path,
) -> IService:
    """Return the whole server on bound sockets and a migrated database."""
    database = PostgresDatabase(
        reactor, dsn, statement_timeout=STATEMENT_TIMEOUT_S, grace=STATEMENT_GRACE_S
    )
    entropy = SystemEntropy()
    hashing, writing = OneThread(reactor, "hashing"), OneThread(reactor, "outbox")
    back_end = BackEnd(
        clock=reactor,
        settings=settings,
        stores=_stores(database, reactor),
        people=People(
            signing_keys=keys,
            server_key=load_or_make_server_key(data_dir / "keys", entropy),
            hasher=ThreadedHasher(hashing.run),
            mail=DevelopmentOutbox(data_dir / "outbox", reactor, entropy, writing.run),
            entropy=entropy,
        ),
        probe=lambda: database.query("SELECT 1"),
        own_ports=own_ports(reactor, settings),
    )
    return Server(
        reactor=reactor,
        back_end=back_end,
        database=database,
        threads=(hashing, writing),
        http_socket=http_socket,
        ocpp_socket=ocpp_socket,
        postgres=postgres,
    )
