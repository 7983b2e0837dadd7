"""A run over a charger, and what it has shown so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from attrs import evolve, frozen

from flexicharge.charging.conformance.probe import Judgement, Verdict
from flexicharge.charging.conformance.required_keys import CheckedKeys
from flexicharge.charging.conformance.table import PROBES
from flexicharge.model.frame_record import Direction, FrameVerdict
from flexicharge.ocpp.v16.actions import ACTIONS, Profile

NOT_REACHED: Final = Judgement(Verdict.SKIPPED, "the run was over before")
CUT_OFF: Final = "the server was stopped before it was over"
# Of a feature's verdicts the first of these that there is.
BY_WEIGHT: Final = (Verdict.WRONG, Verdict.SUPPORTED, Verdict.REFUSED, Verdict.SKIPPED)


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    ABORTED = "aborted"


@frozen(kw_only=True)
class Run:
    """A run; times are POSIX seconds. `why` says why it was aborted."""

    started_at: float
    ended_at: float | None = None
    state: RunState = RunState.RUNNING
    why: str = ""
    keys: CheckedKeys | None = None


@frozen(kw_only=True)
class SeenFrame:
    """A frame of a try, its secrets masked; `at` is POSIX seconds.

    `left_out` counts the characters that are too many to be kept.
    """

    at: float
    direction: Direction
    text: str
    left_out: int = 0
    verdict: FrameVerdict = FrameVerdict.OK
    why: str = ""


@frozen(kw_only=True)
class Tried:
    """What one probe came to. One that was not sent has no command and no frames."""

    probe: str
    action: str
    harmless: str
    verdict: Verdict
    why: str = ""
    command_id: str = ""
    latency_s: float | None = None
    frames: tuple[SeenFrame, ...] = ()
    at: float | None = None


@frozen(kw_only=True)
class FeatureVerdict:
    """What a charger showed of one action.

    `announced` is whether it says that it has the action's profile: all have Core, and
    nobody announces the security whitepaper. None is not known.
    """

    profile: Profile
    action: str
    verdict: Verdict
    announced: bool | None
    tries: tuple[Tried, ...]

    @property
    def is_kept(self) -> bool:
        """Whether it is as it should be: no charger has to have what it denies."""
        may_refuse = self.profile is not Profile.CORE and not self.announced
        return self.verdict is Verdict.SUPPORTED or (
            self.verdict is Verdict.REFUSED and may_refuse
        )


@frozen(kw_only=True)
class Report:
    """A run with all its tries."""

    run: Run
    tries: tuple[Tried, ...] = ()

    @property
    def features(self) -> tuple[FeatureVerdict, ...]:
        """What it has shown of each action, in the order in which they were tried."""
        return tuple(_features(self.run, self.tries))

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many features there are of each verdict."""
        counts = Counter(feature.verdict for feature in self.features)
        return {verdict: counts[verdict] for verdict in Verdict}

    @property
    def percent(self) -> int | None:
        """How many of the features tried are as they should be; None if none was."""
        tried = [one for one in self.features if one.verdict is not Verdict.SKIPPED]
        if not tried:
            return None
        return 100 * sum(one.is_kept for one in tried) // len(tried)

    def cut_off(self) -> Report:
        """Return a report that nobody goes on with, as aborted."""
        run = evolve(self.run, state=RunState.ABORTED, why=CUT_OFF)
        return Report(run=run, tries=self.tries)


def _features(run: Run, tries: Iterable[Tried]) -> Iterator[FeatureVerdict]:
    by_action: dict[str, list[Tried]] = {}
    for tried in (*tries, *_not_reached(run, tries)):
        by_action.setdefault(tried.action, []).append(tried)
    announced = None if run.keys is None else run.keys.announced
    for action, mine in by_action.items():
        profile = ACTIONS[action].profile
        found = {tried.verdict for tried in mine}
        yield FeatureVerdict(
            profile=profile,
            action=action,
            verdict=next(verdict for verdict in BY_WEIGHT if verdict in found),
            announced=_is_announced(profile, announced),
            tries=tuple(mine),
        )


def _not_reached(run: Run, tries: Iterable[Tried]) -> Iterator[Tried]:
    """Yield what will not be tried any more."""
    if run.state is RunState.RUNNING:
        return
    names = {tried.probe for tried in tries}
    for probe in PROBES:
        if probe.name not in names:
            yield Tried(
                probe=probe.name,
                action=probe.action,
                harmless=probe.harmless,
                verdict=NOT_REACHED.verdict,
                why=NOT_REACHED.why,
            )


def _is_announced(profile: Profile, announced: tuple[str, ...] | None) -> bool | None:
    if profile is Profile.CORE:
        return True
    if announced is None or profile is Profile.SECURITY:
        return None
    return profile.casefold() in {name.casefold() for name in announced}
