"""Everything that beliefs stand on."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import (
    IAlarms,
    IBackground,
    ICertificateAuthority,
    IChargerStore,
    IIdTagStore,
    IStationBook,
    ITransactionStore,
)


@frozen(kw_only=True, repr=False)
class BeliefSeams:
    """The providers behind beliefs, and the clock they live by.

    `credential_of` makes of a station's password what is stored of it. Unless
    `settles_doubts`, nothing is sent to a station that nobody has asked for.
    """

    book: IStationBook
    chargers: IChargerStore
    transactions: ITransactionStore
    tags: IIdTagStore
    authority: ICertificateAuthority
    clock: IReactorTime
    alarms: IAlarms
    background: IBackground
    credential_of: Callable[[str], bytes]
    settles_doubts: bool = True
