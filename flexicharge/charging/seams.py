"""Everything that the use cases of a charge stand on."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import (
    IAlarms,
    IBackground,
    IBus,
    IChargerStore,
    IPayments,
    IPricing,
    IReadingStore,
    IStations,
    ITransactionStore,
)
from flexicharge.model.events import (
    SessionChanged,
    session_topic,
    station_topic,
)
from flexicharge.model.session import Session

COMMAND_TIMEOUT_S: Final = 30.0
RESERVE_ANSWER_AFTER_S: Final = 0.8


@frozen(kw_only=True)
class Limits:
    """How long things may take, in seconds."""

    start_stop_answer_after: float = 1.0
    session_grace: float = 900.0
    refresh_interval: float = 10.0


@frozen(kw_only=True)
class Seams:
    """The providers behind every use case, and the clock they live by."""

    clock: IReactorTime
    chargers: IChargerStore
    transactions: ITransactionStore
    readings: IReadingStore
    pricing: IPricing
    payments: IPayments
    stations: IStations
    bus: IBus
    background: IBackground
    alarms: IAlarms
    limits: Limits = Limits()

    def changed(self, session: Session) -> Session:
        """Tell everyone who cares that a session was committed in a new state."""
        event = SessionChanged(session)
        self.bus.publish(station_topic(session.station_id), event)
        self.bus.publish(session_topic(session.session_id), event)
        return session
