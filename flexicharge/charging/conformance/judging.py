"""What an answer to a probe comes to, before anything is to follow it."""

from __future__ import annotations

from typing import Final

from flexicharge.charging.conformance.probe import FINE, Judgement, Probe, Verdict
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.codes import ErrorCode, code_of
from flexicharge.ocpp.v16.confirmations import confirmation

# Errors that say no; all others say that there is something wrong with our Call, or
# with the charger, and there is nothing wrong with our Call.
REFUSALS: Final = frozenset(
    {
        ErrorCode.NOT_IMPLEMENTED,
        ErrorCode.NOT_SUPPORTED,
        ErrorCode.SECURITY_ERROR,
        ErrorCode.GENERIC_ERROR,
    }
)
MAX_SHOWN: Final = 5


def judged(probe: Probe, command: StationCommand) -> Judgement:
    """Return what became of a command that was sent, and not lost."""
    answer = command.response
    if answer is None:
        return Judgement(Verdict.WRONG, "it was not answered in time")
    if command.state is CommandState.ERROR:
        return _error(probe, str(answer.get("errorCode")))
    return _result(probe, answer)


def _error(probe: Probe, word: str) -> Judgement:
    code = code_of(word)
    if code in probe.good_codes:
        return FINE
    verdict = Verdict.REFUSED if code in REFUSALS else Verdict.WRONG
    return Judgement(verdict, f"it answered with the error {word}")


def _result(probe: Probe, answer: JsonObject) -> Judgement:
    said = confirmation(probe.action, answer)
    if said.violations:
        broken = [f"{one.where} breaks {one.keyword!r}" for one in said.violations]
        return Judgement(Verdict.WRONG, "; ".join(broken[:MAX_SHOWN]))
    if said.status in probe.good:
        return probe.look(answer)
    verdict = Verdict.REFUSED if said.status in probe.refusing else Verdict.WRONG
    return Judgement(verdict, f"it answered {said.status}")
