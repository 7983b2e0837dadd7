"""`python -m flexicharge.testing.simulated`: play scenarios in simulated time.

Prints a line for each seed. For one that fails it prints what is untrue, the trace
around it, and the command that plays exactly that again.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from twisted.logger import globalLogBeginner

from flexicharge.errors import FlexiChargeError
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.scenario.changes import with_changes
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.values import DAY_S
from flexicharge.testing.simulated.fates import CALM, STORMY
from flexicharge.testing.simulated.play import Outcome, Run, play
from flexicharge.testing.simulated.shrink import Shrinker

FAILED: Final = 1
MISUSED: Final = 2
PROGRAM: Final = "python -m flexicharge.testing.simulated"


def main(argv: Sequence[str] | None = None) -> int:
    """Play; return 0 if nothing was untrue, 1 if something was, 2 for misuse."""
    args = _parser().parse_args(argv)
    try:
        runs = [_run(args, seed) for seed in _seeds(args)]
    except FlexiChargeError as why:
        print(f"{PROGRAM}: {why}", file=sys.stderr)
        return MISUSED
    globalLogBeginner.beginLoggingTo((), redirectStandardIO=False, discardBuffer=True)
    checked: Counter[str] = Counter()
    failed = 0
    for run in runs:
        outcome = _timed(run)
        checked += outcome.checked
        if not outcome.is_good:
            failed += 1
            _explain(args, run, outcome)
    if len(runs) > 1:
        print(f"{len(runs) - failed} of {len(runs)} seeds held")
        print("; ".join(f"{what}: {count}" for what, count in sorted(checked.items())))
    return FAILED if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    add = parser.add_argument
    add("scenario", help="the name of a shipped scenario, or a file")
    add("--seed", default="1", help="what decides everything that happens")
    add("--seeds", type=_count, default=1, help="how many, counted up from --seed")
    add("--chargers", type=int, help="how many, instead of the scenario's")
    add("--drivers", type=int, help="how many, instead of the scenario's")
    add("--days", type=float, help="how long, instead of the scenario's")
    add("--storm", action="store_true", help="strike the server, its store and lines")
    add("--only", type=_numbers, help="the only strikes that are to happen: 12,43,…")
    add("--shrink", action="store_true", help="cut a failing run down")
    return parser


def _seeds(args: argparse.Namespace) -> list[str]:
    if args.seeds == 1:
        return [args.seed]
    if not args.seed.isdecimal():
        raise SimulatorError("to count seeds up from --seed, it must be a number")
    return [str(int(args.seed) + number) for number in range(args.seeds)]


def _run(args: argparse.Namespace, seed: str) -> Run:
    scenario = with_changes(
        load(args.scenario),
        chargers=args.chargers,
        drivers=args.drivers,
        lasts_s=None if args.days is None else args.days * DAY_S,
    )
    rates = STORMY if args.storm else CALM
    return Run(scenario=scenario, seed=seed, rates=rates, only=args.only)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(",") if number)


def _timed(run: Run) -> Outcome:
    began = time.process_time()
    outcome = play(run)
    took_s = time.process_time() - began
    speed = run.scenario.lasts_s / max(took_s, 1e-9)
    verdict = "held" if outcome.is_good else "BROKEN"
    print(
        f"seed {run.seed}: {verdict}; {outcome.sessions} sessions, "
        f"{len(outcome.strikes)} strikes, {outcome.lives} lives of the server, "
        f"{took_s:.1f} s of CPU, {speed:,.0f} times real time, "
        f"trace {outcome.digest[:12]}",
        flush=True,
    )
    return outcome


def _explain(args: argparse.Namespace, run: Run, outcome: Outcome) -> None:
    if args.shrink:
        run, outcome = Shrinker(whole=load(args.scenario), told=_told).shrink(run)
    print("\n".join(outcome.around))
    for what in outcome.broken:
        print(f"untrue: {what}")
    print(f"again: {command_of(args.scenario, run)}")


def _told(run: Run, outcome: Outcome) -> None:
    print(
        f"  still untrue with {run.scenario.chargers} chargers, "
        f"{run.scenario.lasts_s:.0f} s, {len(outcome.strikes)} strikes",
        flush=True,
    )


def command_of(scenario: str, run: Run) -> str:
    """Return the command that plays a run again."""
    words = [scenario, "--seed", run.seed]
    words += ["--chargers", str(run.scenario.chargers)]
    words += ["--drivers", str(run.scenario.drivers.count)]
    words += ["--days", repr(run.scenario.lasts_s / DAY_S)]
    if run.rates != CALM:
        words.append("--storm")
    if run.only is not None:
        words += ["--only", ",".join(map(str, run.only))]
    return f"{PROGRAM} {shlex.join(words)}"


if __name__ == "__main__":
    raise SystemExit(main())
