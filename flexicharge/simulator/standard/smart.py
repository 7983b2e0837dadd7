"""Charging profiles on a charger of OCPP 1.6, and the power that they leave."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from attrs import define, field

from flexicharge.errors import FlexiChargeError, UnusableValue
from flexicharge.model.charging_profiles import (
    Clearing,
    Installed,
    Purpose,
    RateUnit,
    Schedule,
    clear,
    install,
    without_transaction,
)
from flexicharge.model.composite_schedule import Situation, Transaction, composite
from flexicharge.model.profile_rules import check
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.charging import profile_in
from flexicharge.simulator.standard.configuration import (
    MAX_PROFILES,
    MAX_STACK_LEVEL,
    Configuration,
)
from flexicharge.simulator.standard.phrases import stamp

REFUSED: Final = {"status": "Rejected"}


@define(eq=False)
class SmartCharging:
    """Takes profiles in, and says what they leave.

    `now` is the charger's own clock; `transactions` are those that run. Profiles
    outlive the power, but for those of a transaction.
    """

    _configuration: Configuration
    _now: Callable[[], float]
    _transactions: Callable[[], tuple[Transaction, ...]]
    installed: tuple[Installed, ...] = field(default=(), init=False)

    def take(self, connector: int, payload: JsonObject, *, remote: bool = False) -> str:
        """Take a profile in; return the word that SetChargingProfile answers."""
        try:
            new = Installed(connector_id=connector, profile=profile_in(payload))
            check(new, for_remote_start=remote)
        except FlexiChargeError:
            return "Rejected"
        profile, limits = new.profile, self._configuration
        if profile.stack_level > limits.whole(MAX_STACK_LEVEL):
            return "Rejected"
        is_lost = profile.purpose is Purpose.TX and not remote
        if is_lost and all(t.connector_id != connector for t in self._transactions()):
            return "Rejected"
        together = install(self.installed, new)
        if len(together) > limits.whole(MAX_PROFILES):
            return "Rejected"
        self.installed = together
        return "Accepted"

    def clear(self, payload: JsonObject) -> str:
        """Take profiles away; return the word that ClearChargingProfile answers."""
        purpose = payload.get("chargingProfilePurpose")
        left = clear(
            self.installed,
            Clearing(
                profile_id=payload.get("id"),
                connector_id=payload.get("connectorId"),
                purpose=None if purpose is None else Purpose(purpose),
                stack_level=payload.get("stackLevel"),
            ),
        )
        found = len(left) < len(self.installed)
        self.installed = left
        return "Accepted" if found else "Unknown"

    def transaction_over(self, connector: int) -> None:
        """Forget what held for a transaction alone."""
        self.installed = without_transaction(self.installed, connector)

    def limit_w(self, connector: int) -> float | None:
        """Return the power that is left a connector; None if nothing limits it."""
        if not self.installed:
            return None
        limit = self._situation().limit_at(connector, self._now(), RateUnit.WATTS)
        return None if limit is None else float(limit.amount)

    def composite(self, payload: JsonObject) -> JsonObject:
        """Return what GetCompositeSchedule answers."""
        unit = RateUnit(payload.get("chargingRateUnit", RateUnit.AMPERES.value))
        connector, now = payload["connectorId"], float(int(self._now()))
        try:
            schedule = composite(
                self._situation(),
                connector,
                starts_at=now,
                duration_s=payload["duration"],
                unit=unit,
            )
        except UnusableValue:
            return REFUSED
        if schedule is None:
            return REFUSED
        return {
            "status": "Accepted",
            "connectorId": connector,
            "scheduleStart": stamp(now),
            "chargingSchedule": _told(schedule),
        }

    def _situation(self) -> Situation:
        return Situation(self.installed, self._transactions())


def _told(schedule: Schedule) -> JsonObject:
    return {
        "duration": schedule.duration_s,
        "chargingRateUnit": schedule.unit.value,
        "chargingSchedulePeriod": [
            {"startPeriod": period.start_s, "limit": _number(period.limit)}
            for period in schedule.periods
        ],
    }


def _number(limit: Decimal) -> float:
    return float(round(limit, 1))
