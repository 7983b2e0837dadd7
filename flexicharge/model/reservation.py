"""Reservations: a connector held for somebody, from now on or for a time to come."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.errors import Invalid

MAX_AHEAD_S: Final = 30 * 86_400.0
MAX_LENGTH_S: Final = 86_400.0
MAX_BOOKINGS: Final = 5
MAX_MS: Final = 253_402_300_799_999  # the end of the year 9999
MS_PER_S: Final = 1000


@frozen
class Window:
    """The time a connector is booked for, in POSIX seconds; its end is not in it."""

    start_at: float
    end_at: float


@frozen(kw_only=True)
class Reservation:
    """A connector that is held for a user between two POSIX times.

    Its number is that of a session: of the one that waits to be started, or of the one
    that a booking becomes when it is due.
    """

    reservation_id: int
    connector_id: int
    user_id: str | None
    start_at: float
    end_at: float
    for_self_tests: bool = False


def window_of(
    start_ms: object, end_ms: object, *, server_started_at: float, now: float
) -> Window:
    """Return the window that an app asks for in milliseconds since 1970, in whole ones.

    Raise `Invalid` with everything that is wrong: first the contract's codes in its
    order (§4.8), then ours. A start may be past, as a phone's clock is; an end not.
    """
    start_at, end_at = _seconds(start_ms), _seconds(end_ms)
    wrong = []
    if start_at is None or start_at <= server_started_at:
        wrong.append("invalidStartValue")
    if end_at is None or end_at <= max(server_started_at, now):
        wrong.append("invalidEndValue")
    if start_at is not None and end_at is not None:
        wrong += _wrong_with_both(start_at, end_at, now)
    if start_at is None or end_at is None or wrong:
        raise Invalid(*wrong)
    return Window(start_at, end_at)


def _wrong_with_both(start_at: float, end_at: float, now: float) -> list[str]:
    rules = {
        "startGreaterThenEnd": start_at >= end_at,
        "reservationTooFarAhead": start_at - now > MAX_AHEAD_S,
        "reservationTooLong": end_at - start_at > MAX_LENGTH_S,
    }
    return [code for code, is_broken in rules.items() if is_broken]


def _seconds(value: object) -> float | None:
    """Return POSIX seconds, or None for what is no time of this era in ms.

    Parts of a millisecond do not count: what is told apart here differs as stored.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) / MS_PER_S if 0 <= value <= MAX_MS else None
