"""The 39 actions are all there, and each has an answer."""

from __future__ import annotations

from collections import Counter

import pytest

from flexicharge.ocpp.v16.actions import (
    ACTIONS,
    FROM_CHARGER,
    TO_CHARGER,
    Action,
    Profile,
    objection_to,
)
from flexicharge.ocpp.v16.codes import ErrorCode
from flexicharge.ocpp.v16.schemas import schemas


def test_there_are_28_actions_of_1_6_and_11_of_the_whitepaper() -> None:
    """Profile by profile, as the specifications list them."""
    assert Counter(action.profile for action in ACTIONS.values()) == {
        Profile.CORE: 16,
        Profile.FIRMWARE: 4,
        Profile.LOCAL_LIST: 2,
        Profile.RESERVATION: 2,
        Profile.SMART_CHARGING: 3,
        Profile.TRIGGER: 1,
        Profile.SECURITY: 11,
    }


def test_only_data_transfer_goes_both_ways() -> None:
    """Every other action has one direction."""
    assert {"DataTransfer"} == FROM_CHARGER & TO_CHARGER
    assert len(FROM_CHARGER) == 14
    assert len(TO_CHARGER) == 26


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.name)
def test_what_answers_an_unhandled_action_fits_its_schema(action: Action) -> None:
    """A confirmation where the schema has one that says so, else a code."""
    if not isinstance(action.unhandled, ErrorCode):
        assert schemas().confirmations[action.name].allows(action.unhandled)


def test_who_may_not_ask_is_told_why() -> None:
    """Unknown is not implemented; ours alone is known, but not supported."""
    assert objection_to("Reset") is ErrorCode.NOT_SUPPORTED
    assert objection_to("TransactionEvent") is ErrorCode.NOT_IMPLEMENTED
    assert objection_to("DataTransfer") is None
