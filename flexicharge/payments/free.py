"""Charging without a payment provider: prices are shown, nothing is collected."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IPayments
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.session import Session

BYPASSED: Final = "bypassed"


@implementer(IPayments)
@frozen
class FreePayments:
    """Lets everybody charge (`BYPASS_KLARNA=1`); no provider is ever contacted."""

    async def open(self, session: Session) -> PaymentSession:
        """Return a payment session that no provider knows."""
        return PaymentSession(
            provider="free",
            client_token=BYPASSED,
            provider_session_id=f"{BYPASSED}-{session.session_id}",
        )

    async def authorise(
        self, session: Session, authorization_token: str | None
    ) -> None:
        """Let the driver charge, with a token or without."""

    async def settle(self, session: Session) -> bool:
        """Collect nothing: the session stays unpaid."""
        return False
