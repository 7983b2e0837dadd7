"""What a tag is good for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.model.id_tag import (
    UNKNOWN_TAG,
    IdTag,
    TagStatus,
    may_end,
    same_tag,
    session_of_tag,
    tag_of_session,
    verdict_on,
)

NOW = 1_800_000_000.0


def test_a_tag_nobody_knows_is_invalid() -> None:
    """No verdict without a record (OCA 023_1)."""
    assert verdict_on(None, NOW) == UNKNOWN_TAG
    assert UNKNOWN_TAG.status is TagStatus.INVALID


def test_a_good_tag_is_told_with_its_parent_and_expiry() -> None:
    """A charger caches both."""
    verdict = verdict_on(IdTag(id_tag="A", expires_at=NOW + 1, parent_id_tag="P"), NOW)
    assert (verdict.status, verdict.expires_at, verdict.parent_id_tag) == (
        TagStatus.ACCEPTED,
        NOW + 1,
        "P",
    )


def test_a_tag_is_expired_from_the_second_of_its_expiry() -> None:
    """Not one second later (OCA 023_2)."""
    tag = IdTag(id_tag="A", expires_at=NOW)
    assert verdict_on(tag, NOW).status is TagStatus.EXPIRED
    assert verdict_on(tag, NOW - 0.1).status is TagStatus.ACCEPTED


def test_blocked_is_graver_than_expired() -> None:
    """Whatever the parent says (OCA 023_3)."""
    tag = IdTag(id_tag="A", status=TagStatus.BLOCKED, expires_at=NOW - 1)
    assert verdict_on(tag, NOW).status is TagStatus.BLOCKED


def test_a_tag_charges_at_one_connector_at_a_time() -> None:
    """Unless it may do more; and where it charges it may be shown again."""
    tag = IdTag(id_tag="A")
    assert verdict_on(tag, NOW, charging_at=[7], at=8).status is TagStatus.CONCURRENT_TX
    assert verdict_on(tag, NOW, charging_at=[7], at=7).status is TagStatus.ACCEPTED
    fleet = IdTag(id_tag="A", several_at_once=True)
    assert verdict_on(fleet, NOW, charging_at=[7], at=8).status is TagStatus.ACCEPTED


def test_tags_ignore_letter_case() -> None:
    """As OCPP's identifiers do."""
    assert same_tag("04aB", "04Ab")
    assert not same_tag("04AB", "04AC")


@pytest.mark.parametrize(
    ("shown", "may"),
    [
        (IdTag(id_tag="a"), True),
        (IdTag(id_tag="B", parent_id_tag="p"), True),
        (IdTag(id_tag="P"), True),
        (IdTag(id_tag="B", parent_id_tag="Q"), False),
        (IdTag(id_tag="B"), False),
    ],
)
def test_the_same_tag_or_one_of_its_family_may_stop(shown: IdTag, may: bool) -> None:
    """OCA 053, 068, 069."""
    assert may_end(IdTag(id_tag="A", parent_id_tag="P"), shown) is may


def test_without_a_parent_there_is_no_family() -> None:
    """Two tags without parents are no kin."""
    assert not may_end(IdTag(id_tag="A"), IdTag(id_tag="B"))


@given(st.integers(0, 2**48 - 1))
def test_a_sessions_tag_is_short_and_leads_back(session_id: int) -> None:
    """At most sixteen characters, in any letter case."""
    tag = tag_of_session(session_id)
    assert len(tag) <= 16
    assert session_of_tag(tag) == session_id
    assert session_of_tag(tag.lower()) == session_id


@pytest.mark.parametrize(
    "tag", ["", "FC", "FC1", "FC!!", "04A2B3", "FCAA======", "FCÅ"]
)
def test_other_tags_are_no_sessions(tag: str) -> None:
    """Nor is a spelling that we do not use."""
    assert session_of_tag(tag) is None
