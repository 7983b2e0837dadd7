"""All rules in the order in which they are tried; what an operator can read up."""

from __future__ import annotations

from typing import Final

from flexicharge.ocpp.v16.quirks.envelopes import ENVELOPE_QUIRKS
from flexicharge.ocpp.v16.quirks.habits import HABITS
from flexicharge.ocpp.v16.quirks.rules import FaultQuirk, Quirk
from flexicharge.ocpp.v16.quirks.samples import SAMPLE_QUIRKS
from flexicharge.ocpp.v16.quirks.texts import TEXT_QUIRKS
from flexicharge.ocpp.v16.quirks.values import VALUE_QUIRKS
from flexicharge.ocpp.v16.quirks.words import WORD_QUIRKS

FAULT_QUIRKS: Final[tuple[FaultQuirk, ...]] = (
    *WORD_QUIRKS,
    *VALUE_QUIRKS,
    *SAMPLE_QUIRKS,
)
QUIRKS: Final[dict[str, Quirk]] = {
    quirk.quirk_id: quirk
    for quirk in (*TEXT_QUIRKS, *ENVELOPE_QUIRKS, *HABITS, *FAULT_QUIRKS)
}
