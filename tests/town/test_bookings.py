"""Connectors booked for a time to come, from the booking to the charge."""

from __future__ import annotations

from typing import Any, Final

import pytest
from attrs import define, field

from flexicharge.errors import (
    ConnectorBusy,
    DatabaseAway,
    Invalid,
    NotAllowed,
    ReservationUnknown,
    SessionUnknown,
    StartRefused,
    TooManyReservations,
)
from flexicharge.model.account import ADMINS, Caller
from flexicharge.model.reservation import Reservation
from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.model.status import ConnectorStatus
from flexicharge.testing.charge import CONNECTOR, Charge
from flexicharge.testing.charger import ScriptedCharger
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town

AHEAD_S: Final = 60.0
LENGTH_S: Final = 1800.0


@define(eq=False)
class Office:
    """Who books what in a town."""

    town: Town
    ida: Caller = field(init=False)
    bo: Caller = field(init=False)
    admin: Caller = field(init=False)

    def __attrs_post_init__(self) -> None:
        (self.ida, _), (self.bo, _) = self.town.driver(), self.town.driver()
        self.admin = Caller(
            user_id="boss", groups=frozenset({ADMINS}), expires_at=float("inf")
        )

    @property
    def reservations(self) -> Any:
        return self.town.back_end.charging.reservations

    @property
    def drivers(self) -> Any:
        return self.town.back_end.charging.drivers

    def book(
        self,
        caller: Caller | None = None,
        *,
        connector_id: int = CONNECTOR,
        ahead_s: float = AHEAD_S,
        length_s: float = LENGTH_S,
    ) -> Reservation:
        """Book a connector, a minute ahead if nothing else is said."""
        start_ms = (self.town.clock.seconds() + ahead_s) * 1000
        asked = self.reservations.book(
            caller or self.ida, connector_id, start_ms, start_ms + length_s * 1000
        )
        held: Reservation = result_of(asked)
        return held

    def come_due(self, caller: Caller | None = None) -> Session:
        """Book, and wait until that has begun."""
        number = self.book(caller).reservation_id
        self.town.advance(AHEAD_S + 5, step=1)
        return self.town.session(number)

    def numbers(self, caller: Caller, user_id: str) -> list[int]:
        """Return the numbers of somebody's reservations, as a caller sees them."""
        held = result_of(self.reservations.of_user(caller, user_id))
        return [one.reservation_id for one in held]

    def shown(self) -> ConnectorStatus:
        """Return the word that people see of the connector."""
        found = result_of(self.town.stores.chargers.get_charger(CONNECTOR))
        return found.shown_at(self.town.clock.seconds())


@pytest.fixture
def office(town: Town) -> Office:
    """Two drivers and an administrator; no charger is plugged in."""
    return Office(town)


@pytest.fixture
def charger(town: Town, office: Office) -> ScriptedCharger:
    """Charger 100007, booted."""
    return Charge(town).charger


def actions(charger: ScriptedCharger) -> list[str]:
    return [frame[2] for frame in charger.heard()]


# beginning


