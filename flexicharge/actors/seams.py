"""What every actor stands on."""

from __future__ import annotations

from collections.abc import Callable

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.actors.locks import NamedLocks
from flexicharge.charging.standard.house import StandardCharging
from flexicharge.charging.stations import StationCharging
from flexicharge.interfaces import IAlarms, IBackground, IBus, IFrameJournal


@frozen(kw_only=True, repr=False)
class ActorSeams:
    """The providers behind every actor; `silence_limit` is in seconds."""

    clock: IReactorTime
    bus: IBus
    background: IBackground
    alarms: IAlarms
    charging: StationCharging
    standard: StandardCharging
    journal: IFrameJournal | None  # None if none is kept
    silence_limit: float = 120.0
    presence: NamedLocks = field(factory=NamedLocks)
    crashed: Callable[[str], None] = lambda serial_number: None
