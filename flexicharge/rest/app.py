"""The HTTP side put together."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import (
    IBus,
    IChargerStore,
    IEntropy,
    IIdentity,
    IPricing,
    ISelfTests,
)
from flexicharge.rest.auth import AuthApi
from flexicharge.rest.charge_points import ChargePointsApi
from flexicharge.rest.chargers import ChargersApi
from flexicharge.rest.door import Door
from flexicharge.rest.health import HealthApi, Probe
from flexicharge.rest.selftests import SelfTestsApi
from flexicharge.rest.transactions import Charging, TransactionsApi


def build_door(
    *,
    identity: IIdentity,
    entropy: IEntropy,
    chargers: IChargerStore,
    bus: IBus,
    pricing: IPricing,
    charging: Charging,
    probe: Probe,
    clock: IReactorTime,
    self_tests: ISelfTests | None = None,
    anybody_may_test: bool = False,
) -> Door:
    """Return the root resource; `probe` asks the database something cheap.

    A server that cannot reach itself has no `self_tests`.
    """
    apps = (
        []
        if self_tests is None
        else [SelfTestsApi(self_tests, identity, anybody=anybody_may_test).app]
    )
    return Door(
        [
            *apps,
            AuthApi(identity, entropy, clock).app,
            ChargersApi(chargers, identity, bus, clock).app,
            ChargePointsApi(chargers, pricing, clock).app,
            TransactionsApi(charging, identity).app,
            HealthApi(probe, clock).app,
        ]
    )
