"""The back end on real sockets and a real database, and how all of it ends."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from attrs import define, field
from OpenSSL.SSL import Context
from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.certificates.authority import LocalCa
from flexicharge.certificates.directory import CaDirectory
from flexicharge.config import Settings
from flexicharge.gateway.tls import behind_tls
from flexicharge.identity.cognito.identity import OpenPool
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.key_files import load_or_make_server_key
from flexicharge.identity.keys import KeyRing
from flexicharge.identity.outbox import DevelopmentOutbox
from flexicharge.identity.passwords import ThreadedHasher
from flexicharge.identity.rotation import KeyRotation
from flexicharge.identity.smtp import MailServer, SmtpMail
from flexicharge.identity.threads import FewThreads, OneThread
from flexicharge.interfaces import IEntropy, IMail
from flexicharge.interfaces.threads import RunInThread
from flexicharge.model.demo import DAY_S
from flexicharge.rest.docs import packaged_assets
from flexicharge.service.back_end import BackEnd, People, Stores
from flexicharge.service.cognito import aws_threads, open_pool
from flexicharge.service.own_ports import own_ports
from flexicharge.startup.charger_tls import OpenTls, open_tls
from flexicharge.startup.database import CA, KEYS, OUTBOX
from flexicharge.startup.ports import Ports
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.commands import PostgresCommands
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.embedded import RunningPostgres
from flexicharge.storage.invoices import PostgresInvoices
from flexicharge.storage.journal import PostgresJournal
from flexicharge.storage.readings import PostgresReadings
from flexicharge.storage.reservations import PostgresReservations
from flexicharge.storage.self_tests import PostgresSelfTests
from flexicharge.storage.station_book import PostgresStationBook
from flexicharge.storage.tags import PostgresIdTags
from flexicharge.storage.tariffs import PostgresTariffs
from flexicharge.storage.transactions import PostgresTransactions

STATEMENT_TIMEOUT_S: Final = 5.0
STATEMENT_GRACE_S: Final = 2.0
BILLS_WAITING: Final = 8  # each may take some seconds to draw


@define(eq=False, kw_only=True)
class Server(Service):
    """The back end on real sockets and a real database."""

    reactor: Any
    back_end: BackEnd
    database: PostgresDatabase
    threads: tuple[FewThreads, ...]
    ports: Ports
    tls: OpenTls
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
        self._listen(self.ports.http, self.back_end.site)
        self._listen(self.ports.ocpp, self.back_end.gateway)
        self._listen_securely(self.ports.tls, self.tls.plain)
        self._listen_securely(self.ports.mtls, self.tls.with_certificates)
        if self.back_end.demo_charger is not None:
            self.back_end.demo_charger.start()
        if self.back_end.self_tests and self.back_end.settings.ocpp_self_tests:
            self.back_end.self_tests.run_soon()

    def _listen(self, bound: socket.socket, factory: Any) -> None:
        """Hand a bound socket over to the reactor, which keeps a copy of its own."""
        bound.setblocking(False)
        port = self.reactor.adoptStreamPort(bound.fileno(), bound.family, factory)
        self._ports.append(port)
        bound.close()

    def _listen_securely(
        self, bound: socket.socket | None, context: Context | None
    ) -> None:
        """Let connections of a port begin with TLS, if both are there."""
        if bound is not None and context is not None:
            gateway = self.back_end.gateway
            self._listen(bound, behind_tls(context, gateway, self.reactor))

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
        reservations=PostgresReservations(database),
        chargers=PostgresChargers(database),
        transactions=PostgresTransactions(database),
        invoices=PostgresInvoices(database),
        readings=PostgresReadings(database, reactor),
        tariffs=PostgresTariffs(database),
        accounts=PostgresAccounts(database),
        commands=PostgresCommands(database),
        book=PostgresStationBook(database),
        tags=PostgresIdTags(database),
        journal=PostgresJournal(database, reactor),
    )


def _pool(settings: Settings, reactor: Any, run: RunInThread) -> OpenPool | None:
    """Return the way to the pool that people are in, None if they are with us."""
    told = settings.cognito
    return None if told is None else open_pool(reactor, told, run)


def _mail_server(settings: Settings, reactor: Any, entropy: IEntropy) -> IMail | None:
    """Return the way to the mail server that settings name, None if they name none."""
    told = settings.mail
    if told is None:
        return None
    server = MailServer(
        host=told.host,
        port=told.port,
        sender=told.sender,
        security=told.security,
        username=told.username,
        password=told.password,
    )
    return SmtpMail(server, reactor, entropy)


def _look_at(
    keys: KeyRing, data_dir: Path, settings: Settings, reactor: Any, run: RunInThread
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return what has signing keys replaced when they are old, time and again."""
    rotation = KeyRotation(
        ring=keys,
        directory=data_dir / KEYS,
        max_age_s=settings.signing_key_days * DAY_S,
        clock=reactor,
        run=run,
    )
    return rotation.look


def _authority(
    directory: CaDirectory,
    shown: tuple[str, ...],
    settings: Settings,
    reactor: Any,
    run: RunInThread,
) -> LocalCa:
    """Return our certificate authority; `shown` are the chains our own ports show."""
    return LocalCa(
        issuers=directory,
        organisation=settings.ca_name,
        days=settings.certificate_days,
        names_judged=settings.csr_strict,
        clock=reactor,
        entropy=directory.entropy,
        run=run,
        shown=shown,
    )


def build(
    reactor: Any,
    settings: Settings,
    *,
    ports: Ports,
    dsn: str,
    postgres: RunningPostgres | None,
    keys: KeyRing,
    data_dir: Path,
) -> IService:
    """Return the whole server on bound sockets and a migrated database.

    Raise `StartUpFailed` if keys or certificates are of no use.
    """
    database = PostgresDatabase(
        reactor, dsn, statement_timeout=STATEMENT_TIMEOUT_S, grace=STATEMENT_GRACE_S
    )
    entropy = SystemEntropy()
    hashing, writing = OneThread(reactor, "hashing"), OneThread(reactor, "outbox")
    drawing = OneThread(reactor, "bills", BILLS_WAITING)
    renewing, asking = OneThread(reactor, "keys"), aws_threads(reactor)
    certifying = OneThread(reactor, "certificates")
    directory = CaDirectory(data_dir / CA, settings.ca_name, entropy)
    directory.open()
    tls = open_tls(settings, directory, reactor.seconds())
    back_end = BackEnd(
        clock=reactor,
        settings=settings,
        stores=_stores(database, reactor),
        people=People(
            signing_keys=keys,
            look_at_keys=_look_at(keys, data_dir, settings, reactor, renewing.run),
            server_key=load_or_make_server_key(data_dir / KEYS, entropy),
            hasher=ThreadedHasher(hashing.run),
            mail=_mail_server(settings, reactor, entropy)
            or DevelopmentOutbox(data_dir / OUTBOX, reactor, entropy, writing.run),
            entropy=entropy,
            pool=_pool(settings, reactor, asking.run),
        ),
        authority=_authority(directory, tls.chains, settings, reactor, certifying.run),
        probe=lambda: database.query("SELECT 1"),
        assets=packaged_assets(),
        own_ports=own_ports(reactor, settings),
        drawing=drawing.run,
    )
    return Server(
        reactor=reactor,
        back_end=back_end,
        database=database,
        threads=(hashing, writing, drawing, renewing, asking, certifying),
        ports=ports,
        tls=tls,
        postgres=postgres,
    )
