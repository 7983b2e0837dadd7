"""What operators say of a driver's tag, which one they mean, and how it is shown."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from attrs import frozen

from flexicharge.errors import IdTagUnknown, Invalid
from flexicharge.model.id_tag import MAX_TAG, MAX_TAG_TYPE, IdTag, TagStatus
from flexicharge.rest.charger_fields import showable
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, optional
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.station_fields import word_of
from flexicharge.rest.station_shapes import iso_or_none

MAX_USER_ID: Final = 255
USUAL_TYPE: Final = "ISO14443"
TAG: Final = showable(MAX_TAG)
TYPE: Final = showable(MAX_TAG_TYPE)
# One that somebody has now in several places is found out, never on record.
ON_RECORD: Final = tuple(
    status for status in TagStatus if status is not TagStatus.CONCURRENT_TX
)
# RFC 3339 §5.6, in UTC; the days of each month, but for leap years.
_DAY: Final = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|[12][0-9]))"
)
INSTANT: Final = (
    f"^(19[7-9][0-9]|2[0-9]{{3}})-{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,6})?Z$"
)


def tag_named(id_tag: str) -> str:
    """Return the tag that a path means; raise `IdTagUnknown` for none."""
    if not re.fullmatch(TAG, id_tag):
        raise IdTagUnknown(id_tag[:MAX_TAG])
    return id_tag


def _text(pattern: str, code: str) -> Rule:
    def read(value: object, _: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Invalid(code)
        return value

    return Rule(schema={"type": "string", "pattern": pattern}, read=read)


def _instant(value: object, _: str) -> float:
    if not isinstance(value, str) or not re.fullmatch(INSTANT, value):
        raise Invalid("invalidExpiryDate")
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:  # February 29 of a year that has none
        raise Invalid("invalidExpiryDate") from None


def _yes(value: object, _: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid("invalidSeveralAtOnce")
    return value


STATUS: Final = optional(word_of(ON_RECORD, "invalidStatus"), TagStatus.ACCEPTED)
EXPIRY: Final = optional(
    Rule(schema={"type": "string", "pattern": INSTANT}, read=_instant)
)
PARENT: Final = optional(_text(TAG, "invalidParentIdTag"))
USER_ID: Final = optional(_text(showable(MAX_USER_ID), "invalidUserID"))
KIND: Final = optional(_text(TYPE, "invalidType"), USUAL_TYPE)
SEVERAL: Final = optional(Rule(schema={"type": "boolean"}, read=_yes), False)


@frozen(kw_only=True)
class WantedTag:
    """What a tag is to be from now on; what is not said is as usual."""

    status: TagStatus = sent(STATUS, "status")
    expires_at: float | None = sent(EXPIRY, "expiryDate")
    type: str = sent(KIND, "type")
    parent_id_tag: str | None = sent(PARENT, "parentIdTag")
    user_id: str | None = sent(USER_ID, "userID")
    several_at_once: bool = sent(SEVERAL, "severalAtOnce")

    def named(self, id_tag: str) -> IdTag:
        """Return it as the tag of a name."""
        return IdTag(
            id_tag=id_tag,
            status=self.status,
            expires_at=self.expires_at,
            parent_id_tag=self.parent_id_tag,
            user_id=self.user_id,
            several_at_once=self.several_at_once,
            type=self.type,
        )


class Tag(Shape):
    """A driver's tag. `expiryDate` is RFC 3339 in UTC, null for never.

    `userID` is who pays for what is charged with it. Unless `severalAtOnce` it charges
    at one connector at a time.
    """

    idTag: str
    status: TagStatus
    expiryDate: str | None
    type: str
    parentIdTag: str | None
    userID: str | None
    severalAtOnce: bool


def tag_shape_of(tag: IdTag) -> Tag:
    """Return a tag as operators read it."""
    return Tag(
        idTag=tag.id_tag,
        status=tag.status,
        expiryDate=iso_or_none(tag.expires_at),
        type=tag.type,
        parentIdTag=tag.parent_id_tag,
        userID=tag.user_id,
        severalAtOnce=tag.several_at_once,
    )
