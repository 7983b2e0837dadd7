"""The options of `flexicharge simulate`, and the scenario that they name."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from flexicharge.cli.words import add_server_arguments, count, positive
from flexicharge.simulator.scenario.changes import with_changes
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.measures import DURATION, NotMeasured
from flexicharge.simulator.scenario.values import Scenario

FIRST: Final = "first-charge"
ADMIN_TOKEN: Final = "FLEXICHARGE_ADMIN_TOKEN"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options of `flexicharge simulate`."""
    add = parser.add_argument
    add("scenario", nargs="?", default=FIRST, help=f"its name, or a file [{FIRST}]")
    add("--list", action="store_true", help="list the scenarios that ship, and leave")
    add_server_arguments(parser)
    _add_changes(parser)
    _add_cast(parser)
    add(
        "--within",
        type=positive,
        default=10.0,
        metavar="SECONDS",
        help="how long the server may take for an answer [10]",
    )
    add("--json", action="store_true", help="print the report as one JSON object")
    add("--quiet", action="store_true", help="say nothing before the report")


def _add_changes(parser: ArgumentParser) -> None:
    """Declare how this run differs from what the scenario says."""
    add = parser.add_argument
    add("--seed", type=_seed, help="repeat the run of this seed [one is drawn]")
    add("--chargers", type=count, metavar="N", help="so many instead of the scenario's")
    add("--drivers", type=count, metavar="N", help="so many instead of the scenario's")
    add(
        "--for",
        type=_duration,
        dest="lasts_s",
        metavar="DURATION",
        help="how much of it to play, such as `90 m` or `2 h 30 m`",
    )
    add(
        "--pace",
        type=positive,
        metavar="X",
        help="seconds of the scenario in each real one [over in about 2 minutes]",
    )


def _add_cast(parser: ArgumentParser) -> None:
    """Declare whose chargers and accounts are used."""
    add = parser.add_argument
    add(
        "--serial-file",
        type=Path,
        metavar="FILE",
        help="the chargers to be: serial numbers, one a line [free ones]",
    )
    add(
        "--admin-token",
        metavar="TOKEN",
        default=os.environ.get(ADMIN_TOKEN, ""),
        help=f"make the chargers that are missing; better given as {ADMIN_TOKEN}",
    )
    add(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="the drivers' accounts: lines of email:password [fresh ones]",
    )
    add(
        "--outbox",
        type=Path,
        metavar="DIRECTORY",
        help="where the server keeps its outgoing mail",
    )


def scenario_of(args: Namespace) -> Scenario:
    """Return the scenario with what the command line changes of it.

    Raise `ScenarioWrong` or `ChangeImpossible`.
    """
    return with_changes(
        load(args.scenario),
        chargers=args.chargers,
        drivers=args.drivers,
        lasts_s=args.lasts_s,
    )


def _seed(text: str) -> str:
    """Return a seed, which becomes a part of serial numbers."""
    if not re.fullmatch("[A-Za-z0-9]{1,20}", text):
        raise ArgumentTypeError(f"{text} is not 1 to 20 letters and digits")
    return text


def _duration(text: str) -> float:
    """Return a duration in seconds."""
    try:
        seconds = DURATION.read(text)
    except NotMeasured as why:
        raise ArgumentTypeError(f"{text}, {why}; write `90 m` or `2 h`") from None
    if seconds <= 0:
        raise ArgumentTypeError(f"{text} is not positive")
    return seconds
