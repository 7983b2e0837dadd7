"""Words that a schema does not know, and the ones that they stand for."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from flexicharge.ocpp.v16.quirks.rules import (
    Fault,
    FaultQuirk,
    LetPass,
    Mend,
    Replaced,
)

JOB_REPORTS: Final = frozenset(
    {
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "SignedFirmwareStatusNotification",
    }
)
_STATUS: Final = frozenset({"StatusNotification"})
_OLD_STATUSES: Final = {"Occupied": "Preparing"}
MAX_WORD: Final = 64


@lru_cache(maxsize=1024)
def plain(word: str) -> str:
    """Return a word's letters and digits alone, in small letters.

    Of words up to `MAX_WORD` only, for what was asked lately is remembered.
    """
    return "".join(sign for sign in word.casefold() if sign.isalnum())


def _nearest(fault: Fault) -> Mend | None:
    """Return the schema's word that differs only in case, spaces and signs."""
    word = fault.value
    if not isinstance(word, str) or len(word) > MAX_WORD or not plain(word):
        return None
    for option in fault.rule.get("enum", ()):
        if plain(option) == plain(word):
            return Replaced(option)
    return None


def _old_status(fault: Fault) -> Mend | None:
    word = _OLD_STATUSES.get(str(fault.value)) if fault.key == "status" else None
    return None if word is None else Replaced(word)


def _other_error(fault: Fault) -> Mend | None:
    return Replaced("OtherError") if fault.key == "errorCode" else None


def _unknown_status(fault: Fault) -> Mend | None:
    return LetPass() if fault.key == "status" else None


def _other_reason(fault: Fault) -> Mend | None:
    return Replaced("Other") if fault.key == "reason" else None


def _other_context(fault: Fault) -> Mend | None:
    return Replaced("Other") if fault.key == "context" else None


def _no_status(fault: Fault) -> Mend | None:
    return Replaced("Idle") if fault.key == "status" else None


WORD_QUIRKS: Final = (
    FaultQuirk(
        quirk_id="word-misspelt",
        about="a word in other case, or with odd spaces or signs, is the schema's word",
        source="field notes Q16, Q18: ha#1576 sends 'Current.Import' with a line end",
        keyword="enum",
        mend=_nearest,
    ),
    FaultQuirk(
        quirk_id="status-of-1.5",
        about="the status Occupied of OCPP 1.5 is Preparing: somebody is there",
        source="field notes Q18: status Occupied",
        keyword="enum",
        actions=_STATUS,
        mend=_old_status,
    ),
    FaultQuirk(
        quirk_id="status-unknown",
        about="a status that nobody knows is taken down and changes nothing",
        source="field notes Q18, Q31: whatever is refused is sent again",
        keyword="enum",
        actions=_STATUS,
        mend=_unknown_status,
    ),
    FaultQuirk(
        quirk_id="error-code-unknown",
        about="an error code that 1.6 does not have is OtherError",
        source="field notes Q18: Legrand, ha#1248",
        keyword="enum",
        actions=_STATUS,
        mend=_other_error,
    ),
    FaultQuirk(
        quirk_id="stop-reason-unknown",
        about="a reason in the charger's own words is Other",
        source="field notes Q18: free-text stop reasons",
        keyword="enum",
        actions=frozenset({"StopTransaction"}),
        mend=_other_reason,
    ),
    FaultQuirk(
        quirk_id="context-unknown",
        about="a reading context that 1.6 does not have is Other",
        source="field notes Q16, Q18",
        keyword="enum",
        mend=_other_context,
    ),
    FaultQuirk(
        quirk_id="job-status-unknown",
        about="a job's status in the charger's own words is Idle, which ends no job",
        source="field notes Q29: firmware messages want an answer, evcc#29507",
        keyword="enum",
        actions=JOB_REPORTS,
        mend=_no_status,
    ),
)
