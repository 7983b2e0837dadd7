"""What makes mean by payloads that are correct in themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.quirks.rules import Habit, Make
from flexicharge.ocpp.v16.quirks.values import LAST_TRANSACTION, NO_TRANSACTION

Change = tuple[str, Any, Any]
_TAGGED: Final = frozenset({"Authorize", "StartTransaction", "StopTransaction"})
_READINGS: Final = frozenset({"MeterValues"})
_NUMBERED: Final = frozenset({"MeterValues", "StopTransaction"})
_MIN_SUFFIX: Final = 4


def _without_suffix(payload: JsonObject) -> Iterator[Change]:
    """Cut the serial number that stands behind the tag."""
    tag = payload.get("idTag")
    if not isinstance(tag, str):
        return
    bare, _, serial = tag.rpartition("_")
    if bare and len(serial) >= _MIN_SUFFIX and serial.isdigit():
        payload["idTag"] = bare
        yield "idTag", tag, bare


def _of_connector_one(payload: JsonObject) -> Iterator[Change]:
    if payload.get("connectorId") == 0 and "transactionId" in payload:
        payload["connectorId"] = 1
        yield "connectorId", 0, 1


def _without_total_current(payload: JsonObject) -> Iterator[Change]:
    """Set aside currents that belong to no phase."""
    for place, samples in _lists_of_samples(payload):
        for sample in [sample for sample in samples if _is_total_current(sample)]:
            samples.remove(sample)
            yield place, sample, None


def _lists_of_samples(payload: JsonObject) -> Iterator[tuple[str, list[Any]]]:
    values = payload.get("meterValue")
    for number, value in enumerate(values if isinstance(values, list) else ()):
        samples = value.get("sampledValue") if isinstance(value, dict) else None
        if isinstance(samples, list):
            yield f"meterValue.{number}.sampledValue", samples


def _is_total_current(sample: Any) -> bool:
    return (
        isinstance(sample, dict)
        and sample.get("measurand") == "Current.Import"
        and "phase" not in sample
    )


def _without_zero(payload: JsonObject) -> Iterator[Change]:
    if payload.get("transactionId") == 0:
        del payload["transactionId"]
        yield "transactionId", 0, None


def _is_over_64_bits(payload: JsonObject) -> bool:
    number = payload.get("transactionId")
    return isinstance(number, int) and abs(number) > LAST_TRANSACTION


def _within_64_bits(payload: JsonObject) -> Iterator[Change]:
    number, payload["transactionId"] = payload["transactionId"], NO_TRANSACTION
    yield "transactionId", number, NO_TRANSACTION


HABITS: Final = (
    Habit(
        quirk_id="tag-with-serial",
        about="'<tag>_<serial number>' is the tag",
        source="field notes Q27: KEBA",
        seen_with=(Make(vendor="Keba"),),
        actions=_TAGGED,
        mend=_without_suffix,
    ),
    Habit(
        quirk_id="zero-is-one",
        about="readings of a transaction on connector 0 are those of connector 1",
        source="field notes Q15: KEBA (OCPP.Core, ev-server)",
        seen_with=(Make(vendor="Keba"),),
        actions=_READINGS,
        mend=_of_connector_one,
    ),
    Habit(
        quirk_id="total-current-wrong",
        about="currents that belong to no phase are set aside",
        source="field notes Q17: Schneider (ev-server)",
        seen_with=(Make(vendor="Schneider"),),
        actions=_READINGS,
        mend=_without_total_current,
    ),
    Habit(
        quirk_id="transaction-zero",
        about="readings of transaction 0 are of none",
        source="field notes Q10: Delta (ev-server)",
        seen_with=(Make(vendor="Delta"),),
        actions=_READINGS,
        mend=_without_zero,
    ),
    Habit(
        quirk_id="transaction-too-large",
        about="a transaction's number beyond 64 bits is -1, to be matched or kept",
        source="field notes Q10: Alfen, steve#740, go#188",
        actions=_NUMBERED,
        mend=_within_64_bits,
        shows=_is_over_64_bits,
    ),
)
