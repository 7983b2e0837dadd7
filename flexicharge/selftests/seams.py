"""Everything that self tests stand on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from flexicharge.interfaces import (
    IChargerStore,
    IEntropy,
    IRemains,
    ISelfTestStore,
    IStations,
    ITokens,
    ITransactionStore,
)
from flexicharge.selftests.ear import TappedCharger
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket

PATIENCE_S: Final = 3.0


@frozen(kw_only=True)
class OwnPorts:
    """The server's own two ports, and how it gets there as anybody would.

    `dial` opens a socket within so many seconds; it and `agent` raise what the
    simulator's do.
    """

    http_url: str
    ws_url: str
    agent: IAgent
    dial: Callable[[SimulatorFactory, float], Awaitable[SimulatorSocket]]


@frozen(kw_only=True)
class SelfTestSeams:
    """The providers behind the self tests, and the clock they live by.

    `stretch` makes every wait and deadline so many times as long. `credential_of` makes
    of a station's password what is stored of it.
    """

    clock: IReactorTime
    ports: OwnPorts
    store: ISelfTestStore
    chargers: IChargerStore
    transactions: ITransactionStore
    stations: IStations
    remains: IRemains
    tokens: ITokens
    entropy: IEntropy
    credential_of: Callable[[str], bytes]
    stretch: float = 1.0
    make_charger: Callable[..., TappedCharger] = TappedCharger

    @property
    def patience_s(self) -> float:
        """How long anything may take that should come at once."""
        return PATIENCE_S * self.stretch
