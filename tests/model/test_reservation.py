"""Which times an app may book."""

from __future__ import annotations

import math
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import Invalid
from flexicharge.model.reservation import (
    MAX_AHEAD_S,
    MAX_LENGTH_S,
    MAX_MS,
    Window,
    window_of,
)

STARTED: Final = 1_800_000_000.0
NOW: Final = STARTED + 1000
START, END = "invalidStartValue", "invalidEndValue"
ORDER, FAR, LONG = "startGreaterThenEnd", "reservationTooFarAhead", "reservationTooLong"
HOUR_S: Final = 3600


def ms(seconds: float) -> int:
    """Return a time some seconds after now, as apps send it."""
    return int((NOW + seconds) * 1000)


def asked(start: object, end: object) -> Window:
    return window_of(start, end, server_started_at=STARTED, now=NOW)


def test_a_window_is_in_seconds() -> None:
    """Apps send milliseconds; parts of them do not count."""
    assert asked(ms(60), ms(120)) == Window(NOW + 60, NOW + 120)
    assert asked(ms(60) + 0.6, ms(120)) == Window(NOW + 60.001, NOW + 120)


def test_a_window_that_is_shorter_than_a_millisecond_is_none() -> None:
    """Not even if one float is less than the other: they are one time as stored."""
    start = ms(60)
    for end in (math.nextafter(start, math.inf), start + 0.4):
        with pytest.raises(Invalid) as refused:
            asked(start, end)
        assert refused.value.codes == (ORDER,)


def test_what_began_a_moment_ago_can_be_booked() -> None:
    """Clocks of phones are not ours; only what was before our start is too old."""
    assert asked(ms(-999), ms(1)) == Window(STARTED + 1, NOW + 1)


def test_the_longest_and_the_farthest_can_be_booked() -> None:
    """Thirty days ahead, for a day."""
    start = ms(MAX_AHEAD_S)
    assert asked(start, start + MAX_LENGTH_S * 1000).start_at == NOW + MAX_AHEAD_S


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        (200, 300, (START, END)),
        (300, 200, (START, END, ORDER)),
        (ms(-1000), ms(60), (START,)),
        (ms(-60), ms(0), (END,)),
        (ms(60), ms(60), (ORDER,)),
        (ms(120), ms(60), (ORDER,)),
        (ms(MAX_AHEAD_S + 1), ms(MAX_AHEAD_S + 60), (FAR,)),
        (ms(60), ms(61 + MAX_LENGTH_S), (LONG,)),
        (ms(MAX_AHEAD_S + 1), ms(MAX_AHEAD_S + 2 + MAX_LENGTH_S), (FAR, LONG)),
        (None, ms(60), (START,)),
        (ms(60), None, (END,)),
        (None, None, (START, END)),
        (str(ms(60)), ms(120), (START,)),
        (True, False, (START, END)),
        (float("nan"), float("inf"), (START, END)),
        (ms(60), MAX_MS + 1, (END,)),
        (10**400, -(10**400), (START, END)),
        ([ms(60)], {"end": ms(60)}, (START, END)),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    start: object, end: object, codes: tuple[str, ...]
) -> None:
    """The contract's codes in its order, then ours."""
    with pytest.raises(Invalid) as refused:
        asked(start, end)
    assert refused.value.codes == codes


ANYTHING: Final[Any] = st.one_of(
    st.none(), st.booleans(), st.text(), st.integers(), st.floats()
) | st.integers(ms(-2000), ms(MAX_AHEAD_S + 2 * MAX_LENGTH_S))


@given(start=ANYTHING, end=ANYTHING)
def test_whatever_is_booked_is_within_its_bounds(start: object, end: object) -> None:
    """Anything else is refused in the contract's way."""
    try:
        window = asked(start, end)
    except Invalid as why:
        assert why.codes
    else:
        assert STARTED < window.start_at < window.end_at
        assert window.end_at > NOW
        assert window.start_at <= NOW + MAX_AHEAD_S
        assert window.end_at - window.start_at <= MAX_LENGTH_S
