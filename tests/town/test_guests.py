"""Guests: requests without a token, where LEGACY_OPEN lets them in."""

from __future__ import annotations

from typing import Any, Final

import pytest
from attrs import define
from twisted.internet.task import Clock
from zope.interface import implementer

from flexicharge.errors import (
    ConnectorBusy,
    NotAllowed,
    PaymentError,
    ReservationUnknown,
    SessionUnknown,
)
from flexicharge.interfaces import IPayments
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.account import ADMINS, GUEST, Caller
from flexicharge.model.commands import Verdict
from flexicharge.model.session import SKIPPED_NUMBER, Session, SessionState
from flexicharge.testing.charge import CONNECTOR, Charge
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town

A_GUEST: Final = Caller(user_id=GUEST, groups=frozenset(), expires_at=float("inf"))
ADMIN: Final = Caller(
    user_id="boss", groups=frozenset({ADMINS}), expires_at=float("inf")
)


@implementer(IPayments)
@define
class CarefulPayments:
    """A provider that lets nobody charge without its own word for it."""

    async def open(self, session: Session) -> PaymentSession:
        return PaymentSession(
            provider="careful",
            client_token="show me",
            provider_session_id=f"c-{session.session_id}",
        )

    async def authorise(
        self, session: Session, authorization_token: str | None
    ) -> None:
        if authorization_token is None:
            raise PaymentError("no authorization token")

    async def settle(self, session: Session) -> bool:
        return True


def drivers(town: Town) -> Any:
    return town.back_end.charging.drivers


def reservations(town: Town) -> Any:
    return town.back_end.charging.reservations


def charged_by_a_guest(charge: Charge) -> int:
    """Return the number of a session that a guest reserved, started and stopped."""
    use = drivers(charge.town)
    asked = fire(use.reserve_word(A_GUEST, CONNECTOR))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    assert result_of(asked) is Verdict.ACCEPTED
    asked = fire(use.reserve(A_GUEST, CONNECTOR))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    number: int = result_of(asked).session.session_id
    asked = fire(use.start(A_GUEST, number, None))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    charge.charger.start()
    assert result_of(asked).session.state is SessionState.CHARGING
    charge.charger.stop(meter_stop=1000)
    charge.charger.heard()
    return number


def test_a_guest_charges_as_anybody_does(charge: Charge) -> None:
    """From the charger's word to a price, where nobody collects any money."""
    number = charged_by_a_guest(charge)
    for asked in (number, SKIPPED_NUMBER):
        view = result_of(drivers(charge.town).stop(A_GUEST, asked))
        assert (view.session.session_id, view.price_ore) == (number, 250)
    assert view.session.user_id == GUEST


def test_people_do_not_see_what_guests_do(charge: Charge) -> None:
    """Nor can they stop it; administrators can see it."""
    number = charged_by_a_guest(charge)
    use = drivers(charge.town)
    with pytest.raises(SessionUnknown):
        result_of(use.read(charge.caller, number))
    with pytest.raises(NotAllowed):
        result_of(use.of_user(charge.caller, GUEST))
    assert result_of(use.of_charger(charge.caller, CONNECTOR)) == ()
    for views in (use.of_user(ADMIN, GUEST), use.of_charger(ADMIN, CONNECTOR)):
        assert [view.session.session_id for view in result_of(views)] == [number]


def test_guests_do_not_see_what_people_do(charge: Charge) -> None:
    """Not by its number, nor by anybody's name, nor by its charger."""
    charge.start()
    use = drivers(charge.town)
    for asked in (charge.session_id, SKIPPED_NUMBER):
        with pytest.raises(SessionUnknown):
            result_of(use.stop(A_GUEST, asked))
    assert result_of(use.of_user(A_GUEST, charge.caller.user_id)) == ()
    assert result_of(use.of_charger(A_GUEST, CONNECTOR)) == ()
    with pytest.raises(ReservationUnknown):
        result_of(reservations(charge.town).read(A_GUEST, charge.session_id))
    assert charge.stored.state is SessionState.CHARGING


def test_guests_see_their_own_whatever_name_they_ask_for(charge: Charge) -> None:
    """Old apps and tests ask for user 1."""
    number = charged_by_a_guest(charge)
    views = result_of(drivers(charge.town).of_user(A_GUEST, "1"))
    assert [view.session.session_id for view in views] == [number]
    opened = result_of(drivers(charge.town).open(A_GUEST, 100_005))
    held = result_of(reservations(charge.town).of_user(A_GUEST, "1"))
    assert [one.reservation_id for one in held] == [opened.session.session_id]


def test_guests_are_one_and_the_same(town: Town) -> None:
    """Two at one charger share its session: that is what LEGACY_OPEN means."""
    first, second = (result_of(drivers(town).open(A_GUEST, CONNECTOR)) for _ in "ab")
    assert first.session.session_id == second.session.session_id
    caller, _ = town.driver()
    with pytest.raises(ConnectorBusy):
        result_of(drivers(town).open(caller, CONNECTOR))


def test_a_guest_who_has_not_paid_does_not_charge(clock: Clock) -> None:
    """Where money is collected the provider's word is needed; the charger waits."""
    charge = Charge(Town(clock, payments=CarefulPayments()))
    use = drivers(charge.town)
    asked = fire(use.reserve(A_GUEST, CONNECTOR))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    session = result_of(asked).session
    with pytest.raises(PaymentError):
        result_of(use.start(A_GUEST, session.session_id, None))
    assert charge.town.session(session.session_id).state is SessionState.RESERVED
    assert charge.charger.heard() == []
    fire(use.start(A_GUEST, session.session_id, "approved"))
    charge.charger.start()
    running = charge.town.session(session.session_id)
    assert running.state is SessionState.CHARGING
