"""How well a station keeps to its protocol, as its operators read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from attrs import frozen
from msgspec import Meta

from flexicharge.charging.beliefs.tallies import OFF_SCHEMA
from flexicharge.charging.conformance.probe import Verdict
from flexicharge.charging.conformance.report import (
    FeatureVerdict,
    Report,
    RunState,
    SeenFrame,
    Tried,
)
from flexicharge.charging.conformance.required_keys import CheckedKeys, KeyType
from flexicharge.model.frame_record import Direction, FrameVerdict
from flexicharge.model.station_command import LONGEST_TIMEOUT_S
from flexicharge.ocpp.v16.actions import Profile
from flexicharge.ocpp.v16.quirks.table import QUIRKS
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, optional
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.station_commands import TIMEOUT
from flexicharge.rest.station_shapes import iso_or_none
from flexicharge.rest.times import iso_of

Percent = Annotated[int, Meta(ge=0, le=100)]
USUAL_WAIT_S: Final = 120.0
WAIT: Final = optional(
    Rule(
        schema={
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": LONGEST_TIMEOUT_S,
        },
        read=TIMEOUT.read,
        example=USUAL_WAIT_S,
    ),
    USUAL_WAIT_S,
)
# What is counted beside the rules of `QUIRKS`, and says nothing of itself.
VERDICTS: Final = {
    FrameVerdict.REFUSED: "a message that no rule could mend, answered with an error",
    FrameVerdict.UNREADABLE: "a text that is no frame",
    FrameVerdict.UNEXPECTED: "an answer to nothing that was asked",
}
ANSWER: Final = "an answer that is not as its action's schema wants it"


@frozen(kw_only=True)
class WantedRun:
    """A run, whose end is waited for at most `wait_s` seconds."""

    wait_s: float = sent(WAIT, "timeout")


class SeenMessage(Shape):
    """A frame of a probe, secrets in it masked; `leftOut` characters were cut off."""

    time: str
    direction: Direction
    raw: str
    leftOut: Whole
    verdict: FrameVerdict
    why: str | None


class ConformanceProbe(Shape, kw_only=True):
    """One question and what it came to, with its frames.

    `harmless` says why it changes nothing at the charger. `why` says why it is not
    simply supported. One that was not sent has no command.
    """

    name: str
    verdict: Verdict
    why: str | None
    harmless: str
    commandId: str | None
    latencyMs: float | None
    time: str | None
    frames: list[SeenMessage]


class ConformanceFeature(Shape):
    """An action: `supported`, `refused`, `wrong`, or `skipped`.

    `announced` tells whether the charger says that it has the profile of it.
    """

    profile: Profile
    action: str
    verdict: Verdict
    announced: bool | None
    probes: list[ConformanceProbe]


class ConformanceScore(Shape):
    """How many features came to what.

    `percent` of those tried are as they should be: supported, or refused by a charger
    that does not claim to have them and need not.
    """

    percent: Percent | None
    supported: Whole
    refused: Whole
    wrong: Whole
    skipped: Whole


class WrongKey(Shape):
    """A key whose value is not of its type; null where none was told."""

    key: str
    value: str | None
    expected: KeyType


class ConformanceKeys(Shape):
    """What a charger's configuration lacks of what OCPP 1.6 demands.

    Of the profiles that it says it has; null if it does not say.
    """

    supportedFeatureProfiles: list[str] | None
    missing: list[str]
    wrong: list[WrongKey]


class Conformance(Shape, kw_only=True):
    """A run over a charger; `why` says why it was aborted.

    `configuration` is null while the charger has not told its keys.
    """

    serialNumber: str
    status: RunState
    why: str | None
    startedAt: str
    endedAt: str | None
    score: ConformanceScore
    features: list[ConformanceFeature]
    configuration: ConformanceKeys | None


class ViolatedRule(Shape):
    """A rule, how often the station broke it, what it is and where it is known from."""

    rule: str
    count: Whole
    about: str | None
    source: str | None


class Violations(Shape):
    """Everything that a station ever said that was not as it should be, by rule."""

    total: Whole
    rules: list[ViolatedRule]


def conformance_of(serial_number: str, report: Report) -> Conformance:
    """Return a run as operators read it."""
    run = report.run
    return Conformance(
        serialNumber=serial_number,
        status=run.state,
        why=run.why or None,
        startedAt=iso_of(run.started_at),
        endedAt=iso_or_none(run.ended_at),
        score=_score(report),
        features=list(map(_feature, report.features)),
        configuration=None if run.keys is None else _keys(run.keys),
    )


def violations_of(counts: Mapping[str, int]) -> Violations:
    """Return a score of violations as operators read it, the most frequent first."""
    by_count = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Violations(
        total=sum(counts.values()),
        rules=[_rule(rule, count) for rule, count in by_count],
    )


def _score(report: Report) -> ConformanceScore:
    counts = report.counts
    return ConformanceScore(
        percent=report.percent,
        supported=counts[Verdict.SUPPORTED],
        refused=counts[Verdict.REFUSED],
        wrong=counts[Verdict.WRONG],
        skipped=counts[Verdict.SKIPPED],
    )


def _feature(feature: FeatureVerdict) -> ConformanceFeature:
    return ConformanceFeature(
        profile=feature.profile,
        action=feature.action,
        verdict=feature.verdict,
        announced=feature.announced,
        probes=list(map(_probe, feature.tries)),
    )


def _probe(tried: Tried) -> ConformanceProbe:
    latency_s = tried.latency_s
    return ConformanceProbe(
        name=tried.probe,
        verdict=tried.verdict,
        why=tried.why or None,
        harmless=tried.harmless,
        commandId=tried.command_id or None,
        latencyMs=None if latency_s is None else round(latency_s * 1000, 3),
        time=iso_or_none(tried.at),
        frames=list(map(_frame, tried.frames)),
    )


def _frame(seen: SeenFrame) -> SeenMessage:
    return SeenMessage(
        time=iso_of(seen.at),
        direction=seen.direction,
        raw=seen.text,
        leftOut=seen.left_out,
        verdict=seen.verdict,
        why=seen.why or None,
    )


def _keys(keys: CheckedKeys) -> ConformanceKeys:
    return ConformanceKeys(
        supportedFeatureProfiles=(
            None if keys.announced is None else list(keys.announced)
        ),
        missing=list(keys.missing),
        wrong=[WrongKey(one.key, one.value, one.expected) for one in keys.wrong],
    )


def _rule(rule: str, count: int) -> ViolatedRule:
    quirk = QUIRKS.get(rule)
    if quirk is not None:
        return ViolatedRule(rule, count, quirk.about, quirk.source)
    about: str | None = {str(one): says for one, says in VERDICTS.items()}.get(rule)
    if about is None and rule.startswith(OFF_SCHEMA.format("")):
        about = ANSWER
    return ViolatedRule(rule, count, about, None)
