"""What a driver or an operator is shown of a session, whoever asks."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.session import FINAL, Session


@frozen(kw_only=True)
class SessionView:
    """A session with its price; times are POSIX seconds, money whole öre.

    `start_at` is the time of the request until the station's word is in; `end_at`
    likewise for the end. `price_ore` is None while nobody asked to stop; until the
    session is sealed it is what the last reading would cost.
    """

    session: Session
    sek_per_kwh: Decimal
    energy_wh: int
    price_ore: int | None

    @property
    def start_at(self) -> float | None:
        """When energy began to flow, or was asked to; the end, if it never did."""
        session = self.session
        return session.started_at or session.start_requested_at or self.end_at

    @property
    def end_at(self) -> float | None:
        """When the session ended, or was asked to; None while it goes on."""
        return self.session.ended_at or self.session.stop_requested_at

    @property
    def is_final(self) -> bool:
        """True once nothing about the session can change any more."""
        return self.session.state in FINAL


@frozen(kw_only=True)
class Reserved:
    """A reservation, and what the driver's app needs to approve the payment."""

    session: Session
    payment: PaymentSession
