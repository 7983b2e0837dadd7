"""What a charger's display shows, and what it says of its connector then."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flexicharge.model.status import ConnectorStatus


class Screen(StrEnum):
    """What the charger's display shows."""

    OFF = "off"
    STARTING_UP = "starting up"
    AVAILABLE = "available"
    AWAITING_CAR = "awaiting car"
    CHARGING = "charging"
    NOT_AVAILABLE = "not available"


STATUS_OF: Final = {
    Screen.AVAILABLE: ConnectorStatus.AVAILABLE,
    Screen.AWAITING_CAR: ConnectorStatus.CHARGING,
    Screen.CHARGING: ConnectorStatus.CHARGING,
}
