"""The nine words for what a connector is doing, and which of them people are shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flexicharge.errors import Invalid

GONE_AFTER_S: Final = 60.0


class ConnectorStatus(StrEnum):
    """A connector's status (OCPP 1.6 §7.7)."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


# The numbers of the first README, still accepted wherever a status is taken.
STATUS_OF_NUMBER: Final = {
    0: ConnectorStatus.CHARGING,
    1: ConnectorStatus.AVAILABLE,
    2: ConnectorStatus.RESERVED,
    3: ConnectorStatus.FAULTED,
}
_WORDS: Final = {word.value: word for word in ConnectorStatus}
_IDLE: Final = frozenset({ConnectorStatus.AVAILABLE, ConnectorStatus.PREPARING})


def status_of(value: object) -> ConnectorStatus:
    """Return the status that a word or an old number means.

    Raise `Invalid("invalidStatus")` for anything else.
    """
    word = _WORDS.get(value) if isinstance(value, str) else None
    if word is None and isinstance(value, int) and not isinstance(value, bool):
        word = STATUS_OF_NUMBER.get(value)
    if word is None:
        raise Invalid("invalidStatus")
    return word


def shown_status(
    word: ConnectorStatus, *, reserved: bool, charging: bool, gone_for_s: float | None
) -> ConnectorStatus:
    """Return what people see of a connector whose own last word was `word`.

    A station gone for a minute shows Unavailable. A connector held or used by a session
    says so, even if its station never did.
    """
    if gone_for_s is not None and gone_for_s >= GONE_AFTER_S:
        return ConnectorStatus.UNAVAILABLE
    if charging and word in (*_IDLE, ConnectorStatus.RESERVED):
        return ConnectorStatus.CHARGING
    if reserved and word is ConnectorStatus.AVAILABLE:
        return ConnectorStatus.RESERVED
    return word
