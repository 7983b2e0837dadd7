"""A server, its world and its people in one process, on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import CancelledError
from zope.interface.interface import InterfaceClass

from flexicharge.config import Settings, read_settings
from flexicharge.identity.tokens import LIFETIME_S, SignedTokens
from flexicharge.model.account import Account
from flexicharge.model.demo import demo_tariffs
from flexicharge.model.id_tag import IdTag
from flexicharge.model.site import Protocol, Site, StationChanges
from flexicharge.service.back_end import SWEEP_EVERY_S, Reach, as_it_is
from flexicharge.simulator.dial import open_on
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.enrolment import Enrolment
from flexicharge.simulator.makes import make_of
from flexicharge.simulator.population import Population
from flexicharge.simulator.scenario.values import DAY_S, Fleet, Scenario
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.storage.memory import (
    MemoryAccounts,
    MemoryChargers,
    MemoryIdTags,
    MemoryTariffs,
    MemoryWorld,
)
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy, key_ring
from flexicharge.testing.memory import SERVER_KEY, driver_account
from flexicharge.testing.simulated.fates import CALM, Fates, Rates
from flexicharge.testing.simulated.invariants import Invariants
from flexicharge.testing.simulated.lines import Door, Lines
from flexicharge.testing.simulated.mischief import (
    Mischief,
    ProcessPoints,
    Sabotaged,
)
from flexicharge.testing.simulated.process import Process, ProcessClock
from flexicharge.testing.simulated.requests import LineAgent
from flexicharge.testing.simulated.seams import proxied
from flexicharge.testing.simulated.taps import Tap
from flexicharge.testing.simulated.trace import Trace

WS_URL: Final = "ws://127.0.0.1:1337"
HTTP_URL: Final = "http://127.0.0.1:8080"
WITHIN_S: Final = 10.0
TOKEN_LEFT_S: Final = 600.0
SITE_PRICES: Final = (Decimal("2.50"), None, Decimal("3.33333"), Decimal("0.99999"))
PLACE: Final = (57.78, 14.16)
CALM_SWEEP_EVERY_S: Final = 300.0  # where nothing goes wrong, sweeps find nothing
CALM_LIFETIME_S: Final = 30 * 86_400  # signing takes long, and is not what is played
PASSWORD_BYTES: Final = 20
KEEP_ALIVES_OFF: Final = {"PING_AFTER": str(int(DAY_S))}


@define(eq=False, repr=False, kw_only=True)
class SimulatedTown:
    """Everything of one run. With `rates` its server is on proxies, its lines slow.

    `bend` may put another provider behind any seam. `broken` holds what was found to be
    untrue. The server's process comes and goes; the world, the lines and the people
    stay.
    """

    scenario: Scenario
    seed: str
    clock: HeapClock
    rates: Rates = CALM
    only: frozenset[int] | None = None
    bend: Reach = as_it_is
    settings: Settings = field(init=False)
    world: MemoryWorld = field(init=False)
    lines: Lines = field(init=False)
    fates: Fates = field(init=False)
    trace: Trace = field(init=False)
    mischief: Mischief = field(init=False)
    invariants: Invariants = field(init=False)
    population: Population = field(init=False)
    process: Process | None = field(default=None, init=False)
    dead: list[Process] = field(factory=list, init=False)
    users: dict[int, str] = field(factory=dict, init=False)
    broken: list[str] = field(factory=list, init=False)
    lives: int = field(default=0, init=False)
    _accounts: dict[int, Account] = field(factory=dict, init=False)
    _tokens: dict[int, tuple[str, float]] = field(factory=dict, init=False)
    _enrolments: dict[str, Enrolment] = field(factory=dict, init=False)
    _agent: LineAgent = field(init=False)
    _signer: SignedTokens = field(init=False)
    _gateway: Door = field(init=False)
    _tap: Tap = field(init=False)

    def __attrs_post_init__(self) -> None:
        clock = self.clock
        self.settings = read_settings({} if self._needs_pings else KEEP_ALIVES_OFF)
        self.world = MemoryWorld(clock)
        self.trace = Trace(clock)
        self.fates = Fates(self.seed, self.rates, self.only)
        self.invariants = Invariants(self.world, self.broke)
        self.mischief = Mischief(
            clock, self.world, self.fates, self.trace, self.kill, self._chance("lines")
        )
        self.lines = Lines(clock, self.mischief if self.is_stormy else None)
        self._gateway = Door(self.lines, self._listening_gateway)
        site = Door(self.lines, self._listening_site)
        self._agent = LineAgent(site.connect, keeps=not self._needs_pings)
        self._tap = Tap(self.trace, self.invariants, clock, self.present, self.broke)
        self._signer = SignedTokens(
            key_ring(),
            self.settings.public_url,
            SeededEntropy(self.seed),
            LIFETIME_S if self._needs_pings else CALM_LIFETIME_S,
        )
        serials = self._build()
        self.population = Population(
            scenario=self.scenario,
            seed=self.seed,
            clock=clock,
            reach=self,
            serials=serials,
            enrolments=self._enrolments,
        )
        self.start()

    @property
    def is_stormy(self) -> bool:
        """True if anything is to go wrong that no charger and no driver does."""
        return self.rates != CALM

    @property
    def _needs_pings(self) -> bool:
        """True if a line may go dead without a word."""
        return self.is_stormy or any(
            fleet.faults.half_opens for fleet in self.scenario.fleets
        )

    @property
    def is_up(self) -> bool:
        """True while there is a server that listens."""
        return self.process is not None and self.process.is_listening

    def broke(self, what: str) -> None:
        """Note that something is not as it must be."""
        self.trace.note("#", what)
        self.broken.append(what)

    # the server

    def start(self) -> None:
        """Start a server on the world as it is."""
        self.lives += 1
        clock = ProcessClock(self.clock)
        self.process = process = Process(
            self.world,
            self.settings,
            clock,
            SeededEntropy(f"{self.seed} {self.lives}"),
            partial(self._reach, ProcessPoints(self.mischief, clock)),
            SWEEP_EVERY_S if self._needs_pings else CALM_SWEEP_EVERY_S,
        )
        self.trace.note("*", f"life {self.lives} of the server")
        process.start().addErrback(self._did_not_start, process)

    def kill(self, down_for_s: float) -> None:
        """Kill the server; start another one after some seconds."""
        process, self.process = self.process, None
        if process is None:
            return
        self.dead.append(process)
        self.trace.note("*", f"killed, down for {down_for_s:.2f} s")
        process.die()
        self.lines.server_died()
        self.clock.callLater(down_for_s, self.start)

    def present(self) -> dict[str, Any]:
        """Return the actors of connected stations, by serial number."""
        process = self.process
        return {} if process is None else process.back_end.supervisor.present

    def _did_not_start(self, failure: Any, process: Process) -> None:
        """Start again, as whoever runs the service does."""
        failure.trap(Sabotaged, CancelledError)
        if self.process is process:
            self.kill(1.0)

    def _reach(
        self, points: ProcessPoints, interface: InterfaceClass, provider: Any
    ) -> Any:
        provider = self.bend(interface, provider)
        return proxied(interface, provider, points) if self.is_stormy else provider

    def _listening_gateway(self) -> Any:
        return None if self.process is None else self.process.gateway

    def _listening_site(self) -> Any:
        return None if self.process is None else self.process.site

    # what it stands on

    def _build(self) -> list[str]:
        """Return the serial numbers of chargers on a few sites, and make accounts."""
        chargers = MemoryChargers(self.world)
        sites = [
            result_of(
                chargers.add_charge_point(f"Site {no}", "", PLACE, sek_per_kwh=price)
            )
            for no, price in enumerate(SITE_PRICES, 1)
        ]
        serials = [f"sim{number:05}" for number in range(self.scenario.chargers)]
        for number, (serial, fleet) in enumerate(
            zip(serials, self._fleets(), strict=True)
        ):
            site = sites[number % len(sites)]
            if make_of(fleet.protocol).is_standard:
                self._enrol(chargers, site, serial, fleet)
            else:
                result_of(chargers.add_charger(site.site_id, serial, PLACE))
        result_of(
            MemoryTariffs(self.world).put_tariffs(demo_tariffs(self.clock.seconds()))
        )
        for number in range(self.scenario.drivers.count):
            self._add_account(number)
        return serials

    def _fleets(self) -> Iterator[Fleet]:
        """Yield the fleet of each charger in turn."""
        for fleet in self.scenario.fleets:
            yield from (fleet for _ in range(fleet.count))

    def _enrol(
        self, chargers: MemoryChargers, site: Site, serial: str, fleet: Fleet
    ) -> None:
        """Put a charger of a standard on record, with a password of its own."""
        changes = StationChanges(
            protocol=Protocol(fleet.protocol),
            site_id=site.site_id,
            location=PLACE,
            connectors=fleet.connectors,
        )
        made = chargers.put_station(serial, changes, self.clock.seconds())
        station, _ = result_of(made)
        password = self._chance(f"password {serial}").randbytes(PASSWORD_BYTES)
        credential = SERVER_KEY.station_credential(password)
        result_of(chargers.set_credential(serial, credential))
        self._enrolments[serial] = Enrolment(
            numbers=tuple(each.connector_id for each in station.connectors),
            password=password,
        )

    def _add_account(self, number: int) -> None:
        account = driver_account(f"driver-{number:05}", number, self.clock.seconds())
        result_of(MemoryAccounts(self.world).add_account(account))
        if self.scenario.drivers.shows_tag:
            tag = IdTag(id_tag=_tag(number), user_id=account.account_id)
            result_of(MemoryIdTags(self.world).put_tag(tag, self.clock.seconds()))
        self._accounts[number] = account
        self.users[number] = account.account_id

    # how its people reach it

    @property
    def ws_url(self) -> str:
        """Where sockets are dialled."""
        return WS_URL

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Return an open socket to a factory's URL; raise `SimulatorError`."""
        self._tap.on(factory)
        return await open_on(self._gateway, factory, WITHIN_S)

    async def app(self, number: int) -> VirtualDriver:
        """Return the app of a driver, signed in."""
        driver = VirtualDriver(
            url=HTTP_URL, agent=self._agent, clock=self.clock, within_s=WITHIN_S
        )
        driver.user_id, driver.token = self.users[number], self._token(number)
        return driver

    async def tag(self, number: int) -> str:
        """Return the tag of a driver."""
        return _tag(number)

    def _token(self, number: int) -> str:
        """Return a token that is good for ten more minutes at least."""
        now = self.clock.seconds()
        token, until_at = self._tokens.get(number, ("", 0.0))
        if now > until_at - TOKEN_LEFT_S:
            token = self._signer.issue(self._accounts[number], now)
            self._tokens[number] = token, self._signer.read(token, now).expires_at
        return token

    def _chance(self, what: str) -> Random:
        return Random(f"{self.seed} {what}")  # noqa: S311  # played, not secret


def _tag(number: int) -> str:
    """Return the tag of a driver."""
    return f"SIM{number:05}"
