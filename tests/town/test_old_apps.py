"""What old apps ask for: the charger's own word, a session without a charger, 9999."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.errors import (
    ChargerOffline,
    ConnectorBusy,
    ConnectorUnknown,
    SessionNotStartable,
    SessionUnknown,
)
from flexicharge.model.account import ADMINS, Caller
from flexicharge.model.commands import Verdict
from flexicharge.model.session import SKIPPED_NUMBER, EndReason, SessionState
from flexicharge.testing.charge import CONNECTOR, Charge
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town

ELSEWHERE = 100_008


def drivers(town: Town) -> Any:
    return town.back_end.charging.drivers


# the charger's word


@pytest.mark.parametrize("word", list(Verdict))
def test_the_chargers_word_is_passed_on(charge: Charge, word: Verdict) -> None:
    """As it is; whatever it refuses is held by nobody."""
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    [call] = charge.charger.heard()
    charge.town.advance(9)
    assert not asked.called
    charge.charger.answer(call, word)
    assert result_of(asked) is word
    [session] = charge.town.world.sessions.rows.values()
    is_held = word is Verdict.ACCEPTED
    assert (session.state is SessionState.RESERVED) is is_held
    assert charge.status() == ("Reserved" if is_held else "Available")


def test_what_the_charger_accepted_is_then_paid_for(charge: Charge) -> None:
    """The next request is given the same session, with its payment."""
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    assert result_of(asked) is Verdict.ACCEPTED
    [held] = charge.town.world.sessions.rows.values()
    assert held.payment_id is None
    asked = fire(drivers(charge.town).reserve(charge.caller, CONNECTOR))
    charge.charger.answer(charge.charger.heard()[0], "Occupied")
    reserved = result_of(asked)
    assert reserved.session.session_id == held.session_id
    assert reserved.payment.client_token == "bypassed"
    assert charge.town.session(held.session_id).payment_id is not None


def test_asking_for_the_word_again_is_no_refusal(charge: Charge) -> None:
    """Occupied from a charger that we hold for the same driver is success."""
    charge.reserve()
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    charge.charger.answer(charge.charger.heard()[0], "Occupied")
    assert result_of(asked) is Verdict.ACCEPTED
    assert charge.stored.state is SessionState.RESERVED


def test_a_charger_in_use_is_occupied(charge: Charge) -> None:
    """By somebody else or by oneself; it is not even asked."""
    stranger, _ = charge.town.driver()
    charge.reserve()
    word = drivers(charge.town).reserve_word
    assert result_of(word(stranger, CONNECTOR)) is Verdict.OCCUPIED
    charge.start()
    for caller in (stranger, charge.caller):
        assert result_of(word(caller, CONNECTOR)) is Verdict.OCCUPIED
    assert charge.charger.heard() == []


def test_a_charger_that_says_an_error_refuses(charge: Charge) -> None:
    """Whatever the error is."""
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    [call] = charge.charger.heard()
    charge.charger.peer.say(4, call[1], "InternalError", "", {})
    assert result_of(asked) is Verdict.REJECTED


def test_a_silent_charger_is_unavailable(charge: Charge) -> None:
    """After ten seconds the app is told so, and the next driver can try."""
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    [call] = charge.charger.heard()
    charge.town.advance(10)
    assert result_of(asked) is Verdict.UNAVAILABLE
    [session] = charge.town.world.sessions.rows.values()
    assert session.end_reason is EndReason.OFFLINE
    charge.charger.report("Reserved")
    charge.charger.answer(call, "Accepted")
    charge.town.advance(1)
    assert charge.status() == "Available"


def test_what_was_held_before_outlives_a_silent_charger(charge: Charge) -> None:
    """The app may be told Unavailable, but loses nothing."""
    charge.reserve()
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    charge.town.advance(10)
    assert result_of(asked) is Verdict.UNAVAILABLE
    assert charge.stored.state is SessionState.RESERVED


def test_a_charger_lost_while_it_is_asked_is_unavailable(charge: Charge) -> None:
    """At once."""
    asked = fire(drivers(charge.town).reserve_word(charge.caller, CONNECTOR))
    charge.charger.peer.lose()
    assert result_of(asked) is Verdict.UNAVAILABLE


def test_who_is_not_there_has_no_word(town: Town) -> None:
    """Neither a charger that is not connected, nor one that does not exist."""
    caller, _ = town.driver()
    with pytest.raises(ChargerOffline):
        result_of(drivers(town).reserve_word(caller, CONNECTOR))
    with pytest.raises(ConnectorUnknown):
        result_of(drivers(town).reserve_word(caller, 99_999))
    assert not town.world.sessions.rows


# a session without a charger


def test_a_session_is_opened_though_its_charger_is_away(town: Town) -> None:
    """It is held by us for the usual time, with its payment."""
    caller, _ = town.driver()
    opened = result_of(drivers(town).open(caller, CONNECTOR))
    session = town.session(opened.session.session_id)
    assert session.state is SessionState.RESERVED
    assert session.reserved_until == town.clock.seconds() + 300
    assert opened.payment.client_token == "bypassed"
    stranger, _ = town.driver()
    with pytest.raises(ConnectorBusy):
        result_of(drivers(town).open(stranger, CONNECTOR))
    with pytest.raises(ChargerOffline):
        result_of(drivers(town).start(caller, session.session_id, None))
    town.advance(320, step=5)
    assert town.session(session.session_id).end_reason is EndReason.EXPIRED


def test_a_session_opened_without_its_charger_is_started_with_it(town: Town) -> None:
    """Once it is here."""
    caller, _ = town.driver()
    opened = result_of(drivers(town).open(caller, CONNECTOR))
    charger = Charge(town).charger
    asked = fire(drivers(town).start(caller, opened.session.session_id, None))
    charger.answer(charger.heard()[0], "Accepted")
    charger.start()
    assert result_of(asked).session.state is SessionState.CHARGING


def test_a_charger_that_is_here_is_asked_all_the_same(charge: Charge) -> None:
    """And its refusal is one."""
    asked = fire(drivers(charge.town).open(charge.caller, CONNECTOR))
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    assert result_of(asked).session.state is SessionState.RESERVED


def test_what_is_no_charger_is_not_opened(town: Town) -> None:
    """There is no such number."""
    caller, _ = town.driver()
    with pytest.raises(ConnectorUnknown):
        result_of(drivers(town).open(caller, 99_999))


# 9999


def newest(charge: Charge) -> int:
    """Return which session 9999 is to the driver."""
    view = result_of(drivers(charge.town).read(charge.caller, SKIPPED_NUMBER))
    number: int = view.session.session_id
    return number


def reserve_elsewhere(charge: Charge) -> int:
    """Let the same driver reserve another charger."""
    opened = result_of(drivers(charge.town).open(charge.caller, ELSEWHERE))
    number: int = opened.session.session_id
    return number


def test_who_has_no_session_has_no_9999(charge: Charge) -> None:
    """Whatever others have."""
    charge.start()
    stranger, _ = charge.town.driver()
    use = drivers(charge.town)
    for asked in (
        use.read(stranger, SKIPPED_NUMBER),
        use.start(stranger, SKIPPED_NUMBER, None),
        use.stop(stranger, SKIPPED_NUMBER),
    ):
        with pytest.raises(SessionUnknown):
            result_of(asked)
    assert charge.stored.state is SessionState.CHARGING


def test_9999_charges_from_start_to_receipt(charge: Charge) -> None:
    """Every step of an app that knows no other number."""
    charge.reserve()
    use, town = drivers(charge.town), charge.town
    assert newest(charge) == charge.session_id
    asked = fire(use.start(charge.caller, SKIPPED_NUMBER, None))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    charge.charger.start()
    assert result_of(asked).session.session_id == charge.session_id
    charge.charger.heard()
    asked = fire(use.stop(charge.caller, SKIPPED_NUMBER))
    charge.charger.answer(charge.charger.heard()[0], "Accepted")
    charge.charger.stop(meter_stop=1000)
    receipt = result_of(asked)
    assert (receipt.session.session_id, receipt.price_ore) == (charge.session_id, 250)
    town.advance(60, step=5)
    assert result_of(use.stop(charge.caller, SKIPPED_NUMBER)) == receipt


def test_9999_stops_what_charges_before_anything_newer(charge: Charge) -> None:
    """A reservation elsewhere stays, and is what 9999 starts."""
    charge.start()
    elsewhere = reserve_elsewhere(charge)
    assert newest(charge) == charge.session_id
    with pytest.raises(ChargerOffline):
        result_of(drivers(charge.town).start(charge.caller, SKIPPED_NUMBER, None))
    fire(drivers(charge.town).stop(charge.caller, SKIPPED_NUMBER))
    charge.charger.stop(meter_stop=10)
    assert charge.stored.state is SessionState.ENDED
    assert charge.town.session(elsewhere).state is SessionState.RESERVED


def test_9999_is_what_its_driver_called_off_if_that_came_last(
    charge: Charge,
) -> None:
    """An app that gave up a reservation is told of that one, until it has charged."""
    use = drivers(charge.town)
    elsewhere = reserve_elsewhere(charge)
    result_of(use.stop(charge.caller, elsewhere))
    assert newest(charge) == elsewhere
    with pytest.raises(SessionNotStartable):
        result_of(use.start(charge.caller, SKIPPED_NUMBER, None))
    charge.start()
    charge.charger.stop(meter_stop=10)
    assert newest(charge) == charge.session_id
    charge.town.advance(60, step=5)
    elsewhere = reserve_elsewhere(charge)
    result_of(use.stop(charge.caller, elsewhere))
    assert newest(charge) == elsewhere


def test_9999_is_no_reservation_that_lapsed_if_there_is_another(
    charge: Charge,
) -> None:
    """An app that asks for the receipt later gets it all the same."""
    charge.start()
    elsewhere = reserve_elsewhere(charge)
    charge.charger.stop(meter_stop=10)
    for _ in range(70):
        charge.town.advance(5)
    assert charge.town.session(elsewhere).end_reason is EndReason.EXPIRED
    assert newest(charge) == charge.session_id


def test_administrators_have_a_9999_of_their_own(charge: Charge) -> None:
    """It never reaches another's, though they may see all by their numbers."""
    charge.start()
    admin = Caller(user_id="boss", groups=frozenset({ADMINS}), expires_at=float("inf"))
    with pytest.raises(SessionUnknown):
        result_of(drivers(charge.town).stop(admin, SKIPPED_NUMBER))
    view = result_of(drivers(charge.town).read(admin, charge.session_id))
    assert view.session.session_id == charge.session_id


# a charger's sessions


def test_a_charger_shows_everybody_their_own_sessions(charge: Charge) -> None:
    """Newest first; administrators see all of them."""
    town, first_caller, mine = charge.town, charge.caller, []
    for _ in range(2):
        charge.start()
        charge.charger.stop(meter_stop=10)
        mine.append(charge.session_id)
    charge.caller, charge.token = town.driver()
    charge.reserve()
    admin = Caller(user_id="boss", groups=frozenset({ADMINS}), expires_at=float("inf"))

    def seen(caller: Caller, connector_id: int = CONNECTOR) -> list[int]:
        views = result_of(drivers(town).of_charger(caller, connector_id))
        return [view.session.session_id for view in views]

    assert seen(first_caller) == mine[::-1]
    assert seen(charge.caller) == [charge.session_id]
    assert seen(admin) == [charge.session_id, *mine[::-1]]
    assert seen(admin, ELSEWHERE) == seen(admin, 99_999) == []
