"""`flexicharge simulate`: a network of virtual chargers and drivers at a server.

It stands outside of the server, over the same HTTP and WebSockets as real ones.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from functools import partial
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from flexicharge.cli import FAILED, INTERRUPTED
from flexicharge.cli.simulate_chargers import read_serial_numbers
from flexicharge.cli.simulate_options import add_arguments, scenario_of
from flexicharge.cli.simulate_people import read_accounts
from flexicharge.cli.simulate_report import Report
from flexicharge.cli.simulate_run import Simulation
from flexicharge.cli.simulate_stage import Stage
from flexicharge.cli.simulate_trouble import CannotSimulate, Interrupted
from flexicharge.errors import FlexiChargeError
from flexicharge.simulator.scenario.library import shipped
from flexicharge.simulator.scenario.values import Scenario
from flexicharge.startup.open_files import allow_open_files

__all__ = ["add_arguments", "run"]

SPARE_FILES: Final = 128


def run(args: Namespace) -> int:
    """Play the simulation; return its exit status: 0, 1, or 130 after Ctrl-C.

    Raise `FlexiChargeError` if it cannot even be tried.
    """
    if args.list:
        for name, about in shipped():
            print(f"{name:<18}{about}")
        return 0
    scenario = scenario_of(args)
    check_open_files(scenario, allow_open_files())
    args.named = read_serial_numbers(args.serial_file) if args.serial_file else []
    args.credentials = read_accounts(args.accounts) if args.accounts else []
    try:
        react(partial(_main, args=args, scenario=scenario))
    except SystemExit as end:
        return int(end.code or 0)


async def _main(reactor: Any, *, args: Namespace, scenario: Scenario) -> None:
    """Exit with the status; Ctrl-C winds down, and a second one leaves at once."""
    simulation = Stage(reactor, args).simulation(scenario)
    ended: Deferred[None] = Deferred()

    def interrupt() -> Deferred[None]:
        if not ended.called:
            signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
            simulation.interrupt()
        return ended

    reactor.addSystemEventTrigger("before", "shutdown", interrupt)
    try:
        raise SystemExit(await tell(simulation, args))
    finally:
        ended.callback(None)


async def tell(simulation: Simulation, args: Namespace) -> int:
    """Play the simulation and print its report; return the exit status."""
    try:
        report = await simulation.play()
    except Interrupted:
        return INTERRUPTED
    except FlexiChargeError as why:
        print(f"flexicharge simulate: {why}", file=sys.stderr)
        return FAILED
    print(report.as_json() if args.json else report.as_text())
    return _status(report)


def _status(report: Report) -> int:
    if report.interrupted:
        return INTERRUPTED
    return FAILED if report.faults else 0


def check_open_files(scenario: Scenario, allowed: int) -> None:
    """Raise `CannotSimulate` if a process may not have as many sockets as it takes."""
    wanted = scenario.chargers + SPARE_FILES
    if scenario.drivers.watches and scenario.arrivals.per_day:
        wanted += scenario.chargers
    if allowed < wanted:
        raise CannotSimulate(
            f"{scenario.chargers} chargers take {wanted} open files and this user may "
            f"have {allowed}; raise that (ulimit -Hn), or use fewer --chargers"
        )
