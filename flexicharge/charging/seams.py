"""Everything that the use cases of a charge stand on."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.interfaces import (
    IAlarms,
    IBackground,
    IBus,
    IChargerStore,
    IPayments,
    IPricing,
    IReadingStore,
    IReservationStore,
    IStations,
    ITransactionStore,
)
from flexicharge.model.events import (
    ALL_SESSIONS,
    SessionChanged,
    session_topic,
    station_topic,
)
from flexicharge.model.session import Session

COMMAND_TIMEOUT_S: Final = 30.0
RESERVE_ANSWER_AFTER_S: Final = 0.8


@frozen(kw_only=True)
class Limits:
    """How long things may take, and how often they are looked at, in seconds."""

    start_stop_answer_after: float = 1.0
    session_grace: float = 900.0
    offline_session_grace: float = 86_400.0  # of standard stations, which keep records
    refresh_interval: float = 10.0
    sweep_every: float = 5.0


@frozen(kw_only=True, repr=False)
class Seams:
    """The providers behind every use case, and the clock they live by."""

    clock: IReactorTime
    chargers: IChargerStore
    transactions: ITransactionStore
    readings: IReadingStore
    reservations: IReservationStore
    pricing: IPricing
    payments: IPayments
    stations: IStations
    bus: IBus
    background: IBackground
    alarms: IAlarms
    limits: Limits = Limits()
    _log = Logger()

    def changed(self, session: Session) -> Session:
        """Tell everyone who cares that a session was committed in a new state."""
        self._log.info(
            "{serial_number}: session {session_id} is {state}{more}",
            serial_number=session.serial_number,
            session_id=session.session_id,
            state=session.state,
            more=_ending_of(session),
        )
        event = SessionChanged(session)
        self.bus.publish(station_topic(session.station_id), event)
        self.bus.publish(session_topic(session.session_id), event)
        self.bus.publish(ALL_SESSIONS, event)
        return session


def _ending_of(session: Session) -> str:
    if session.ended_at is None:
        return ""
    energy_wh, price_ore = session.energy_wh or 0, session.price_ore or 0
    return f" ({session.end_reason}): {energy_wh} Wh, {price_ore} öre"
