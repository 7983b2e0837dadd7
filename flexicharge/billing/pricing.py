"""Prices: the site's own, else the tariff of the hour, else the fallback."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IPricing, ITariffStore, ITransactionStore
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import Session
from flexicharge.model.tariff import (
    Price,
    billable_course,
    hour_of,
    price_by_the_hour,
)


@implementer(IPricing)
@frozen
class TariffPricing:
    """Prices energy by the hours it was delivered in, from stored readings."""

    _tariffs: ITariffStore
    _transactions: ITransactionStore
    _fallback_sek_per_kwh: Decimal

    async def advertised(self, site_sek_per_kwh: Decimal | None, at: float) -> Decimal:
        """Return SEK per kWh at a POSIX time: the site's price, else the hour's."""
        if site_sek_per_kwh is not None:
            return site_sek_per_kwh
        hours = await self._tariffs.get_tariffs(hour_of(at), hour_of(at))
        return hours[0].sek_per_kwh if hours else self._fallback_sek_per_kwh

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
