"""Whose the booked time is when somebody comes late, early, or does not exist."""

from __future__ import annotations

from typing import Any, Final

import pytest
from attrs import evolve
from twisted.logger import LogEvent

from flexicharge.charging import bookings
from flexicharge.errors import ReservationUnknown, StartRefused
from flexicharge.model.session import SKIPPED_NUMBER, EndReason, SessionState
from flexicharge.model.status import ConnectorStatus
from flexicharge.testing.charge import CONNECTOR, Charge
from flexicharge.testing.charger import ScriptedCharger
from flexicharge.testing.deferreds import fire, result_of

from .test_bookings import AHEAD_S, Office, actions

ELSEWHERE: Final = CONNECTOR - 1


@pytest.fixture
def office(charge: Charge) -> Office:
    """Two more drivers, who book what the one of `charge` may want."""
    return Office(charge.town)


def ours(charge: Charge, office: Office) -> int:
    """Return the number of a booking elsewhere whose time it is: the driver's own."""
    booking = office.book(charge.caller, connector_id=ELSEWHERE)
    charge.town.advance(AHEAD_S + 5, step=1)
    assert charge.town.session(booking.reservation_id).state is SessionState.OPENED
    return booking.reservation_id


def use(charge: Charge) -> Any:
    return charge.town.back_end.charging.drivers


# somebody else comes late


def give_up(charge: Charge) -> None:
    """Start, with the charger agreeing, and give that up at once."""
    charge.reserve()
    asked = fire(use(charge).start(charge.caller, charge.session_id, None))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    result_of(use(charge).stop(charge.caller, charge.session_id))
    with pytest.raises(StartRefused):
        result_of(asked)


def give_up_late(charge: Charge) -> None:
    """Give a start up, and let the charger begin when a minute is over."""
    give_up(charge)
    charge.town.advance(AHEAD_S + 5, step=1)
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    charge.charger.start()


def test_a_booking_outlasts_somebody_elses_late_start(
    charge: Charge, office: Office
) -> None:
    """What they gave up is stopped, and the booking's holder is held the rest."""
    booking = office.book(office.bo)
    give_up_late(charge)
    [call] = [
        frame for frame in charge.charger.heard() if frame[2] == "RemoteStopTransaction"
    ]
    charge.charger.answer(call, "Accepted")
    charge.charger.stop(meter_stop=10)
    charge.town.advance(6, step=1)
    call = charge.charger.heard()[-1]
    assert call[2] == "ReserveNow"
    charge.charger.answer(call, "Accepted")
    (number,) = office.numbers(office.bo, office.bo.user_id)
    session = charge.town.session(number)
    assert session.reserved_until == booking.end_at
    assert office.shown() is ConnectorStatus.RESERVED
    asked = fire(office.drivers.start(office.bo, number, None))
    charge.charger.answer(charge.charger.heard()[-1], "Accepted")
    charge.charger.start()
    assert result_of(asked).session.user_id == office.bo.user_id


def test_who_was_made_way_for_is_told(charge: Charge, office: Office) -> None:
    """The number that was theirs is over, and nothing is owed for it."""
    booking = office.book(office.bo)
    give_up_late(charge)
    session = charge.town.session(booking.reservation_id)
    assert (session.state, session.end_reason, session.price_ore) == (
        SessionState.CANCELLED,
        EndReason.REFUSED,
        0,
    )
    with pytest.raises(ReservationUnknown):
        result_of(office.reservations.read(office.bo, booking.reservation_id))


def test_who_asked_to_start_does_not_make_way(charge: Charge, office: Office) -> None:
    """What the charger begins is theirs then."""
    booking = office.book(office.bo, ahead_s=5)
    give_up(charge)
    charge.town.advance(10, step=1)
    asked = fire(office.drivers.start(office.bo, booking.reservation_id, None))
    charge.charger.start()
    assert result_of(asked).session.session_id == booking.reservation_id


# before anything has noticed


