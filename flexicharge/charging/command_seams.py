"""Everything that operators' commands stand on."""

from __future__ import annotations

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import (
    IBackground,
    IBus,
    IChargerStore,
    ICommandStore,
    IEntropy,
    IStations,
    ITransactionStore,
)


@frozen(kw_only=True, repr=False)
class CommandSeams:
    """What operators' commands stand on."""

    clock: IReactorTime
    store: ICommandStore
    chargers: IChargerStore
    transactions: ITransactionStore
    stations: IStations
    bus: IBus
    background: IBackground
    entropy: IEntropy
