"""The words of CallErrors."""

from __future__ import annotations

import pytest

from flexicharge.ocpp.v16.codes import ErrorCode, code_of


@pytest.mark.parametrize("code", ErrorCode)
def test_every_word_of_1_6_is_itself(code: ErrorCode) -> None:
    """The ten codes are read as what they are."""
    assert code_of(code.value) is code


def test_two_spellings_are_1_6s_own() -> None:
    """One r in Occurence, and Formation for Format."""
    assert ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION == "OccurenceConstraintViolation"
    assert ErrorCode.FORMATION_VIOLATION == "FormationViolation"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("OccurrenceConstraintViolation", ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION),
        ("FormatViolation", ErrorCode.FORMATION_VIOLATION),
        ("NotImplementedError", ErrorCode.NOT_IMPLEMENTED),
        ("not_supported", ErrorCode.NOT_SUPPORTED),
        ("Internal Error", ErrorCode.INTERNAL_ERROR),
        ("Banana", ErrorCode.GENERIC_ERROR),
        ("", ErrorCode.GENERIC_ERROR),
    ],
)
def test_other_spellings_mean_the_nearest_code(word: str, code: ErrorCode) -> None:
    """What other versions and chargers write is folded; the rest is GenericError."""
    assert code_of(word) is code
