"""Which of a pool's people are asked for: as AWS is told, or as we find out."""

from __future__ import annotations

from typing import Final

from flexicharge.errors import ParameterInvalid
from flexicharge.model.account import (
    EMAIL,
    FAMILY_NAME,
    LISTED_BY,
    NAME,
    PHONE_NUMBER,
    STATUS,
    SUB,
    USER_STATUS,
    USERNAME,
    Listing,
    Person,
)

MAX_LIMIT: Final = 60
MAX_FILTER: Final = 256
ENABLED, DISABLED = "Enabled", "Disabled"

# What ListUsers can search for by a beginning; a status it knows as a whole word alone.
SEARCHABLE: Final = (
    USERNAME,
    SUB,
    EMAIL,
    PHONE_NUMBER,
    NAME,
    FAMILY_NAME,
    USER_STATUS,
)


def check(asked: Listing) -> None:
    """Raise `ParameterInvalid` for what nobody can be listed by."""
    if not 1 <= asked.limit <= MAX_LIMIT:
        raise ParameterInvalid(f"limit must be from 1 to {MAX_LIMIT}.")
    if asked.filter_attribute not in (None, *LISTED_BY):
        raise ParameterInvalid("Invalid filter attribute given.")
    if len(asked.filter_value) > MAX_FILTER:
        raise ParameterInvalid(
            f"A filter value must be no longer than {MAX_FILTER} characters."
        )


def filter_of(asked: Listing) -> str | None:
    """Return a filter of ListUsers; None for everybody, or if it has none for this."""
    if not asked.filter_value:
        return None
    if asked.filter_attribute == STATUS:
        begun = asked.filter_value.lower()
        words = [word for word in (ENABLED, DISABLED) if word.lower().startswith(begun)]
        return f'{STATUS} = "{words[0]}"' if words else None
    if asked.filter_attribute not in SEARCHABLE:
        return None
    value = asked.filter_value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{asked.filter_attribute} ^= "{value}"'


def is_asked_for(person: Person, asked: Listing) -> bool:
    """Tell whether somebody is asked for."""
    if asked.filter_attribute is None:
        return True
    value = _value(person, asked.filter_attribute)
    return value.lower().startswith(asked.filter_value.lower())


def _value(person: Person, name: str) -> str:
    match name:
        case "username":
            return person.user_id
        case "cognito:user_status":
            return person.status
        case "status":
            return ENABLED if person.enabled else DISABLED
    return person.attributes.get(name, "")
