"""Every state of a session, and what every method that could move it does there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Final

import pytest

from flexicharge.errors import ConnectorBusy, SessionNotStartable
from flexicharge.model.session import EndReason, Session, SessionState

from .stores import T0, Case, Stores, charger, in_state, sealed, started

Move = Callable[[Stores, Session], Coroutine[Any, Any, Session]]
LATER: Final = T0 + 5000


async def mark_reserved(stores: Stores, session: Session) -> Session:
    return await stores.transactions.mark_reserved(session.session_id)


async def begin_start(stores: Stores, session: Session) -> Session:
    return await stores.transactions.begin_start(session.session_id, LATER, LATER + 300)


async def return_to_reserved(stores: Stores, session: Session) -> Session:
    return await stores.transactions.return_to_reserved(session.session_id)


async def start(stores: Stores, session: Session) -> Session:
    connector = await stores.chargers.get_charger(session.connector_id)
    return await stores.transactions.start(started(connector, at=LATER))


async def begin_stop(stores: Stores, session: Session) -> Session:
    return await stores.transactions.begin_stop(session.session_id, LATER)


async def cancel(stores: Stores, session: Session) -> Session:
    return await stores.transactions.cancel(
        session.session_id, LATER, EndReason.OFFLINE
    )


async def cancel_unless_starting(stores: Stores, session: Session) -> Session:
    return await stores.transactions.cancel(
        session.session_id, LATER, EndReason.OFFLINE, even_starting=False
    )


async def end(stores: Stores, session: Session) -> Session:
    was_open = session.state in (SessionState.CHARGING, SessionState.STOPPING)
    over, is_sealed_now = await stores.transactions.end(sealed(session, at=LATER))
    assert is_sealed_now is was_open
    return over


async def mark_paid(stores: Stores, session: Session) -> Session:
    return await stores.transactions.mark_paid(session.session_id, LATER)


async def refresh_meter(stores: Stores, session: Session) -> Session:
    return await stores.transactions.update_transaction_meter(session.session_id, 4321)


async def expire(stores: Stores, session: Session) -> Session:
    await stores.transactions.expire_reservations(LATER)
    return await stores.transactions.get_transaction(session.session_id)


async def ask_again(stores: Stores, session: Session) -> Session:
    again, is_new = await stores.transactions.add_transaction(
        session.user_id, session.connector_id, at=LATER, reserved_until=LATER + 300
    )
    assert is_new is (again.session_id != session.session_id)
    return again


async def ask_as_another(stores: Stores, session: Session) -> Session:
    theirs, is_new = await stores.transactions.add_transaction(
        "bo", session.connector_id, at=LATER, reserved_until=LATER + 300
    )
    assert is_new
    return theirs


class Same:
    """The session is returned as it is."""


class Else:
    """Another session is opened, and this one stays as it is."""


OPENED, RESERVED, STARTING = (
    SessionState.OPENED,
    SessionState.RESERVED,
    SessionState.STARTING,
)
CHARGING, STOPPING = SessionState.CHARGING, SessionState.STOPPING
ENDED, CANCELLED = SessionState.ENDED, SessionState.CANCELLED
Busy, TooLate = ConnectorBusy, SessionNotStartable
Outcome = SessionState | type[Same | Else | Exception]

# One row for each method, one column for each state, in the order of `SessionState`.
TABLE: Final[dict[Move, tuple[Outcome, ...]]] = {
    mark_reserved: (RESERVED, Same, Same, Same, Same, Same, Same),
    begin_start: (STARTING, STARTING, STARTING, Same, Same, TooLate, TooLate),
    return_to_reserved: (Same, Same, RESERVED, Same, Same, Same, Same),
    start: (CHARGING, CHARGING, CHARGING, Same, Same, Else, Else),
    begin_stop: (CANCELLED, CANCELLED, CANCELLED, STOPPING, Same, Same, Same),
    cancel: (CANCELLED, CANCELLED, CANCELLED, Same, Same, Same, Same),
    cancel_unless_starting: (CANCELLED, CANCELLED, Same, Same, Same, Same, Same),
    end: (Same, Same, Same, ENDED, ENDED, Same, Same),
    mark_paid: (Same, Same, Same, Same, Same, ENDED, Same),
    refresh_meter: (OPENED, RESERVED, STARTING, CHARGING, STOPPING, Same, Same),
    expire: (CANCELLED, CANCELLED, CANCELLED, Same, Same, Same, Same),
    ask_again: (OPENED, RESERVED, STARTING, Busy, Busy, Else, Else),
    ask_as_another: (Busy, Busy, Busy, Busy, Busy, Else, Else),
}


def moves() -> Iterator[tuple[str, Case]]:
    """Yield a name and a case for every method in every state."""
    for move, outcomes in TABLE.items():
        for state, outcome in zip(SessionState, outcomes, strict=True):
            case = partial(check_move, move=move, state=state, outcome=outcome)
            yield f"{move.__name__}-{state}", case


async def check_move(
    stores: Stores, *, move: Move, state: SessionState, outcome: Outcome
) -> None:
    """Check what a method does in a state, and that doing it twice is doing it once."""
    session = await in_state(stores, await charger(stores), state)
    if not isinstance(outcome, SessionState) and issubclass(outcome, Exception):
        with pytest.raises(outcome):
            await move(stores, session)
        assert await found(stores, session) == session
    elif outcome is Else:
        other = await move(stores, session)
        assert other.session_id > session.session_id
        assert await found(stores, session) == session
    else:
        moved = await move(stores, session)
        assert moved.state is (state if outcome is Same else outcome)
        assert (moved == session) is (outcome is Same)
        assert await found(stores, session) == moved
        assert await move(stores, moved) == moved
        if outcome is CANCELLED:
            assert (moved.started_at, moved.ended_at) == (LATER, LATER)
            assert (moved.price_ore, moved.energy_so_far_wh) == (0, 0)


async def found(stores: Stores, session: Session) -> Session:
    """Return a session as it is stored now."""
    return await stores.transactions.get_transaction(session.session_id)


async def test_a_repeated_start_request_keeps_its_first_time(stores: Stores) -> None:
    """The app's first request is the start that people see until the real one."""
    session = await in_state(stores, await charger(stores), STARTING)
    assert session.start_requested_at == T0 + 30
    again = await begin_start(stores, session)
    assert again.start_requested_at == T0 + 30
    assert again.reserved_until == LATER + 300


async def test_a_refused_start_can_be_asked_for_anew(stores: Stores) -> None:
    """Back in `reserved` the request is forgotten; the next one has its own time."""
    session = await in_state(stores, await charger(stores), STARTING)
    back = await return_to_reserved(stores, session)
    assert back.start_requested_at is None
    assert (await begin_start(stores, back)).start_requested_at == LATER


async def test_a_stop_request_keeps_its_first_time(stores: Stores) -> None:
    """Asking again does not put off the end."""
    session = await in_state(stores, await charger(stores), STOPPING)
    assert session.stop_requested_at == T0 + 1200
    assert (await begin_stop(stores, session)).stop_requested_at == T0 + 1200


async def test_a_cancelled_session_says_why(stores: Stores) -> None:
    """By a stop of its driver, by its time, or for the reason that was given."""
    connector = await charger(stores)
    reasons = {
        begin_stop: EndReason.DRIVER,
        cancel: EndReason.OFFLINE,
        expire: EndReason.EXPIRED,
    }
    for move, reason in reasons.items():
        session = await in_state(stores, connector, RESERVED)
        assert (await move(stores, session)).end_reason is reason
