"""The back end without sockets: which provider stands behind which seam."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.server import Site
from zope.interface.interface import InterfaceClass

from flexicharge.actors.alarms import PublishedAlarms
from flexicharge.actors.background import Background, Periodic
from flexicharge.actors.bus import LocalBus
from flexicharge.actors.orders import BusStations
from flexicharge.actors.proof import Proof
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.supervisor import Supervisor
from flexicharge.billing.calendar import BillingCalendar
from flexicharge.billing.invoices import InvoiceSeams, MonthlyInvoices
from flexicharge.billing.pricing import TariffPricing
from flexicharge.charging.house import Charging, StandardMore
from flexicharge.charging.seams import Limits, Seams
from flexicharge.charging.waiting import patiently
from flexicharge.config import Settings
from flexicharge.gateway.factory import GatewayFactory
from flexicharge.gateway.peers import TrustedProxies
from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.identity.cognito.identity import OpenPool, cognito_identity
from flexicharge.identity.keys import KeyRing, ServerKey
from flexicharge.identity.rotation import LOOK_EVERY_S
from flexicharge.identity.threads import at_once
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces import (
    IAccountStore,
    IBus,
    ICertificateAuthority,
    IChargerStore,
    ICommandStore,
    IEntropy,
    IFrameJournal,
    IIdentity,
    IIdTagStore,
    IInvoices,
    IInvoiceStore,
    IMail,
    IPasswordHasher,
    IPayments,
    IPricing,
    IReadingStore,
    IRemains,
    IReservationStore,
    ISelfTestStore,
    IStationBook,
    IStations,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.interfaces.threads import RunInThread
from flexicharge.model.demo import DAY_S, demo_tariffs
from flexicharge.model.events import ACCOUNTS, RETIREMENTS, STATIONS
from flexicharge.payments.exempt import SelfTestsExempt
from flexicharge.payments.free import FreePayments
from flexicharge.rest.app import Behind, ForOperators, build_door
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.health import Probe
from flexicharge.rest.intake import http_site
from flexicharge.selftests.runs import SelfTests
from flexicharge.selftests.seams import OwnPorts, SelfTestSeams
from flexicharge.service.cognito import AlsoSelfTesters
from flexicharge.service.demo_charger import DemoCharger
from flexicharge.service.event_days import EventDays
from flexicharge.service.front_door import FrontDoor
from flexicharge.service.journal_days import LOOK_EVERY_S as JOURNAL_EVERY_S
from flexicharge.service.journal_days import JournalDays
from flexicharge.service.remains import ServerRemains

SWEEP_EVERY_S: Final = 5.0
DRAIN_S: Final = 5.0
FAREWELL_S: Final = 2.0
ORE_PER_SEK: Final = 100


@frozen(kw_only=True)
class Stores:
    """Everything that is remembered."""

    chargers: IChargerStore
    transactions: ITransactionStore
    readings: IReadingStore
    tariffs: ITariffStore
    accounts: IAccountStore
    self_tests: ISelfTestStore
    reservations: IReservationStore
    invoices: IInvoiceStore
    commands: ICommandStore
    book: IStationBook
    tags: IIdTagStore
    journal: IFrameJournal


@frozen(kw_only=True)
class People:
    """What accounts and tokens stand on; with a `pool`, accounts are in that.

    `look_at_keys` brings the ring of signing keys up to date, if they may change.
    """

    signing_keys: KeyRing = field(repr=False)
    look_at_keys: Callable[[], Coroutine[Any, Any, None]] | None = None
    server_key: ServerKey = field(repr=False)
    hasher: IPasswordHasher
    mail: IMail
    entropy: IEntropy
    pool: OpenPool | None = None


Reach = Callable[[InterfaceClass, Any], Any]


def as_it_is(interface: InterfaceClass, provider: Any) -> Any:
    """Return the provider itself."""
    return provider


@define(eq=False, kw_only=True, repr=False)
class BackEnd:
    """The back end without sockets: two factories, and the work behind them.

    `reach` is given every seam's interface and provider, and returns what the others
    get to hold: a test may put something in between. Without `own_ports` there are no
    self tests, and no demo charger; whoever opens the ports starts that. Bills are
    drawn by `drawing`, which may take seconds.
    """

    clock: Any
    settings: Settings
    stores: Stores
    people: People
    authority: ICertificateAuthority
    probe: Probe
    assets: Mapping[str, bytes] = field(factory=dict)
    payments: IPayments = field(factory=FreePayments)
    reach: Reach = field(default=as_it_is)
    sweep_every_s: float = SWEEP_EVERY_S
    own_ports: OwnPorts | None = None
    drawing: RunInThread = field(default=at_once)
    background: Background = field(factory=Background, init=False)
    tokens: SignedTokens = field(init=False)
    alarms: PublishedAlarms = field(init=False)
    _bus: IBus = field(init=False)
    charging: Charging = field(init=False)
    supervisor: Supervisor = field(init=False)
    identity: IIdentity = field(init=False)
    invoices: IInvoices = field(init=False)
    self_tests: SelfTests | None = field(default=None, init=False)
    demo_charger: DemoCharger | None = field(default=None, init=False)
    gateway: GatewayFactory = field(init=False)
    site: Site = field(init=False)
    _periodic: list[Periodic] = field(factory=list, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        clock, settings, stores = self.clock, self.settings, self.stores
        bus = LocalBus(clock)
        self._bus = self.reach(IBus, bus)
        self.authority = self.reach(ICertificateAuthority, self.authority)
        self.alarms = PublishedAlarms(self._bus)
        pricing = self.reach(
            IPricing,
            TariffPricing(
                stores.tariffs,
                stores.transactions,
                Decimal(settings.fallback_price_ore_per_kwh) / ORE_PER_SEK,
            ),
        )
        self.charging = Charging(self._charging_seams(pricing), self._standard_more())
        self.supervisor = Supervisor(self._actor_seams())
        self._bus.subscribe(RETIREMENTS, self.supervisor.retired)
        self._bus.subscribe(STATIONS, self.supervisor.station_changed)
        self._bus.subscribe(ACCOUNTS, self.supervisor.signed_out)
        self.invoices = self.reach(IInvoices, MonthlyInvoices(self._invoice_seams()))
        self.tokens = SignedTokens(
            self.people.signing_keys, settings.public_url, self.people.entropy
        )
        if self.own_ports is not None:
            remains = ServerRemains(self.supervisor, bus, self.charging.closing)
            self.self_tests = SelfTests(self._self_test_seams(self.own_ports, remains))
        self.identity = self._identity()
        proxies = TrustedProxies.of(settings.trusted_proxies)
        door = self._front_door(proxies)
        if self.own_ports is not None and settings.demo_charger:
            self.demo_charger = self._demo_charger(self.own_ports, door.proof)
        self.gateway = door.gateway()
        self.site = http_site(self._door(pricing), clock, proxies.peer)

    def start(self) -> None:
        """Begin what comes round again."""
        sweeps = self.charging.sweeps.sweep
        self._periodic = [Periodic("the sweep", sweeps, self.sweep_every_s, self.clock)]
        if self.settings.demo_seed:
            self._periodic.append(
                Periodic("the demo's tariffs", self._renew_tariffs, DAY_S, self.clock)
            )
        look = self.people.look_at_keys
        if look is not None:
            self._periodic.append(
                Periodic("the signing keys", look, LOOK_EVERY_S, self.clock)
            )
        days = JournalDays(self.stores.journal, self.settings.journal_days, self.clock)
        self.background.spawn("the journal's days", days.look())
        self._periodic.append(
            Periodic("the journal's days", days.look, JOURNAL_EVERY_S, self.clock)
        )
        events = EventDays(self.stores.book, self.settings.event_days, self.clock)
        self.background.spawn("the days of events", events.look())
        self._periodic.append(
            Periodic("the days of events", events.look, JOURNAL_EVERY_S, self.clock)
        )
        for periodic in self._periodic:
            periodic.startService()

    def halt(self) -> None:
        """Begin nothing more that comes round again."""
        for periodic in self._periodic:
            periodic.stopService()

    async def recover(self) -> None:
        """Note that whoever was connected when we last stopped is not any more.

        What self tests left behind then is deleted.
        """
        at = self.clock.seconds()
        await patiently(
            lambda: self.stores.chargers.all_stations_gone(at),
            self.clock,
            "a new start",
        )
        await patiently(
            lambda: self.stores.self_tests.purge(at),
            self.clock,
            "the end of self tests that were cut off",
        )
        await patiently(
            lambda: self.stores.commands.lose_open(at),
            self.clock,
            "the commands of before",
        )

    async def stop(self) -> None:
        """End it all in order, nothing that was accepted left undone.

        What came is handled, what was metered is committed, then sockets are closed
        with 1001, then what still runs in the background is given a moment.
        """
        self.halt()
        if self.demo_charger is not None:
            await self._at_most(DRAIN_S, self.demo_charger.stop(), "last words")
        if self.self_tests is not None:
            await self._at_most(DRAIN_S, self.self_tests.stop(), "self tests")
        await self._at_most(DRAIN_S, self.supervisor.drained(), "frames")
        await self._at_most(DRAIN_S, self.stores.readings.drained(), "readings")
        await self._at_most(FAREWELL_S, self.supervisor.hang_up(), "sockets")
        await self._at_most(DRAIN_S, self.supervisor.drained(), "last frames")
        self.charging.wind_down()
        await self._at_most(DRAIN_S, self.stores.journal.drained(), "the last records")
        self.stores.journal.close()
        await self._at_most(FAREWELL_S, self.background.finished(), "background work")
        self.stores.readings.close()
        self.background.cancel()

    def _door(self, pricing: IPricing) -> Door:
        settings = self.settings
        desk = Desk(
            identity=self.identity,
            entropy=self.people.entropy,
            clock=self.clock,
            public_url=settings.public_url,
            legacy_open=settings.legacy_open,
            open_self_tests=settings.ocpp_self_tests,
        )
        return build_door(
            desk,
            Behind(
                chargers=self.stores.chargers,
                bus=self._bus,
                pricing=pricing,
                charging=self.charging.drivers,
                reservations=self.charging.reservations,
                invoices=self.invoices,
                probe=self.probe,
                assets=self.assets,
                operators=self._for_operators(),
                self_tests=self.self_tests,
            ),
        )

    def _for_operators(self) -> ForOperators:
        stores = self.stores
        return ForOperators(
            tags=stores.tags,
            sessions=stores.transactions,
            closing=self.charging.operator_closing,
            commands=self.charging.commands,
            commands_on_record=stores.commands,
            journal=stores.journal,
            book=stores.book,
            known=self.charging.beliefs.known,
            beliefs=self.charging.beliefs,
            conformance=self.charging.conformance,
            credential_of=self.people.server_key.station_credential,
        )

    def _charging_seams(self, pricing: IPricing) -> Seams:
        settings, stores = self.settings, self.stores
        return Seams(
            clock=self.clock,
            chargers=stores.chargers,
            transactions=stores.transactions,
            readings=stores.readings,
            reservations=stores.reservations,
            pricing=pricing,
            payments=self.reach(IPayments, SelfTestsExempt(self.payments)),
            stations=self._stations(),
            bus=self._bus,
            background=self.background,
            alarms=self.alarms,
            limits=Limits(
                start_stop_answer_after=settings.start_stop_answer_after_s,
                session_grace=settings.session_grace_s,
                offline_session_grace=settings.offline_session_grace_s,
                refresh_interval=settings.livemetrics_interval_s,
                sweep_every=self.sweep_every_s,
            ),
        )

    def _standard_more(self) -> StandardMore:
        stores = self.stores
        return StandardMore(
            tags=stores.tags,
            commands=stores.commands,
            book=stores.book,
            authority=self.authority,
            entropy=self.people.entropy,
            credential_of=self.people.server_key.station_credential,
            heartbeat_interval_s=self.settings.heartbeat_interval_s,
            settles_doubts=self.settings.settle_doubts,
        )

    def _invoice_seams(self) -> InvoiceSeams:
        return InvoiceSeams(
            store=self.stores.invoices,
            entropy=self.people.entropy,
            clock=self.clock,
            calendar=BillingCalendar(self.settings.billing_time_zone),
            beside=self.drawing,
            has_sample=self.settings.demo_seed,
        )

    def _stations(self) -> IStations:
        return IStations(self.reach(IStations, BusStations(self._bus)))

    def _self_test_seams(self, ports: OwnPorts, remains: IRemains) -> SelfTestSeams:
        people, stores = self.people, self.stores
        return SelfTestSeams(
            clock=self.clock,
            ports=ports,
            store=stores.self_tests,
            chargers=stores.chargers,
            transactions=stores.transactions,
            stations=self._stations(),
            remains=remains,
            tokens=self.tokens,
            entropy=people.entropy,
            credential_of=people.server_key.station_credential,
            stretch=self.settings.self_test_stretch,
        )

    def _actor_seams(self) -> ActorSeams:
        return ActorSeams(
            clock=self.clock,
            bus=self._bus,
            background=self.background,
            alarms=self.alarms,
            charging=self.charging.stations,
            standard=self.charging.standard,
            journal=self.stores.journal if self.settings.journal_days else None,
            silence_limit=self.settings.ping_after_s,
        )

    def _identity(self) -> IIdentity:
        people = self.people
        own = BuiltInIdentity(
            accounts=self.stores.accounts,
            hasher=people.hasher,
            tokens=self.tokens,
            mail=people.mail,
            entropy=people.entropy,
            clock=self.clock,
            server_key=people.server_key,
            bus=self._bus,
            background=self.background,
        )
        if people.pool is None:
            return own
        there = cognito_identity(people.pool, bus=self._bus, clock=self.clock)
        return IIdentity(AlsoSelfTesters(there, own))

    def _front_door(self, proxies: TrustedProxies) -> FrontDoor:
        return FrontDoor(
            clock=self.clock,
            settings=self.settings,
            server_key=self.people.server_key,
            chargers=self.stores.chargers,
            identity=self.identity,
            supervisor=self.supervisor,
            alarms=self.alarms,
            background=self.background,
            proxies=proxies,
        )

    def _demo_charger(self, ports: OwnPorts, proof: Proof) -> DemoCharger:
        return DemoCharger(
            clock=self.clock,
            ports=ports,
            chargers=self.stores.chargers,
            transactions=self.stores.transactions,
            entropy=self.people.entropy,
            keep_for=proof.keep_for,
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
