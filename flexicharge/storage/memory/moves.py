"""The moves of a session between its states, each as a pure function.

A session in a state that a move does not start from comes back as it is.
"""

from __future__ import annotations

from attrs import evolve

from flexicharge.model.session import (
    RUNNING,
    UNSTARTED,
    EndFact,
    EndReason,
    Session,
    SessionFlag,
    SessionState,
    StartFact,
    TaggedStart,
)
from flexicharge.storage.memory.guards import stored_at, stored_count, stored_text
from flexicharge.storage.values import short_text, stored_tag


def opened(
    blank: Session,
    user_id: str | None,
    meter_start_wh: int | None,
    reserved_until: float,
) -> Session:
    """Fill in a new session that is held for somebody until a time."""
    return evolve(
        blank,
        user_id=None if user_id is None else stored_text(user_id),
        meter_start_wh=None if meter_start_wh is None else stored_count(meter_start_wh),
        reserved_until=stored_at(reserved_until),
    )


def extended(session: Session, reserved_until: float) -> Session:
    """Hold an unstarted session's connector at least until a time."""
    until = max(session.reserved_until or 0.0, stored_at(reserved_until))
    return evolve(session, reserved_until=until)


def reserved(session: Session) -> Session:
    """opened → reserved."""
    if session.state is not SessionState.OPENED:
        return session
    return evolve(session, state=SessionState.RESERVED)


def starting(session: Session, at: float, reserved_until: float) -> Session:
    """opened, reserved → starting; a repeated request keeps the first one's time."""
    if session.state not in UNSTARTED:
        return session
    held = extended(session, reserved_until)
    if session.state is SessionState.STARTING:
        return held
    return evolve(held, state=SessionState.STARTING, start_requested_at=stored_at(at))


def reserved_again(session: Session) -> Session:
    """starting → reserved."""
    if session.state is not SessionState.STARTING:
        return session
    return evolve(session, state=SessionState.RESERVED, start_requested_at=None)


def charging(session: Session, fact: StartFact) -> Session:
    """opened, reserved, starting → charging."""
    if session.state not in UNSTARTED:
        return session
    return evolve(
        session,
        state=SessionState.CHARGING,
        started_at=stored_at(fact.started_at),
        meter_start_wh=stored_count(fact.meter_start_wh),
    )


def charging_tagged(session: Session, fact: TaggedStart) -> Session:
    """opened, reserved, starting → charging, under a tag; who pays stays the same."""
    register_wh = fact.meter_start_wh
    return evolve(
        session,
        state=SessionState.CHARGING,
        started_at=stored_at(fact.started_at),
        meter_start_wh=None if register_wh is None else stored_count(register_wh),
        id_tag=stored_tag(fact.id_tag),
        aside=fact.aside,
        flags=_merged(session.flags, fact.flags),
    )


def stopping(session: Session, at: float) -> Session:
    """charging → stopping; opened, reserved, starting → cancelled."""
    if session.state is not SessionState.CHARGING:
        return cancelled(session, at, EndReason.DRIVER)
    return evolve(session, state=SessionState.STOPPING, stop_requested_at=stored_at(at))


def cancelled(session: Session, at: float, reason: EndReason) -> Session:
    """opened, reserved, starting → cancelled, having cost nothing."""
    if session.state not in UNSTARTED:
        return session
    return evolve(
        session,
        state=SessionState.CANCELLED,
        started_at=stored_at(at),
        ended_at=stored_at(at),
        price_ore=0,
        end_reason=reason,
    )


def is_overdue(session: Session, at: float) -> bool:
    """Tell whether an unstarted session was not started in its time."""
    if session.state not in UNSTARTED or session.reserved_until is None:
        return False
    return session.reserved_until <= stored_at(at)


def ended(session: Session, fact: EndFact) -> Session:
    """charging, stopping → ended."""
    if session.state not in RUNNING:
        return session
    return evolve(
        session,
        state=SessionState.ENDED,
        meter_stop_wh=stored_count(fact.meter_stop_wh),
        energy_wh=stored_count(fact.energy_wh),
        price_ore=stored_count(fact.price_ore),
        ended_at=stored_at(fact.ended_at),
        end_reason=fact.reason,
        flags=_merged(session.flags, fact.flags),
        percent=session.percent if fact.percent is None else fact.percent,
        stop_id_tag=stored_tag(fact.id_tag),
        stop_reason=short_text(fact.stop_reason),
    )


def paid(session: Session, at: float) -> Session:
    """Note that an ended session is paid; the first time stays."""
    if session.state is not SessionState.ENDED or session.is_paid:
        return session
    return evolve(session, is_paid=True, paid_at=stored_at(at))


def metered(session: Session, meter_wh: int, percent: int | None = None) -> Session:
    """Renew what an open session's row knows of its meter, never downwards."""
    if session.state not in (*UNSTARTED, *RUNNING):
        return session
    return evolve(
        session,
        meter_last_wh=max(session.meter_last_wh or 0, stored_count(meter_wh)),
        percent=session.percent if percent is None else percent,
    )


def _merged(
    known: tuple[SessionFlag, ...], new: tuple[SessionFlag, ...]
) -> tuple[SessionFlag, ...]:
    """Return flags with more of them added, each once."""
    return tuple(dict.fromkeys((*known, *new)))