def test_a_booking_becomes_the_session_of_its_number(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """The charger is asked to hold it until its end, and its holder charges there."""
    booking = office.book()
    assert office.shown() is ConnectorStatus.AVAILABLE
    town.advance(AHEAD_S - 1, step=1)
    assert charger.heard() == []
    town.advance(6, step=1)
    [call] = charger.heard()
    assert call[2] == "ReserveNow"
    assert call[3]["expiryDate"] == int(booking.end_at)
    charger.report("Reserved")
    charger.answer(call, "Accepted")
    session = town.session(booking.reservation_id)
    assert (session.state, session.user_id) == (
        SessionState.RESERVED,
        office.ida.user_id,
    )
    assert office.shown() is ConnectorStatus.RESERVED
    asked = fire(office.drivers.start(office.ida, booking.reservation_id, None))
    charger.answer(charger.heard()[0], "Accepted")
    charger.start()
    assert result_of(asked).session.state is SessionState.CHARGING
    charger.stop(meter_stop=1000)
    view = result_of(office.drivers.read(office.ida, booking.reservation_id))
    assert (view.energy_wh, view.price_ore) == (1000, 250)


def test_nobody_else_has_the_charger_meanwhile(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """Nor at the very moment the booking is due, before anything has noticed."""
    booking = office.book(ahead_s=1)
    town.clock.advance(1)
    with pytest.raises(ConnectorBusy):
        result_of(office.drivers.reserve(office.bo, CONNECTOR))
    town.advance(LENGTH_S - 60, step=10)
    with pytest.raises(ConnectorBusy):
        result_of(office.drivers.open(office.bo, CONNECTOR))
    with pytest.raises(SessionUnknown):
        result_of(office.drivers.start(office.bo, booking.reservation_id, None))


def test_the_holder_may_come_before_anything_noticed(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """Who reserves what they have booked is given that, at once."""
    booking = office.book(ahead_s=1)
    town.clock.advance(1)
    asked = fire(office.drivers.reserve(office.ida, CONNECTOR))
    charger.answer(charger.heard()[0], "Accepted")
    reserved = result_of(asked)
    assert reserved.session.session_id == booking.reservation_id
    assert reserved.session.reserved_until == booking.end_at
    town.advance(20, step=1)
    assert charger.heard() == []


def test_whoever_charges_is_not_turned_out(town: Town) -> None:
    """The booking waits until the charger is free, and begins then."""
    charge = Charge(town)
    office = Office(town)
    charge.start()
    booking = office.book()
    town.advance(AHEAD_S + 120, step=5)
    assert charge.stored.state is SessionState.CHARGING
    charge.charger.heard()
    charge.charger.stop(meter_stop=10)
    town.advance(5, step=1)
    assert actions(charge.charger) == ["StopTransaction", "ReserveNow"]
    assert town.session(booking.reservation_id).reserved_until == booking.end_at


def test_a_booking_that_never_began_lapses(town: Town) -> None:
    """Its charger was busy all the time; nothing is left of it."""
    charge = Charge(town)
    office = Office(town)
    charge.start()
    booking = office.book(length_s=60)
    for _ in range(14):
        charge.charger.meter(1)
        town.advance(10, step=5)
    charge.charger.stop(meter_stop=10)
    charge.charger.heard()
    town.advance(10, step=1)
    assert charge.charger.heard() == []
    with pytest.raises(ReservationUnknown):
        result_of(office.reservations.read(office.ida, booking.reservation_id))
    with pytest.raises(SessionUnknown):
        town.session(booking.reservation_id)


def test_an_abandoned_booking_frees_the_charger_at_its_end(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """Not earlier: until then it is paid for by nobody else."""
    session = office.come_due()
    [call] = charger.heard()
    charger.report("Reserved")
    charger.answer(call, "Accepted")
    town.advance(LENGTH_S - 10, step=10)
    assert office.shown() is ConnectorStatus.RESERVED
    town.advance(30, step=5)
    assert office.shown() is ConnectorStatus.AVAILABLE
    assert town.session(session.session_id).end_reason is EndReason.EXPIRED


@pytest.mark.parametrize("word", ["Occupied", "Rejected", "Faulted", "Unavailable"])
def test_a_refusal_does_not_take_a_booking_away(
    town: Town, office: Office, charger: ScriptedCharger, word: str
) -> None:
    """The charger is asked again, a minute later, and others are kept out."""
    session = office.come_due()
    [call] = charger.heard()
    charger.answer(call, word)
    assert town.session(session.session_id).state is SessionState.OPENED
    with pytest.raises(ConnectorBusy):
        result_of(office.drivers.reserve(office.bo, CONNECTOR))
    town.advance(50, step=1)
    assert charger.heard() == []
    town.advance(15, step=1)
    [again] = charger.heard()
    charger.answer(again, "Accepted")
    assert town.session(session.session_id).state is SessionState.RESERVED


def test_a_late_refusal_does_not_take_a_booking_away_either(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """After half a minute of silence we held it alone, and go on."""
    session = office.come_due()
    [call] = charger.heard()
    town.advance(31, step=1)
    charger.answer(call, "Rejected")
    assert town.session(session.session_id).state is SessionState.RESERVED


def test_a_charger_that_is_away_is_asked_when_it_returns(
    town: Town, office: Office
) -> None:
    """The booking has begun without it."""
    session = office.come_due()
    assert session.state is SessionState.OPENED
    charger = Charge(town).charger
    town.advance(5, step=1)
    assert actions(charger) == ["ReserveNow"]


# losing nothing


@pytest.mark.parametrize("method", ["get_due", "open_all_due", "get_unheld"])
@pytest.mark.parametrize("before_commit", [True, False])
def test_a_booking_begins_once_whatever_fails(
    town: Town,
    office: Office,
    charger: ScriptedCharger,
    method: str,
    before_commit: bool,
) -> None:
    """An answer that is lost, or a commit that is, only makes it a little later."""
    town.world.faults.fail_next(method, before_commit=before_commit)
    session = office.come_due()
    town.advance(6, step=1)
    assert actions(charger) == ["ReserveNow"]
    assert office.numbers(office.ida, office.ida.user_id) == [session.session_id]
    assert list(town.world.sessions.rows) == [session.session_id]


@pytest.mark.parametrize("before_commit", [True, False])
def test_a_booking_outlives_a_crash_while_it_begins(
    town: Town, office: Office, before_commit: bool
) -> None:
    """The next server finds it due or begun, and asks the charger."""
    booking = office.book()
    town.advance(AHEAD_S - 2, step=1)
    town.world.faults.fail_next("open_all_due", before_commit=before_commit)
    town.advance(6, step=1)
    town.crash(down_for=10)
    assert (booking.reservation_id in town.world.sessions.rows) is not before_commit
    charger = Charge(town).charger
    town.advance(6, step=1)
    assert actions(charger) == ["ReserveNow"]
    assert list(town.world.sessions.rows) == [booking.reservation_id]


def test_a_charger_is_asked_again_after_a_crash(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """Its answer went to a server that is no more."""
    session = office.come_due()
    assert actions(charger) == ["ReserveNow"]
    town.crash()
    charger = Charge(town).charger
    town.advance(6, step=1)
    [call] = charger.heard()
    charger.answer(call, "Accepted")
    assert town.session(session.session_id).state is SessionState.RESERVED


@pytest.mark.parametrize("before_commit", [True, False])
def test_a_booking_whose_answer_was_lost_can_be_asked_for_again(
    town: Town, office: Office, before_commit: bool
) -> None:
    """It is booked once."""
    town.world.faults.fail_next("book", before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        office.book()
    booking = office.book()
    assert office.numbers(office.ida, office.ida.user_id) == [booking.reservation_id]


# rules


def test_what_an_app_asks_for_is_checked(office: Office) -> None:
    """Nothing is booked; the codes say all that is wrong."""
    with pytest.raises(Invalid) as refused:
        office.book(ahead_s=-3600, length_s=-60)
    assert refused.value.codes == (
        "invalidStartValue",
        "invalidEndValue",
        "startGreaterThenEnd",
    )
    assert office.numbers(office.ida, office.ida.user_id) == []


def test_a_connector_is_booked_by_one_at_a_time(office: Office) -> None:
    """Whoever comes second is told so, whatever part of the time they want."""
    office.book()
    with pytest.raises(ConnectorBusy):
        office.book(office.bo, ahead_s=AHEAD_S + LENGTH_S - 1)
    office.book(office.bo, ahead_s=AHEAD_S + LENGTH_S)


def test_nobody_books_the_whole_town(office: Office) -> None:
    """Five bookings at most; one more when one of them is called off."""
    held = [office.book(connector_id=100_001 + number) for number in range(5)]
    with pytest.raises(TooManyReservations):
        office.book()
    result_of(office.reservations.cancel(office.ida, held[2].reservation_id))
    office.book()


# whose they are


def test_reservations_are_their_holders_own(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """Bookings and what is held now; only administrators see those of others."""
    booking = office.book()
    asked = fire(office.drivers.reserve(office.bo, CONNECTOR))
    charger.answer(charger.heard()[0], "Accepted")
    session = result_of(asked).session
    ida, bo, admin = office.ida, office.bo, office.admin
    use = office.reservations
    assert office.numbers(ida, ida.user_id) == [booking.reservation_id]
    assert office.numbers(bo, bo.user_id) == [session.session_id]
    assert office.numbers(admin, ida.user_id) == [booking.reservation_id]
    with pytest.raises(NotAllowed):
        office.numbers(bo, ida.user_id)
    for caller, seen in ((ida, [booking]), (admin, [None, booking])):
        found = result_of(use.of_charger(caller, CONNECTOR))
        assert [one.reservation_id for one in found] == [
            one.reservation_id if one else session.session_id for one in seen
        ]
    assert result_of(use.read(admin, booking.reservation_id)) == booking
    held = result_of(use.read(bo, session.session_id))
    assert (held.start_at, held.end_at) == (session.opened_at, session.reserved_until)
    for number in (booking.reservation_id, 77):
        with pytest.raises(ReservationUnknown):
            result_of(use.read(bo, number))
        with pytest.raises(ReservationUnknown):
            result_of(use.cancel(bo, number))
    assert result_of(use.read(ida, booking.reservation_id)) == booking


def test_reservations_of_self_tests_are_nobodys(town: Town, office: Office) -> None:
    """Administrators do not see them either."""
    world = town.world
    connector = result_of(
        town.stores.self_tests.prepare("selftest-1", b"", (), town.clock.seconds())
    )
    world.self_test_accounts.add("tester")
    at = town.clock.seconds()
    session, _ = result_of(
        town.stores.transactions.add_transaction(
            "tester", connector.connector_id, at=at, reserved_until=at + 300
        )
    )
    with pytest.raises(ReservationUnknown):
        result_of(office.reservations.read(office.admin, session.session_id))
    found = office.reservations.of_charger(office.admin, connector.connector_id)
    assert result_of(found) == ()


# calling off


@pytest.mark.parametrize("who", ["ida", "admin"])
def test_a_booking_can_be_called_off(
    town: Town, office: Office, charger: ScriptedCharger, who: str
) -> None:
    """By its holder or an administrator; the time is free again, and never begins."""
    booking = office.book()
    result_of(office.reservations.cancel(getattr(office, who), booking.reservation_id))
    with pytest.raises(ReservationUnknown):
        result_of(office.reservations.cancel(office.ida, booking.reservation_id))
    office.book(office.bo)
    town.advance(AHEAD_S + 5, step=1)
    assert booking.reservation_id not in town.world.sessions.rows


def test_what_has_begun_can_be_called_off_until_it_charges(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """The charger is shown Available again, for everybody."""
    session = office.come_due()
    [call] = charger.heard()
    charger.report("Reserved")
    charger.answer(call, "Accepted")
    result_of(office.reservations.cancel(office.ida, session.session_id))
    assert town.session(session.session_id).end_reason is EndReason.DRIVER
    assert office.shown() is ConnectorStatus.AVAILABLE
    asked = fire(office.drivers.reserve(office.bo, CONNECTOR))
    charger.answer(charger.heard()[-1], "Accepted")
    assert result_of(asked).session.user_id == office.bo.user_id


def test_a_start_that_was_called_off_is_stopped(
    town: Town, office: Office, charger: ScriptedCharger
) -> None:
    """The charger had accepted it; nobody pays for what begins now, so it ends."""
    session = office.come_due()
    charger.answer(charger.heard()[0], "Accepted")
    asked = fire(office.drivers.start(office.ida, session.session_id, None))
    charger.answer(charger.heard()[0], "Accepted")
    result_of(office.reservations.cancel(office.ida, session.session_id))
    with pytest.raises(StartRefused):
        result_of(asked)
    charger.start()
    assert "RemoteStopTransaction" in actions(charger)


def test_what_charges_is_no_reservation_any_more(town: Town) -> None:
    """Calling it off stops nothing, even if it began just now."""
    charge = Charge(town)
    office = Office(town)
    charge.reserve()
    held = result_of(office.reservations.read(charge.caller, charge.session_id))
    town.world.faults.slow(0.5)
    asked = fire(office.reservations.cancel(charge.caller, held.reservation_id))
    charge.charger.start()
    town.advance(3)
    town.world.faults.slow(0)
    with pytest.raises(ReservationUnknown):
        result_of(asked)
    assert charge.stored.state is SessionState.CHARGING
