"""What every store makes of a booking whose time has come, where things happen."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorUnknown, ReservationUnknown
from flexicharge.model.account import GUEST
from flexicharge.model.reservation import Reservation, Window
from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.model.site import Connector

from .cases_accounts import IDA
from .stores import HOUR, T0, Stores, charger, charging, sealed, started

NEXT_HOUR = Window(T0 + HOUR, T0 + 2 * HOUR)
DUE_AT = NEXT_HOUR.start_at + 60


async def booked(
    stores: Stores,
    connector: Connector,
    user_id: str = "ida",
    window: Window = NEXT_HOUR,
) -> Reservation:
    """Return a booking, made at T0."""
    return await stores.reservations.book(
        user_id, connector.connector_id, window, at=T0, most=5
    )


async def begun(stores: Stores, connector: Connector) -> Session:
    """Return the session that Ida's booking has become, and that is held."""
    number = (await booked(stores, connector)).reservation_id
    await stores.reservations.open_due(connector.connector_id, DUE_AT)
    return await stores.transactions.mark_reserved(number)


async def to_come(stores: Stores, user_id: str = "ida") -> list[int]:
    """Return the numbers of what is held for a user, or will be."""
    held = await stores.reservations.get_reservations_for_user(user_id, DUE_AT)
    return [one.reservation_id for one in held]


async def test_many_bookings_begin_together(stores: Stores) -> None:
    """Each on its connector; one that is busy, or where nothing is due, waits."""
    connectors = [await charger(stores, f"abc{number}") for number in range(4)]
    bookings = [await booked(stores, one) for one in connectors[:3]]
    busy = await charging(stores, connectors[1], "bo")
    numbers = [one.connector_id for one in connectors]
    await stores.reservations.open_all_due(numbers, DUE_AT)
    await stores.reservations.open_all_due((), DUE_AT)
    found = await stores.reservations.get_unheld()
    assert [one.session_id for one in found] == [
        bookings[0].reservation_id,
        bookings[2].reservation_id,
    ]
    assert all(one.booked and one.reserved_until == NEXT_HOUR.end_at for one in found)
    still = await stores.transactions.get_transaction(busy.session_id)
    assert still == busy


async def test_a_booking_that_is_due_is_what_starts(stores: Stores) -> None:
    """Though nothing has noticed yet; a start before its time is nobody's."""
    connector = await charger(stores)
    number = (await booked(stores, connector)).reservation_id
    session = await stores.transactions.start(started(connector, at=DUE_AT))
    assert (session.session_id, session.user_id, session.booked) == (
        number,
        "ida",
        True,
    )
    assert session.state is SessionState.CHARGING
    again = await stores.transactions.start(started(connector, at=DUE_AT + 1))
    assert again == session
    other = await charger(stores, "abc112")
    await booked(stores, other)
    early = await stores.transactions.start(started(other, at=T0 + HOUR - 1))
    assert early.user_id is None


async def test_another_stations_start_begins_no_booking(stores: Stores) -> None:
    """It is refused, and has changed nothing."""
    connector, other = await charger(stores), await charger(stores, "abc112")
    number = (await booked(stores, connector)).reservation_id
    fact = evolve(started(connector, at=DUE_AT), station_id=other.station_id)
    for given_up in (True, False):
        with pytest.raises(ConnectorUnknown):
            await stores.transactions.start(evolve(fact, given_up=given_up))
    assert await to_come(stores) == [number]
    assert await stores.reservations.get_unheld() == ()


async def test_a_start_that_was_given_up_takes_no_booking(stores: Stores) -> None:
    """What was held makes way, and its time is booked anew for the same user."""
    connector = await charger(stores)
    held = await begun(stores, connector)
    fact = evolve(started(connector, at=DUE_AT + 60), given_up=True)
    unpaid = await stores.transactions.start(fact)
    assert (unpaid.user_id, unpaid.state) == (None, SessionState.CHARGING)
    over = await stores.transactions.get_transaction(held.session_id)
    assert (over.state, over.end_reason) == (
        SessionState.CANCELLED,
        EndReason.REFUSED,
    )
    (number,) = await to_come(stores)
    assert number not in (held.session_id, unpaid.session_id)
    assert await stores.transactions.start(fact) == unpaid
    assert await to_come(stores) == [number]
    await stores.transactions.end(sealed(unpaid, at=DUE_AT + 120))
    await stores.reservations.open_due(connector.connector_id, DUE_AT + 121)
    (session,) = await stores.reservations.get_unheld()
    assert (session.session_id, session.user_id) == (number, "ida")
    assert session.reserved_until == NEXT_HOUR.end_at


async def test_a_given_up_start_leaves_what_is_due_alone(stores: Stores) -> None:
    """It begins afterwards, under its own number."""
    connector = await charger(stores)
    number = (await booked(stores, connector)).reservation_id
    fact = evolve(started(connector, at=DUE_AT), given_up=True)
    unpaid = await stores.transactions.start(fact)
    assert unpaid.user_id is None
    assert await to_come(stores) == [number]


