"""The only wiring: which provider stands behind which seam, and how all ends."""

from __future__ import annotations

import socket
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen
from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Site

from flexicharge.actors.admission import Gatekeeper
from flexicharge.actors.alarms import PublishedAlarms
from flexicharge.actors.background import Background, Periodic
from flexicharge.actors.bus import LocalBus
from flexicharge.actors.directory import StationDirectory
from flexicharge.actors.orders import BusStations
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.supervisor import Supervisor
from flexicharge.billing.pricing import TariffPricing
from flexicharge.charging.house import Charging
from flexicharge.charging.seams import Limits, Seams
from flexicharge.charging.waiting import patiently
from flexicharge.config import Settings
from flexicharge.gateway.factory import GatewayFactory
from flexicharge.gateway.hall import FrontHall
from flexicharge.gateway.peers import TrustedProxies
from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.keys import ServerKey, SigningKeys, load_or_make_server_key
from flexicharge.identity.limits import RateLimit
from flexicharge.identity.outbox import DevelopmentOutbox
from flexicharge.identity.passwords import ThreadedHasher
from flexicharge.identity.threads import OneThread
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces import (
    IAccountStore,
    IChargerStore,
    IEntropy,
    IIdentity,
    IMail,
    IPasswordHasher,
    IPayments,
    IReadingStore,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.model.demo import DAY_S, demo_tariffs
from flexicharge.payments.free import FreePayments
from flexicharge.rest.app import build_door
from flexicharge.rest.health import Probe
from flexicharge.rest.intake import http_site
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.embedded import RunningPostgres
from flexicharge.storage.readings import PostgresReadings
from flexicharge.storage.tariffs import PostgresTariffs
from flexicharge.storage.transactions import PostgresTransactions

SWEEP_EVERY_S: Final = 5.0
DRAIN_S: Final = 5.0
FAREWELL_S: Final = 2.0
STATEMENT_TIMEOUT_S: Final = 5.0
STATEMENT_GRACE_S: Final = 2.0
PASSWORD_TRIES: Final = 10
PASSWORD_TRIES_PER_S: Final = 300.0
ORE_PER_SEK: Final = 100


@frozen(kw_only=True)
class Stores:
    """Everything that is remembered."""

    chargers: IChargerStore
    transactions: ITransactionStore
    readings: IReadingStore
    tariffs: ITariffStore
    accounts: IAccountStore


@frozen(kw_only=True)
class People:
    """What accounts and tokens stand on."""

    signing_keys: SigningKeys = field(repr=False)
    server_key: ServerKey = field(repr=False)
    hasher: IPasswordHasher
    mail: IMail
    entropy: IEntropy


@define(eq=False, kw_only=True)
class BackEnd:
    """The back end without sockets: two factories, and the work behind them."""

    clock: Any
    settings: Settings
    stores: Stores
    people: People
    probe: Probe
    payments: IPayments = field(factory=FreePayments)
    background: Background = field(factory=Background, init=False)
    tokens: SignedTokens = field(init=False)
    alarms: PublishedAlarms = field(init=False)
    charging: Charging = field(init=False)
    supervisor: Supervisor = field(init=False)
    gateway: Factory = field(init=False)
    site: Site = field(init=False)
    _periodic: list[Periodic] = field(factory=list, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        clock, settings, stores = self.clock, self.settings, self.stores
        bus = LocalBus(clock)
        alarms = self.alarms = PublishedAlarms(bus)
        pricing = TariffPricing(
            stores.tariffs,
            stores.transactions,
            Decimal(settings.fallback_price_ore_per_kwh) / ORE_PER_SEK,
        )
        self.charging = Charging(
            Seams(
                clock=clock,
                chargers=stores.chargers,
                transactions=stores.transactions,
                readings=stores.readings,
                pricing=pricing,
                payments=self.payments,
                stations=BusStations(bus),
                bus=bus,
                background=self.background,
                alarms=alarms,
                limits=Limits(
                    start_stop_answer_after=settings.start_stop_answer_after_s,
                    session_grace=settings.session_grace_s,
                    refresh_interval=settings.livemetrics_interval_s,
                ),
            )
        )
        self.supervisor = Supervisor(
            ActorSeams(
                clock=clock,
                bus=bus,
                background=self.background,
                alarms=alarms,
                charging=self.charging.stations,
                silence_limit=settings.ping_after_s,
            )
        )
        self.tokens = SignedTokens(
            self.people.signing_keys, settings.public_url, self.people.entropy
        )
        identity = self._identity()
        proxies = TrustedProxies.of(settings.trusted_proxies)
        self.gateway = GatewayFactory(self._hall(identity, proxies), clock)
        door = build_door(
            identity=identity,
            entropy=self.people.entropy,
            chargers=stores.chargers,
            pricing=pricing,
            charging=self.charging.drivers,
            probe=self.probe,
            clock=clock,
        )
        self.site = http_site(door, clock, proxies.peer)

    def start(self) -> None:
        """Begin what comes round again."""
        sweeps = self.charging.sweeps.sweep
        self._periodic = [Periodic("the sweep", sweeps, SWEEP_EVERY_S, self.clock)]
        if self.settings.demo_seed:
            self._periodic.append(
                Periodic("the demo's tariffs", self._renew_tariffs, DAY_S, self.clock)
            )
        for periodic in self._periodic:
            periodic.startService()

    def halt(self) -> None:
        """Begin nothing more that comes round again."""
        for periodic in self._periodic:
            periodic.stopService()

    async def recover(self) -> None:
        """Note that whoever was connected when we last stopped is not any more."""
        at = self.clock.seconds()
        await patiently(
            lambda: self.stores.chargers.all_stations_gone(at),
            self.clock,
            "a new start",
        )

    async def stop(self) -> None:
        """End it all in order, nothing that was accepted left undone.

        What came is handled, what was metered is committed, then sockets are closed
        with 1001, then what still runs in the background is given a moment.
        """
        self.halt()
        await self._at_most(DRAIN_S, self.supervisor.drained(), "frames")
        await self._at_most(DRAIN_S, self.stores.readings.drained(), "readings")
        await self._at_most(FAREWELL_S, self.supervisor.hang_up(), "sockets")
        await self._at_most(DRAIN_S, self.supervisor.drained(), "last frames")
        self.charging.wind_down()
        await self._at_most(FAREWELL_S, self.background.finished(), "background work")
        self.stores.readings.close()
        self.background.cancel()

    def _identity(self) -> IIdentity:
        people = self.people
        return BuiltInIdentity(
            accounts=self.stores.accounts,
            hasher=people.hasher,
            tokens=self.tokens,
            mail=people.mail,
            entropy=people.entropy,
            clock=self.clock,
            server_key=people.server_key,
        )

    def _hall(self, identity: IIdentity, proxies: TrustedProxies) -> FrontHall:
        settings = self.settings
        gatekeeper = Gatekeeper(
            StationDirectory(self.stores.chargers, self.clock),
            self.alarms,
            self.people.server_key.station_credential,
            settings.charger_auth == "password",
            RateLimit(self.clock, PASSWORD_TRIES, PASSWORD_TRIES_PER_S),
            self.supervisor.present,
        )
        return FrontHall(
            gatekeeper,
            self.supervisor,
            identity,
            proxies,
            settings.user_socket_auth == "open",
        )

    async def _renew_tariffs(self) -> None:
        await self.stores.tariffs.put_tariffs(demo_tariffs(self.clock.seconds()))

    async def _at_most(self, seconds: float, work: Awaitable[Any], what: str) -> None:
        async def wait() -> bool:
            await work
            return True

        waited = Deferred.fromCoroutine(wait())
        waited.addTimeout(seconds, self.clock, lambda *_: False)
        if not await waited:
            self._log.warn("{what} were not finished in time", what=what)


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
    seeded: bool,
) -> IService:
    """Return the whole server on bound sockets and a migrated database."""
    database = PostgresDatabase(
        reactor, dsn, statement_timeout=STATEMENT_TIMEOUT_S, grace=STATEMENT_GRACE_S
    )
    entropy = SystemEntropy()
    hashing, writing = OneThread(reactor, "hashing"), OneThread(reactor, "outbox")
    transactions = PostgresTransactions(database)
    back_end = BackEnd(
        clock=reactor,
        settings=settings,
        stores=Stores(
            chargers=PostgresChargers(database),
            transactions=transactions,
            readings=PostgresReadings(database, reactor),
            tariffs=PostgresTariffs(database),
            accounts=PostgresAccounts(database),
        ),
        people=People(
            signing_keys=keys,
            server_key=load_or_make_server_key(data_dir / "keys", entropy),
            hasher=ThreadedHasher(hashing.run),
            mail=DevelopmentOutbox(data_dir / "outbox", reactor, entropy, writing.run),
            entropy=entropy,
        ),
        probe=lambda: database.query("SELECT 1"),
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