def test_no_start_takes_a_booked_charger_for_nobody(
    charge: Charge, office: Office
) -> None:
    """Not even in the seconds in which nothing has noticed that it is due."""
    booking = office.book(office.bo, ahead_s=1)
    charge.town.clock.advance(1)
    charge.charger.start()
    session = charge.town.session(booking.reservation_id)
    assert session.state is SessionState.CHARGING
    assert session.user_id == office.bo.user_id


def test_a_booking_asked_for_again_when_it_has_begun_is_the_same(
    charge: Charge, office: Office
) -> None:
    """An app that got no answer is given one however late it asks."""
    start_ms = (charge.town.clock.seconds() + AHEAD_S) * 1000
    asked = [
        office.reservations.book(office.ida, CONNECTOR, start_ms, start_ms + 600_000)
        for _ in range(2)
    ]
    booking = result_of(asked[0])
    charge.town.advance(AHEAD_S + 5, step=1)
    assert result_of(asked[1]) == booking


# its holder comes early


def test_who_came_early_is_not_held_the_rest(charge: Charge, office: Office) -> None:
    """They have charged; the charger is free for everybody."""
    booking = office.book(charge.caller)
    charge.start()
    charge.town.advance(AHEAD_S + 60, step=5)
    charge.charger.heard()
    charge.charger.stop(meter_stop=1000)
    charge.town.advance(20, step=1)
    assert actions(charge.charger) == ["StopTransaction"]
    assert office.shown() is ConnectorStatus.AVAILABLE
    with pytest.raises(ReservationUnknown):
        result_of(office.reservations.read(charge.caller, booking.reservation_id))


# its holder is no more


def test_a_deleted_accounts_booking_never_begins(
    charge: Charge, office: Office
) -> None:
    """Nobody could come for it."""
    booking = office.book(office.bo)
    result_of(charge.town.stores.accounts.delete_account(office.bo.user_id))
    charge.town.advance(AHEAD_S + 5, step=1)
    assert booking.reservation_id not in charge.town.world.sessions.rows
    assert actions(charge.charger) == []


# what the charger says of it


@pytest.mark.parametrize("is_first", [True, False])
def test_a_charger_that_holds_it_already_may_say_occupied(
    charge: Charge, office: Office, is_first: bool
) -> None:
    """From the second question on, for the first one's answer may have been lost."""
    session = office.come_due()
    [call] = charge.charger.heard()
    if not is_first:
        charge.charger.answer(call, "Rejected")
        charge.town.advance(65, step=1)
        [call] = charge.charger.heard()
    charge.charger.answer(call, "Occupied")
    state = charge.town.session(session.session_id).state
    assert state is (SessionState.OPENED if is_first else SessionState.RESERVED)


def test_a_charger_that_held_it_for_the_last_server_may_say_occupied(
    charge: Charge, office: Office
) -> None:
    """Its answer went to a server that is no more."""
    session = office.come_due()
    charge.town.crash()
    charge = Charge(charge.town)
    charge.town.advance(6, step=1)
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Occupied")
    assert charge.town.session(session.session_id).state is SessionState.RESERVED


@pytest.mark.parametrize("is_wanted", [True, False])
def test_what_a_charger_holds_too_late_is_free(
    charge: Charge, office: Office, is_wanted: bool
) -> None:
    """The booking is over; unless it is held for somebody else by now."""
    office.book(length_s=8)
    charge.town.advance(AHEAD_S + 5, step=1)
    [call] = charge.charger.heard()
    charge.town.advance(36, step=1)
    if is_wanted:
        fire(office.drivers.reserve(office.bo, CONNECTOR))
    charge.charger.report("Reserved")
    charge.charger.answer(call, "Accepted")
    charge.town.advance(1, step=0.1)
    expected = ConnectorStatus.RESERVED if is_wanted else ConnectorStatus.AVAILABLE
    assert office.shown() is expected


def test_a_late_word_about_what_was_deleted_is_nobodys(
    charge: Charge, office: Office, logged: list[LogEvent]
) -> None:
    """As self tests delete what they did, whatever is still to come."""
    session = office.come_due()
    [call] = charge.charger.heard()
    charge.town.advance(31, step=1)
    charge.town.world.sessions.drop_station(session.station_id)
    charge.charger.answer(call, "Accepted")
    assert logged == []


