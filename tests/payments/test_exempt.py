"""No payment provider hears of a self test."""

from __future__ import annotations

from attrs import define, field
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.interfaces import IPayments
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.session import Session, SessionState
from flexicharge.payments.exempt import SelfTestsExempt
from flexicharge.testing.deferreds import result_of


@implementer(IPayments)
@define
class Provider:
    """A provider that keeps whom it was asked about."""

    heard_of: list[int] = field(factory=list)

    async def open(self, session: Session) -> PaymentSession:
        """Open a payment."""
        self.heard_of.append(session.session_id)
        return PaymentSession(
            provider="klarna", client_token="c", provider_session_id="p"
        )

    async def authorise(
        self, session: Session, authorization_token: str | None
    ) -> None:
        """Agree."""
        self.heard_of.append(session.session_id)

    async def settle(self, session: Session) -> bool:
        """Collect."""
        self.heard_of.append(session.session_id)
        return True


def session(number: int, *, for_self_tests: bool) -> Session:
    """Return a session."""
    return Session(
        session_id=number,
        station_id=1,
        serial_number="abc117",
        connector_id=100007,
        user_id="ida",
        state=SessionState.ENDED,
        opened_at=0.0,
        for_self_tests=for_self_tests,
    )


def test_only_others_sessions_reach_the_provider() -> None:
    """All three steps of a payment, for a self test and for a driver."""
    provider = Provider()
    payments = SelfTestsExempt(provider)
    verifyObject(IPayments, payments)
    for one in (session(1, for_self_tests=True), session(2, for_self_tests=False)):
        opened = result_of(payments.open(one))
        result_of(payments.authorise(one, None))
        collected = result_of(payments.settle(one))
        assert (opened.provider, collected) == (
            ("free", False) if one.for_self_tests else ("klarna", True)
        )
    assert provider.heard_of == [2, 2, 2]
