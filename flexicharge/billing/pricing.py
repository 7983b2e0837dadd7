"""Prices: the site's own, else the tariff of the hour, else the fallback."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import define, field
from zope.interface import implementer

from flexicharge.interfaces import IPricing, ITariffStore, ITransactionStore
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import Session
from flexicharge.model.tariff import (
    HourPrice,
    Price,
    billable_course,
    hour_of,
    price_by_the_hour,
)

SHOWN_FOR_S: Final = 10.0


@implementer(IPricing)
@define(eq=False)
class TariffPricing:
    """Prices energy by the hours it was delivered in, from stored readings.

    The price of the hour, which everybody is shown all the time, is read again after
    ten seconds; what is billed is always read.
    """

    _tariffs: ITariffStore
    _transactions: ITransactionStore
    _fallback_sek_per_kwh: Decimal
    _shown: HourPrice | None = field(default=None, init=False)
    _shown_until: float = field(default=0.0, init=False)

    async def advertised(self, site_sek_per_kwh: Decimal | None, at: float) -> Decimal:
        """Return SEK per kWh at a POSIX time: the site's price, else the hour's."""
        if site_sek_per_kwh is not None:
            return site_sek_per_kwh
        hour_at, shown = hour_of(at), self._shown
        if shown is None or shown.hour_at != hour_at or at >= self._shown_until:
            hours = await self._tariffs.get_tariffs(hour_at, hour_at)
            price = hours[0].sek_per_kwh if hours else self._fallback_sek_per_kwh
            shown = self._shown = HourPrice(hour_at, price)
            self._shown_until = at + SHOWN_FOR_S
        return shown.sek_per_kwh

    async def price(self, session: Session, energy_wh: int, at: float) -> Price:
        """Return what `energy_wh` of a started session cost, up to `at`."""
        started_at = at if session.started_at is None else session.started_at
        start = MeterReading(energy_wh=session.meter_start_wh or 0, taken_at=started_at)
        readings = await self._transactions.get_hourly_readings(session.session_id)
        course = billable_course(readings, start, max(at, started_at), energy_wh)
        hours = await self._tariffs.get_tariffs(
            hour_of(started_at), hour_of(course[-1].taken_at)
        )
        return price_by_the_hour(
            course,
            {hour.hour_at: hour.sek_per_kwh for hour in hours},
            self._fallback_sek_per_kwh,
            fixed_sek_per_kwh=session.site_sek_per_kwh,
        )
