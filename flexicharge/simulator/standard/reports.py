"""What one connector tells the server: how it stands, and how its charges go."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.oddities.twist import READING, START, STATUS, STOP
from flexicharge.simulator.standard import phrases
from flexicharge.simulator.standard.cabinet import Cabinet
from flexicharge.simulator.standard.configuration import SAMPLED, STOP_SAMPLED
from flexicharge.simulator.standard.phrases import Sampled
from flexicharge.simulator.truth import Charge


@define(eq=False, kw_only=True)
class Transaction:
    """What charges: whose tag began it, and the truth about it.

    `began_at` is what the charger's own clock showed then, `begin` what its instruments
    did.
    """

    tag: str
    charge: Charge
    began_at: float
    begin: Sampled


@define(eq=False)
class Reports:
    """Says things of connector `number` through its charger."""

    _number: int
    _cabinet: Cabinet
    _told: ConnectorStatus | None = field(default=None, init=False)

    def knows(self, status: ConnectorStatus) -> bool:
        """Tell whether a status is what was last told."""
        return status is self._told

    def forget(self) -> None:
        """Let whatever is next be news."""
        self._told = None

    def status(self, status: ConnectorStatus, *, was_asked_for: bool = False) -> None:
        """Tell what the connector is doing."""
        self._told = status
        payload = phrases.status(self._number, status, self._cabinet.now())
        self._cabinet.say(STATUS, payload, was_asked_for=was_asked_for)

    def metered(
        self,
        sampled: Sampled,
        running: Transaction | None,
        context: str,
        *,
        was_asked_for: bool = False,
    ) -> None:
        """Tell what the instruments show, of a transaction if one runs."""
        measurands = self._cabinet.configuration.listed(SAMPLED)
        payload = phrases.meter(self._number, sampled, measurands, context)
        charge = None if running is None else running.charge
        self._cabinet.say(READING, payload, charge, was_asked_for=was_asked_for)

    def started(
        self,
        running: Transaction,
        reservation_id: int | None,
        when_answered: Callable[[JsonObject], None],
    ) -> None:
        """Tell of a transaction that begins now, maybe on a reservation."""
        payload = phrases.start(
            self._number,
            running.tag,
            running.charge.meter_start_wh,
            self._cabinet.now(),
            reservation_id,
        )
        self._cabinet.say(START, payload, running.charge, when_answered=when_answered)

    def stopped(
        self,
        running: Transaction,
        end: Sampled,
        reason: str,
        tag: str | None,
    ) -> None:
        """Tell of a transaction that ends now, by a tag if one was shown."""
        payload = phrases.stop(
            tag=tag,
            meter_stop_wh=end.register_wh,
            at=self._cabinet.now(),
            reason=reason,
            data=self._data(running.begin, end),
        )
        self._cabinet.say(STOP, payload, running.charge)

    def _data(self, begin: Sampled, end: Sampled) -> list[JsonObject]:
        """Return the first and the last samples, as far as they are wanted."""
        measurands = self._cabinet.configuration.listed(STOP_SAMPLED)
        if not measurands:
            return []
        return [
            phrases.meter_value(begin, measurands, phrases.BEGIN),
            phrases.meter_value(end, measurands, phrases.END),
        ]
