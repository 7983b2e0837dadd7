"""What chargers in the field do that no text foresees, to be switched on by name."""

from flexicharge.simulator.oddities.table import (
    BOOT_ON_RECONNECT,
    ODDITIES,
    SILENT_RECONNECT,
    TWO_SOCKETS,
    Oddity,
    UnknownOddity,
    oddity,
    quirks_with,
    twists_of,
)
from flexicharge.simulator.oddities.twist import (
    BOOT,
    READING,
    START,
    STATUS,
    STOP,
    Twist,
    Twists,
)

__all__ = [
    "BOOT",
    "BOOT_ON_RECONNECT",
    "ODDITIES",
    "READING",
    "SILENT_RECONNECT",
    "START",
    "STATUS",
    "STOP",
    "TWO_SOCKETS",
    "Oddity",
    "Twist",
    "Twists",
    "UnknownOddity",
    "oddity",
    "quirks_with",
    "twists_of",
]
