"""What chargers of OCPP 1.6 do in the field that no text foresees, to be switched on
by name."""

from flexicharge.simulator.oddities import BOOT_ON_RECONNECT, SILENT_RECONNECT
from flexicharge.simulator.standard.oddities.table import (
    ANSWERS_LATE,
    FICKLE_IDS,
    MANY_CONNECTORS,
    NEEDS_CONNECTOR,
    NO_MEMORY,
    OLD_SESSIONS,
    STANDARD_ODDITIES,
    twists_of,
)

__all__ = [
    "ANSWERS_LATE",
    "BOOT_ON_RECONNECT",
    "FICKLE_IDS",
    "MANY_CONNECTORS",
    "NEEDS_CONNECTOR",
    "NO_MEMORY",
    "OLD_SESSIONS",
    "SILENT_RECONNECT",
    "STANDARD_ODDITIES",
    "twists_of",
]
