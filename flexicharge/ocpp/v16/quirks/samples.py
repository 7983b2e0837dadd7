"""Single samples that are spoilt: set aside, so that the others count."""

from __future__ import annotations

from typing import Final

from flexicharge.ocpp.v16.quirks.rules import (
    ANY_KEYWORD,
    Fault,
    FaultQuirk,
    LetPass,
    Mend,
    Removed,
)

SAMPLED: Final = frozenset({"MeterValues", "StopTransaction"})
_READINGS: Final = ("meterValue", "transactionData")
_LISTS: Final = ("sampledValue", "meterValue", "transactionData")


def _bad_sample(fault: Fault) -> Mend | None:
    """Take out the sample that the fault is in."""
    path = fault.violation.path
    if "sampledValue" not in path:
        return None
    end = path.index("sampledValue") + 2
    return Removed(path[:end]) if len(path) >= end else None


def _bad_reading(fault: Fault) -> Mend | None:
    """Take out the reading that the fault is in, or what is no list of readings."""
    path = fault.violation.path
    if not path or path[0] not in _READINGS:
        return None
    is_whole = len(path) == 1 and path[0] == "transactionData"
    return Removed(path[:2]) if len(path) > 1 else Removed(path) if is_whole else None


def _empty_list(fault: Fault) -> Mend | None:
    return LetPass() if fault.key in _LISTS else None


SAMPLE_QUIRKS: Final = (
    FaultQuirk(
        quirk_id="no-samples",
        about="a reading without samples, or a message without readings, tells nothing",
        source="field notes Q16: ha#466",
        keyword="minItems",
        actions=SAMPLED,
        mend=_empty_list,
    ),
    FaultQuirk(
        quirk_id="bad-sample",
        about="a sample with an unknown unit, phase or quantity is set aside",
        source="field notes Q16: unit Hz in ha#1576; evcc#16012, evcc#17836",
        keyword=ANY_KEYWORD,
        actions=SAMPLED,
        mend=_bad_sample,
    ),
    FaultQuirk(
        quirk_id="bad-reading",
        about="a reading that nothing can be made of is set aside, whatever it came in",
        source="field notes Q12, Q16: a stop is repeated until it is taken",
        keyword=ANY_KEYWORD,
        actions=SAMPLED,
        mend=_bad_reading,
    ),
)