async def test_a_given_up_start_is_theirs_who_ask_to_start(stores: Stores) -> None:
    """And a reservation that was not booked is cancelled for good."""
    connector = await charger(stores)
    held = await begun(stores, connector)
    await stores.transactions.begin_start(held.session_id, DUE_AT, DUE_AT + 300)
    fact = evolve(started(connector, at=DUE_AT + 60), given_up=True)
    session = await stores.transactions.start(fact)
    assert (session.session_id, session.user_id) == (held.session_id, "ida")
    other = await charger(stores, "abc112")
    await stores.transactions.add_transaction(
        "bo", other.connector_id, at=DUE_AT, reserved_until=DUE_AT + 300
    )
    late = evolve(started(other, at=DUE_AT + 60), given_up=True)
    assert (await stores.transactions.start(late)).user_id is None
    assert await to_come(stores, "bo") == []


async def test_a_booking_at_its_very_end_is_not_booked_anew(stores: Stores) -> None:
    """There is nothing left of it."""
    connector = await charger(stores)
    await begun(stores, connector)
    fact = evolve(started(connector, at=NEXT_HOUR.end_at), given_up=True)
    await stores.transactions.start(fact)
    assert await to_come(stores) == []


async def test_who_came_early_has_had_their_time(stores: Stores) -> None:
    """If they charged into it; a guest is another one than the guest who booked."""
    for number, (whose, who, until, is_left) in enumerate(
        (
            ("ida", "ida", NEXT_HOUR.start_at, False),
            ("ida", "ida", NEXT_HOUR.start_at - 1, True),
            ("ida", "bo", NEXT_HOUR.start_at + 60, True),
            (GUEST, GUEST, NEXT_HOUR.start_at + 60, True),
        )
    ):
        connector = await charger(stores, f"abc{number}")
        booking = (await booked(stores, connector, whose)).reservation_id
        session = await charging(stores, connector, who)
        await stores.transactions.end(sealed(session, at=until))
        assert (booking in await to_come(stores, whose)) is is_left


async def test_who_came_early_keeps_what_they_booked_elsewhere(
    stores: Stores,
) -> None:
    """And for later."""
    connector, elsewhere = await charger(stores), await charger(stores, "abc112")
    later = Window(T0 + 2 * HOUR, T0 + 3 * HOUR)
    await booked(stores, connector)
    kept = [
        (await booked(stores, elsewhere)).reservation_id,
        (await booked(stores, connector, window=later)).reservation_id,
    ]
    session = await charging(stores, connector)
    await stores.transactions.end(sealed(session, at=NEXT_HOUR.start_at + 60))
    assert await to_come(stores) == kept


async def test_a_booking_that_has_just_begun_can_be_asked_for_again(
    stores: Stores,
) -> None:
    """It is the same one until it starts; what was called off is not it."""
    connector = await charger(stores)
    held = await begun(stores, connector)
    store, book = stores.reservations, stores.reservations.book
    number = connector.connector_id
    again = await book("ida", number, NEXT_HOUR, at=DUE_AT, most=1)
    assert again.reservation_id == held.session_id
    assert again.end_at == NEXT_HOUR.end_at
    await stores.transactions.cancel(held.session_id, DUE_AT, EndReason.DRIVER)
    anew = await book("ida", number, NEXT_HOUR, at=DUE_AT, most=1)
    assert anew.reservation_id != held.session_id
    assert await store.get_reservation(anew.reservation_id, DUE_AT) == anew


async def test_bookings_of_a_deleted_account_are_called_off(stores: Stores) -> None:
    """Nobody else's."""
    await stores.accounts.add_account(IDA)
    connector, other = await charger(stores), await charger(stores, "abc112")
    gone = await booked(stores, connector, IDA.account_id)
    kept = await booked(stores, other, "bo")
    await stores.accounts.delete_account(IDA.account_id)
    with pytest.raises(ReservationUnknown):
        await stores.reservations.get_reservation(gone.reservation_id, T0)
    assert await to_come(stores, "bo") == [kept.reservation_id]
    assert await stores.reservations.get_due(DUE_AT) == (other.connector_id,)


async def test_a_network_is_untouched_only_before_there_was_any(
    stores: Stores,
) -> None:
    """The self tests' own station is none; what is retired was there."""
    store = stores.chargers
    assert await store.is_untouched() is True
    await stores.self_tests.prepare("selftest-1", b"", (), T0)
    assert await store.is_untouched() is True
    site = await store.add_charge_point("A", "Here 1", (57.7, 14.1))
    await store.remove_charge_point(site.site_id, T0)
    assert await store.is_untouched() is False


async def test_a_network_without_a_site_is_touched(stores: Stores) -> None:
    """A charger that was retired is enough."""
    connector = await charger(stores)
    assert await stores.chargers.is_untouched() is False
    await stores.chargers.remove_charger(connector.connector_id, T0)
    assert await stores.chargers.is_untouched() is False
