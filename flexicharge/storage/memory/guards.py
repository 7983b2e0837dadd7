"""What PostgreSQL does to values on their way into a row, done to Python's."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attrs import evolve

from flexicharge.model.account import GUEST
from flexicharge.model.id_tag import MAX_TAG, MAX_TAG_TYPE, IdTag, TagStatus
from flexicharge.model.site import MAX_IDENTITY
from flexicharge.storage.values import MAX_FREE_TEXT, check_finite, is_storable

MAX_INT8: Final = 2**63 - 1
PRICE_STEP: Final = Decimal("0.00001")  # NUMERIC(12, 5)
MAX_PRICE: Final = Decimal(10) ** 7
MAX_KEY: Final = 64


def stored_at(at: float) -> float:
    """Return a POSIX time as a timestamptz keeps it: to the microsecond.

    Raise `UnusableValue` if it is not finite.
    """
    check_finite((at,))
    return round(at * 1_000_000) / 1_000_000


def stored_count(value: int) -> int:
    """Return a register or an amount that a column holds: 0 up to an int8's most.

    Raise `ValueError`.
    """
    if not 0 <= value <= MAX_INT8:
        raise ValueError("negative, or out of range for an int8")
    return value


def stored_int(value: int) -> int:
    """Return a number that an int8 holds; raise `ValueError`."""
    if not -MAX_INT8 - 1 <= value <= MAX_INT8:
        raise ValueError("out of range for an int8")
    return value


def stored_text(value: str) -> str:
    """Return a text that UTF-8 without NUL can hold; raise `ValueError`."""
    if not is_storable(value):
        raise ValueError("text cannot hold NUL or half a surrogate pair")
    return value


def stored_key(value: str) -> str:
    """Return the key of a fact, of at most 64 characters; raise `ValueError`."""
    if len(value) > MAX_KEY:
        raise ValueError("a key has at most 64 characters")
    return stored_text(value)


def stored_account_id(value: str) -> str:
    """Return the number of an account, which is not the guests'; raise `ValueError`."""
    if value == GUEST:
        raise ValueError("whoever calls without a token has no account")
    return stored_text(value)


def stored_serial_number(value: str) -> str:
    """Return a serial number of 1 to 48 characters; raise `ValueError`."""
    return stored_short(value, MAX_IDENTITY)


def stored_short(value: str, most: int) -> str:
    """Return a text of 1 to `most` characters; raise `ValueError`."""
    if not 1 <= len(value) <= most:
        raise ValueError(f"this text has 1 to {most} characters")
    return stored_text(value)


def stored_profile(value: int) -> int:
    """Return a security profile, 0 to 3; raise `ValueError`."""
    if value not in range(4):
        raise ValueError("no security profile")
    return value


def stored_tag(tag: IdTag) -> IdTag:
    """Return a tag as its row keeps it; raise `ValueError` for what no row holds."""
    if tag.status is TagStatus.CONCURRENT_TX:
        raise ValueError("this is said of a tag that charges, and not kept")
    stored_short(tag.id_tag, MAX_TAG)
    stored_short(tag.type, MAX_TAG_TYPE)
    if tag.parent_id_tag is not None:
        stored_short(tag.parent_id_tag, MAX_TAG)
    if tag.user_id is not None:
        stored_short(tag.user_id, MAX_FREE_TEXT)
    expires_at = None if tag.expires_at is None else stored_at(tag.expires_at)
    return evolve(tag, expires_at=expires_at)


def stored_location(location: tuple[float, float]) -> tuple[float, float]:
    """Return a (latitude, longitude) that is on this planet; raise `ValueError`."""
    latitude, longitude = location
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("no place on earth")
    return location


def stored_json(value: str) -> str:
    """Return a text that is JSON; raise `ValueError`."""
    json.loads(value)
    return value


def stored_price(sek_per_kwh: Decimal) -> Decimal:
    """Return a price as NUMERIC(12, 5) keeps it; raise `ValueError`."""
    if not (sek_per_kwh.is_finite() and abs(sek_per_kwh) < MAX_PRICE):
        raise ValueError("out of range for NUMERIC(12, 5)")
    return sek_per_kwh.quantize(PRICE_STEP, ROUND_HALF_UP)
