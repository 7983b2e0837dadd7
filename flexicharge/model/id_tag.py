"""Tags that drivers show to a charger, and what a tag is good for."""

from __future__ import annotations

from base64 import b32decode, b32encode
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from attrs import frozen

SESSION_TAG: Final = "FC"
MAX_TAG: Final = 36  # on record, as OCPP 2.x has it
MAX_TAG_TYPE: Final = 20


class TagStatus(StrEnum):
    """Whether a tag may charge (OCPP 1.6 §7.2)."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"


@frozen(kw_only=True)
class IdTag:
    """A tag on record. Tags ignore letter case; `expires_at` is in POSIX seconds.

    `type` is what kind of card or token it is, in the words of OCPP 2.x.
    """

    id_tag: str
    status: TagStatus = TagStatus.ACCEPTED
    expires_at: float | None = None
    parent_id_tag: str | None = None
    user_id: str | None = None
    several_at_once: bool = False  # it may charge at more than one connector
    type: str = "ISO14443"


@frozen
class TagVerdict:
    """What a charger is told about a tag."""

    status: TagStatus
    expires_at: float | None = None
    parent_id_tag: str | None = None


UNKNOWN_TAG: Final = TagVerdict(TagStatus.INVALID)


def tag_of_session(session_id: int) -> str:
    """Return the tag that is good for one session only: `FC` and base32 of its number.

    Short, for some chargers spoil tags over 16 characters.
    """
    number = session_id.to_bytes((session_id.bit_length() + 7) // 8 or 1)
    return SESSION_TAG + b32encode(number).decode().rstrip("=")


def session_of_tag(tag: str) -> int | None:
    """Return the session that a tag is good for, if it is a tag of that kind."""
    begins, encoded = tag[:2].upper(), tag[2:].upper()
    if begins != SESSION_TAG or not encoded:
        return None
    try:
        number = int.from_bytes(b32decode(encoded + "=" * (-len(encoded) % 8)))
    except ValueError:
        return None
    return number if same_tag(tag_of_session(number), tag) else None


def same_tag(one: str, other: str) -> bool:
    """Tell whether two spellings are one tag (CiString, OCPP 1.6 §2.5)."""
    return folded(one) == folded(other)


def folded(id_tag: str) -> str:
    """Return what all spellings of a tag have in common, at most thrice as long."""
    return id_tag.casefold()


def verdict_on(
    tag: IdTag | None, now: float, *, charging_at: Collection[int] = (), at: int = 0
) -> TagVerdict:
    """Return whether a tag may charge at connector `at`.

    `charging_at` are the connectors, by their public numbers, that it charges at.
    Blocked is graver than expired; a tag is expired from the very second of its expiry.
    """
    if tag is None:
        return UNKNOWN_TAG
    return TagVerdict(
        _status_of(tag, now, any(busy != at for busy in charging_at)),
        tag.expires_at,
        tag.parent_id_tag,
    )


def _status_of(tag: IdTag, now: float, charges_elsewhere: bool) -> TagStatus:
    if tag.status is not TagStatus.ACCEPTED:
        return tag.status
    if tag.expires_at is not None and now >= tag.expires_at:
        return TagStatus.EXPIRED
    if charges_elsewhere and not tag.several_at_once:
        return TagStatus.CONCURRENT_TX
    return TagStatus.ACCEPTED


def may_end(started_by: IdTag, shown: IdTag) -> bool:
    """Tell whether a tag may stop what another started: itself, or one of its family.

    OCPP 1.6 §4.10; a parent tag is one of its own family.
    """
    if same_tag(started_by.id_tag, shown.id_tag):
        return True
    family = started_by.parent_id_tag
    if family is None:
        return False
    return same_tag(shown.id_tag, family) or (
        shown.parent_id_tag is not None and same_tag(shown.parent_id_tag, family)
    )
