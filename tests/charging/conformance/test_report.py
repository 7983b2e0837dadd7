"""What a run comes to, by feature and as a score."""

from __future__ import annotations

import pytest

from flexicharge.charging.conformance.probe import Verdict
from flexicharge.charging.conformance.report import Report, Run, RunState, Tried
from flexicharge.charging.conformance.required_keys import CheckedKeys
from flexicharge.charging.conformance.table import PROBES
from flexicharge.ocpp.v16.actions import ACTIONS

RUNNING = Run(started_at=1.0)


def tried(action: str, *verdicts: str) -> tuple[Tried, ...]:
    """Return what trying an action several times came to."""
    return tuple(
        Tried(
            probe=f"{action} {number}",
            action=action,
            harmless="it only tells",
            verdict=Verdict(verdict),
        )
        for number, verdict in enumerate(verdicts)
    )


def announcing(*profiles: str) -> Run:
    """Return a run over a charger that says it has some profiles."""
    keys = CheckedKeys(announced=profiles, missing=(), wrong=())
    return Run(started_at=1.0, keys=keys)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (("supported", "supported"), "supported"),
        (("supported", "refused"), "supported"),
        (("refused", "refused"), "refused"),
        (("supported", "wrong"), "wrong"),
        (("skipped", "refused"), "refused"),
        (("skipped", "skipped"), "skipped"),
    ],
)
def test_a_feature_is_what_its_probes_came_to(
    verdicts: tuple[str, ...], verdict: str
) -> None:
    """One that is wrong anywhere is wrong; who does a part of it has it."""
    (feature,) = Report(run=RUNNING, tries=tried("TriggerMessage", *verdicts)).features
    assert feature.verdict == verdict
    assert len(feature.tries) == len(verdicts)


def test_what_was_not_come_to_is_skipped() -> None:
    """Once the run is over; while it goes on it may still be."""
    some = tried("GetConfiguration", "supported")
    assert len(Report(run=RUNNING, tries=some).features) == 1
    report = Report(run=RUNNING, tries=some).cut_off()
    assert report.run.state is RunState.ABORTED
    assert {one.action for one in report.features} == {one.action for one in PROBES}
    assert report.counts[Verdict.SKIPPED] == len(report.features) - 1
    assert sum(report.counts.values()) == len(report.features)


@pytest.mark.parametrize(
    ("run", "action", "verdict", "is_kept"),
    [
        (RUNNING, "DataTransfer", "refused", False),
        (RUNNING, "GetLocalListVersion", "refused", True),
        (announcing("Core"), "GetLocalListVersion", "refused", True),
        (
            announcing("localAuthListManagement"),
            "GetLocalListVersion",
            "refused",
            False,
        ),
        (announcing("SmartCharging"), "GetLocalListVersion", "refused", True),
        (announcing("Core"), "GetLocalListVersion", "wrong", False),
        (announcing("Security"), "DeleteCertificate", "refused", True),
        (RUNNING, "DeleteCertificate", "supported", True),
    ],
)
def test_nobody_has_to_have_what_they_deny(
    run: Run, action: str, verdict: str, is_kept: bool
) -> None:
    """But all have to have Core, and whatever they announce."""
    report = Report(run=run, tries=tried(action, verdict))
    (feature,) = report.features
    assert feature.profile is ACTIONS[action].profile
    assert feature.is_kept is is_kept
    assert report.percent == (100 if is_kept else 0)


def test_a_score_counts_what_was_tried() -> None:
    """Rounded down, so that only who is perfect has a hundred."""
    tries = (
        *tried("GetConfiguration", "supported"),
        *tried("ChangeConfiguration", "supported"),
        *tried("DataTransfer", "wrong"),
        *tried("UnlockConnector", "skipped"),
    )
    report = Report(run=RUNNING, tries=tries)
    assert report.percent == 66
    assert report.counts == {
        Verdict.SUPPORTED: 2,
        Verdict.REFUSED: 0,
        Verdict.WRONG: 1,
        Verdict.SKIPPED: 1,
    }
    assert Report(run=RUNNING).percent is None
