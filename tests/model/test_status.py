"""Which word a status is, and which word people are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import Invalid
from flexicharge.model.status import (
    GONE_AFTER_S,
    ConnectorStatus,
    shown_status,
    status_of,
)

WORDS = st.sampled_from(ConnectorStatus)
S = ConnectorStatus


@pytest.mark.parametrize("word", list(ConnectorStatus))
def test_each_of_the_nine_words_is_taken(word: ConnectorStatus) -> None:
    """A status is its own word."""
    assert status_of(word.value) is word


@pytest.mark.parametrize(
    ("number", "word"),
    [(0, S.CHARGING), (1, S.AVAILABLE), (2, S.RESERVED), (3, S.FAULTED)],
)
def test_the_old_numbers_are_still_taken(number: int, word: ConnectorStatus) -> None:
    """Clients of the first README send numbers."""
    assert status_of(number) is word


@pytest.mark.parametrize(
    "value",
    ["", "available", "AVAILABLE", "Broken", "1", 4, -1, True, False, 1.0, None, []],
)
def test_any_other_status_is_refused(value: object) -> None:
    """What is neither a word nor an old number is `invalidStatus`."""
    with pytest.raises(Invalid) as refused:
        status_of(value)
    assert refused.value.codes == ("invalidStatus",)


@pytest.mark.parametrize(
    ("word", "reserved", "charging", "shown"),
    [
        (S.AVAILABLE, False, False, S.AVAILABLE),
        (S.AVAILABLE, True, False, S.RESERVED),
        (S.AVAILABLE, False, True, S.CHARGING),
        (S.PREPARING, True, False, S.PREPARING),
        (S.PREPARING, False, True, S.CHARGING),
        (S.RESERVED, False, True, S.CHARGING),
        (S.RESERVED, False, False, S.RESERVED),
        (S.SUSPENDED_EV, False, True, S.SUSPENDED_EV),
        (S.FINISHING, False, True, S.FINISHING),
        (S.FAULTED, False, True, S.FAULTED),
        (S.FAULTED, True, False, S.FAULTED),
        (S.UNAVAILABLE, True, False, S.UNAVAILABLE),
        (S.CHARGING, False, False, S.CHARGING),
    ],
)
def test_a_session_shows_through_an_idle_word(
    word: ConnectorStatus, reserved: bool, charging: bool, shown: ConnectorStatus
) -> None:
    """A held or used connector says so, unless its station says something sharper."""
    assert (
        shown_status(word, reserved=reserved, charging=charging, gone_for_s=None)
        is shown
    )


@given(WORDS, st.booleans(), st.booleans())
def test_a_station_gone_for_a_minute_is_unavailable(
    word: ConnectorStatus, reserved: bool, charging: bool
) -> None:
    """Nobody is sent to a charger that has been gone for a minute."""
    shown = shown_status(
        word, reserved=reserved, charging=charging, gone_for_s=GONE_AFTER_S
    )
    assert shown is S.UNAVAILABLE


@given(WORDS, st.booleans(), st.booleans(), st.floats(0.0, 59.999))
def test_a_station_gone_for_less_changes_nothing(
    word: ConnectorStatus, reserved: bool, charging: bool, gone_for_s: float
) -> None:
    """A short loss of the connection is not shown to anybody."""
    assert shown_status(
        word, reserved=reserved, charging=charging, gone_for_s=gone_for_s
    ) is shown_status(word, reserved=reserved, charging=charging, gone_for_s=None)


@given(WORDS)
def test_a_connector_with_a_session_is_never_offered(word: ConnectorStatus) -> None:
    """Whatever its station said, a connector in use is not shown as available."""
    for reserved, charging in ((True, False), (False, True)):
        shown = shown_status(
            word, reserved=reserved, charging=charging, gone_for_s=None
        )
        assert shown is not S.AVAILABLE
