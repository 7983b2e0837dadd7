"""Seams around money."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen
from zope.interface import Interface

from flexicharge.model.session import Session
from flexicharge.model.tariff import Price


@frozen(kw_only=True)
class PaymentSession:
    """What a driver's app needs to approve a payment."""

    provider: str
    client_token: str
    provider_session_id: str


class IPricing(Interface):
    """What energy costs."""

    async def advertised(site_sek_per_kwh: Decimal | None, at: float) -> Decimal:
        """Return SEK per kWh at a POSIX time: the site's price, else the hour's."""

    async def price(session: Session, energy_wh: int, at: float) -> Price:
        """Return what `energy_wh` of a started session cost, up to `at`.

        Reads the session's stored readings to split the energy over the hours.
        """


class IPayments(Interface):
    """Whoever collects the money."""

    async def open(session: Session) -> PaymentSession:
        """Open a payment for a session; raise `PaymentError`."""

    async def authorise(session: Session, authorization_token: str | None) -> None:
        """Check that the driver may charge; raise `PaymentError`.

        Also for want of a token, where one is needed: a guest has nothing else to show.
        """

    async def settle(session: Session) -> bool:
        """Collect a sealed session's price; return True if it is paid."""
