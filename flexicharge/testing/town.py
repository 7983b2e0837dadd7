"""A whole back end in memory: real protocols and actors, a clock, no sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface.interface import InterfaceClass

from flexicharge.config import Settings, read_settings
from flexicharge.gateway.factory import GatewayFactory
from flexicharge.interfaces import IChargerStore, IPayments, ITransactionStore
from flexicharge.model.account import Caller
from flexicharge.model.demo import DEMO_SITES
from flexicharge.model.entry import Tls
from flexicharge.model.session import Session
from flexicharge.payments.free import FreePayments
from flexicharge.selftests.seams import OwnPorts
from flexicharge.service import BackEnd, Stores
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.certificates import known_authority
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import SeededEntropy
from flexicharge.testing.lines import HTTP_URL, WS_URL, Lines
from flexicharge.testing.memory import driver_account, memory_stores, people
from flexicharge.testing.peers import Peer, connect_peer
from flexicharge.testing.sabotage import Sabotage

T = TypeVar("T")
PRICE: Final = Decimal("2.50")


# Without a repr, of all that is in it: pytest would be busy with it for hours.
@define(eq=False, repr=False)
class Town:
    """The demo network's sites and chargers at 2.50 SEK/kWh, and whoever plugs in.

    `crash` loses everything but the store, as a killed process would.
    """

    clock: Clock
    world: MemoryWorld = field(init=False)
    stores: Stores = field(init=False)
    back_end: BackEnd = field(init=False)
    settings: Settings = field(factory=lambda: read_settings({}))
    entropy: SeededEntropy = field(factory=SeededEntropy)
    peers: list[Peer] = field(factory=list)
    sabotage: Sabotage = field(factory=Sabotage)
    payments: IPayments = field(factory=FreePayments)
    shown: Sequence[str] = ()  # the certificate chains of our TLS ports
    lines: Lines = field(init=False)
    own_ports: OwnPorts = field(init=False)
    _accounts: int = 0

    def __attrs_post_init__(self) -> None:
        self.world = MemoryWorld(self.clock)
        self.lines = Lines(self)
        self.own_ports = OwnPorts(
            http_url=HTTP_URL,
            ws_url=WS_URL,
            agent=self.lines.agent(),
            dial=lambda factory, _: self.lines.dial(factory),
        )
        self.start()
        for site in DEMO_SITES:
            made = self.now(
                self.stores.chargers.add_charge_point(
                    site.name, site.address, site.location, sek_per_kwh=PRICE
                )
            )
            for serial_number in site.serial_numbers:
                self.now(
                    self.stores.chargers.add_charger(
                        made.site_id, serial_number, site.location
                    )
                )

    def start(self) -> None:
        """Start a server on the world as it is."""
        self.stores = memory_stores(self.world, self._reach)
        self.back_end = BackEnd(
            clock=self.clock,
            settings=self.settings,
            stores=self.stores,
            people=people(self.entropy),
            authority=known_authority(
                self.settings, self.clock, self.entropy, self.shown
            ),
            probe=self.stores.chargers.get_charge_points,
            payments=self.payments,
            own_ports=self.own_ports,
        )
        self.now(self.back_end.recover())
        self.back_end.start()

    def _reach(self, interface: InterfaceClass, provider: Any) -> Any:
        """Let those stores be broken whose methods are all coroutines."""
        is_breakable = interface in (IChargerStore, ITransactionStore)
        return self.sabotage.wrap(provider) if is_breakable else provider

    def crash(self, *, down_for: float = 0.0) -> None:
        """Kill the server; start another, some seconds later, on what was committed."""
        self.back_end.halt()
        if self.back_end.demo_charger is not None:
            self.back_end.demo_charger.cut_power()
        self.lines.cut()
        self.back_end.background.cancel()
        self.stores.readings.close()
        self.stores.journal.close()
        self.back_end.charging.wind_down()
        for peer in self.peers:
            peer.wire.lose(aborted_by=peer.wire.server)
        self.peers.clear()
        self.clock.advance(down_for)
        self.start()

    def stop(self) -> Deferred[None]:
        """Stop the server in order."""
        return fire(self.back_end.stop())

    # connecting

    def plug_in(self, serial_number: str, **how: Any) -> Peer:
        """Connect a charger, at its own path unless `path` says otherwise."""
        return self.connect(how.pop("path", f"/charger/{serial_number}"), **how)

    def watch(self, caller: Caller, token: str) -> Peer:
        """Connect a driver's live socket."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.connect(f"/user/{caller.user_id}", headers=headers)

    def connect(self, path: str, *, tls: Tls | None = None, **how: Any) -> Peer:
        """Connect anybody, over TLS if so said."""
        gateway = self.back_end.gateway
        if tls is not None:
            gateway = GatewayFactory(gateway.hall, self.clock, lambda _: tls)
        peer = connect_peer(gateway, self.clock, path, **how)
        self.peers.append(peer)
        return peer

    @property
    def http(self) -> HttpClient:
        """A client of the HTTP side."""
        return HttpClient(self.back_end.site)

    def driver(self) -> tuple[Caller, str]:
        """Return somebody who has signed up, and their token."""
        self._accounts += 1
        now = self.clock.seconds()
        account = driver_account(self.entropy.uuid(), self._accounts, now)
        self.now(self.stores.accounts.add_account(account))
        tokens = self.back_end.tokens
        token = tokens.issue(account, now)
        return tokens.read(token, now), token

    # time and results

    def advance(self, seconds: float, step: float = 0.25) -> None:
        """Let time pass, carrying everything over as it goes."""
        left = seconds
        while left > 0:
            self.clock.advance(min(step, left))
            left -= step
            self.flush()

    def flush(self) -> None:
        """Carry everything over on all wires."""
        for peer in self.peers:
            peer.wire.flush()

    def now(self, work: Awaitable[T]) -> T:
        """Return what something comes to that needs no time."""
        return result_of(work)

    def session(self, session_id: int) -> Session:
        """Return a session as stored."""
        return self.now(self.stores.transactions.get_transaction(session_id))
