"""Frames that are JSON but not quite the array that OCPP-J asks for."""

from __future__ import annotations

from typing import Final

from flexicharge.ocpp.v16.quirks.rules import EnvelopeQuirk

NO_PAYLOAD: Final = EnvelopeQuirk(
    quirk_id="no-payload",
    about="a payload that is null, '' or missing is an empty object",
    source="field notes Q7: steve#1109, steve#66",
)
NUMBER_FOR_ID: Final = EnvelopeQuirk(
    quirk_id="number-for-id",
    about="a whole number as message id is taken, and answered as it came",
    source="field notes Q29: every Call must be answered, or the charger stalls",
)
LONG_ID: Final = EnvelopeQuirk(
    quirk_id="long-id",
    about="a message id over 36 characters is taken, and answered as it came",
    source="field notes Q29: every Call must be answered, or the charger stalls",
)
EMPTY_ID: Final = EnvelopeQuirk(
    quirk_id="empty-id",
    about="an empty message id is taken, and answered as it came",
    source="field notes Q29: every Call must be answered, or the charger stalls",
)
EXTRA_ELEMENTS: Final = EnvelopeQuirk(
    quirk_id="extra-elements",
    about="elements after the payload are left out",
    source="field notes Q8: odd elements of frames never close a connection",
)
ACTION_MISSPELT: Final = EnvelopeQuirk(
    quirk_id="action-misspelt",
    about="an action in other letter case, or with spaces around it, is that action",
    source="field notes Q18: names mis-spelt, ha#1248, ha#899",
)
SHORT_ERROR: Final = EnvelopeQuirk(
    quirk_id="short-error",
    about="a CallError without description or details has empty ones",
    source="field notes Q18: odd errors crashed calls, ha#899",
)
ODD_ERROR_CODE: Final = EnvelopeQuirk(
    quirk_id="odd-error-code",
    about="an error code that 1.6 does not have means the nearest, or GenericError",
    source="field notes Q18: ha#899",
)
ODD_RESULT: Final = EnvelopeQuirk(
    quirk_id="odd-result",
    about="a result whose payload is no object has an empty one",
    source="field notes Q7, Q8: what answers a Call must settle it",
)
ODD_BOOT: Final = EnvelopeQuirk(
    quirk_id="odd-boot",
    about="a boot whose payload is no object has an empty one",
    source="field notes Q21: an error on Boot makes a charger loop, Core#31",
)
NUL_CHARACTERS: Final = EnvelopeQuirk(
    quirk_id="nul-characters",
    about="NUL characters written as \\u0000 are left out: no database takes them",
    source="field notes Q6: Wallbe Pro, evcc#3685",
)

ENVELOPE_QUIRKS: Final = (
    NUL_CHARACTERS,
    NO_PAYLOAD,
    NUMBER_FOR_ID,
    LONG_ID,
    EMPTY_ID,
    EXTRA_ELEMENTS,
    ACTION_MISSPELT,
    SHORT_ERROR,
    ODD_ERROR_CODE,
    ODD_RESULT,
    ODD_BOOT,
)