# 9999


def test_9999_starts_what_its_driver_opened(charge: Charge, office: Office) -> None:
    """Not a booking that has begun by itself since; that only where it is alone."""
    charge.reserve()
    booked = ours(charge, office)
    asked = fire(use(charge).start(charge.caller, SKIPPED_NUMBER, None))
    assert charge.stored.state is SessionState.STARTING
    result_of(use(charge).stop(charge.caller, charge.session_id))
    with pytest.raises(StartRefused):
        result_of(asked)
    ScriptedCharger(charge.town.plug_in("abc116")).boot()
    fire(use(charge).start(charge.caller, SKIPPED_NUMBER, None))
    assert charge.town.session(booked).state is SessionState.STARTING


def test_9999_stopped_twice_is_stopped_once(charge: Charge, office: Office) -> None:
    """Whether it charged or was only reserved; what was booked stays."""
    charge.start()
    booked = ours(charge, office)
    asked = fire(use(charge).stop(charge.caller, SKIPPED_NUMBER))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    charge.charger.stop(meter_stop=1000)
    receipt = result_of(asked)
    assert receipt.session.session_id == charge.session_id
    assert result_of(use(charge).stop(charge.caller, SKIPPED_NUMBER)) == receipt
    charge.reserve()
    for _ in range(2):
        view = result_of(use(charge).stop(charge.caller, SKIPPED_NUMBER))
        assert view.session.session_id == charge.session_id
        assert view.session.state is SessionState.CANCELLED
    assert charge.town.session(booked).state is SessionState.OPENED


def test_9999_calls_off_a_booking_where_there_is_nothing_else(
    charge: Charge, office: Office
) -> None:
    """It is all that its driver ever had."""
    booked = ours(charge, office)
    view = result_of(use(charge).stop(charge.caller, SKIPPED_NUMBER))
    assert view.session.session_id == booked
    assert view.session.state is SessionState.CANCELLED


# what is wrong with one


def test_a_booking_that_cannot_begin_keeps_no_other_back(
    charge: Charge, office: Office, logged: list[LogEvent]
) -> None:
    """Those that are due with it begin all the same, and somebody is told."""
    world = charge.town.world
    bad = office.book().reservation_id
    good = office.book(office.bo, connector_id=ELSEWHERE).reservation_id
    world.bookings.rows[bad] = evolve(world.bookings.rows[bad], user_id="\0")
    charge.town.advance(AHEAD_S + 5, step=1)
    assert charge.town.session(good).state is SessionState.OPENED
    assert bad not in world.sessions.rows
    told = {event["connector_id"] for event in logged if "connector_id" in event}
    assert told == {CONNECTOR}


def test_bookings_begin_later_rather_than_all_at_once(
    charge: Charge, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are due; those that come first are the soonest."""
    monkeypatch.setattr(bookings, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(bookings, "BATCH", 2)
    numbers = [
        office.book(who, connector_id=100_001 + place).reservation_id
        for place, who in enumerate([office.ida] * 3 + [office.bo] * 2)
    ]
    sessions = charge.town.world.sessions.rows
    charge.town.advance(AHEAD_S + 2, step=1)
    assert [number in sessions for number in numbers] == [True] * 3 + [False] * 2
    charge.town.advance(5, step=1)
    assert all(number in sessions for number in numbers)


def test_what_fails_while_the_database_is_away_is_no_bookings_fault(
    charge: Charge, office: Office, logged: list[LogEvent]
) -> None:
    """They begin with the next sweep, and nobody is told of anything."""
    bad = office.book().reservation_id
    world = charge.town.world
    world.bookings.rows[bad] = evolve(world.bookings.rows[bad], user_id="\0")
    world.faults.fail_next("open_due", before_commit=True)
    charge.town.advance(AHEAD_S + 2, step=1)
    assert [event for event in logged if "connector_id" in event] == []
