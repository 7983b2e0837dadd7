"""The HTTP side put together."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import IChargerStore, IEntropy, IIdentity, IPricing
from flexicharge.rest.auth import AuthApi
from flexicharge.rest.charge_points import ChargePointsApi
from flexicharge.rest.chargers import ChargersApi
from flexicharge.rest.door import Door
from flexicharge.rest.health import HealthApi, Probe
from flexicharge.rest.transactions import Charging, TransactionsApi


def build_door(
    *,
    identity: IIdentity,
    entropy: IEntropy,
    chargers: IChargerStore,
    pricing: IPricing,
    charging: Charging,
    probe: Probe,
    clock: IReactorTime,
) -> Door:
    """Return the root resource; `probe` asks the database something cheap."""
    return Door(
        [
            AuthApi(identity, entropy, clock).app,
            ChargersApi(chargers, clock).app,
            ChargePointsApi(chargers, pricing, clock).app,
            TransactionsApi(charging, identity).app,
            HealthApi(probe, clock).app,
        ]
    )
