"""`flexicharge demo`: a driver and a charger at the running server, start to receipt.

It stands outside of the server: HTTP, both WebSockets, and the verification mail where
a development server keeps it.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.internet.threads import deferToThreadPool
from twisted.web.client import Agent

from flexicharge.cli import FAILED, INTERRUPTED
from flexicharge.cli.demo_screen import Receipt, Screen
from flexicharge.cli.demo_story import DemoFailed, Interrupted, Story
from flexicharge.cli.outbox import outbox_of_this_user
from flexicharge.cli.words import add_server_arguments, positive
from flexicharge.errors import FlexiChargeError
from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.dial import dial
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerNotThere

WITHIN_S: Final = 10.0
CAR_WH: Final = 12_000.0  # a small battery: ten seconds at 150 kW show in it
METERING_EVERY_S: Final = 0.25
START_IT: Final = "start the server with: twistd -n flexicharge"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `flexicharge demo`."""
    add = parser.add_argument
    add_server_arguments(parser)
    add("--serial", default="abc118", help="the charger to plug in as")
    add("--seconds", type=positive, default=10.0, help="how long to charge")
    add("--power", type=positive, default=150_000.0, help="what it offers, in W")
    add("--email", default="", help="an account to use instead of a fresh one")
    add("--password", default="", help="the password of that account")
    add("--outbox", type=Path, help="where the server keeps its outgoing mail")
    add("--json", action="store_true", help="print the receipt as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Play the demonstration; return its exit status: 0, 1 or 130 after Ctrl-C.

    Raise `DemoFailed` or `StartUpFailed` if it cannot even be tried.
    """
    if bool(args.email) != bool(args.password):
        raise DemoFailed("--email and --password belong together")
    if args.outbox is None and not args.email:
        args.outbox = outbox_of_this_user(os.environ, Path.cwd())
    try:
        react(partial(_main, args=args))
    except SystemExit as end:
        return int(end.code or 0)


async def _main(reactor: Any, *, args: argparse.Namespace) -> None:
    """Exit with the status; Ctrl-C cancels the story, and waits until it has ended."""
    telling = Deferred.fromCoroutine(tell(_story(reactor, args), args))
    ended: Deferred[None] = Deferred()

    def interrupt() -> Deferred[None]:
        telling.cancel()
        return ended

    reactor.addSystemEventTrigger("before", "shutdown", interrupt)
    try:
        raise SystemExit(await telling)
    finally:
        ended.callback(None)


async def tell(story: Story, args: argparse.Namespace) -> int:
    """Play the story and print the receipt; return the exit status."""
    try:
        _print_receipt(await story.play(), args)
    except Interrupted as end:
        if end.receipt:
            _print_receipt(end.receipt, args)
        return INTERRUPTED
    except FlexiChargeError as why:
        return _failed(why)
    return 0


def _story(reactor: Any, args: argparse.Namespace) -> Story:
    driver = VirtualDriver(
        url=args.url, agent=Agent(reactor), clock=reactor, within_s=WITHIN_S
    )
    charger = VirtualCharger(
        serial_number=args.serial,
        clock=reactor,
        power_w=args.power,
        metering_every_s=METERING_EVERY_S,
        car=Car(capacity_wh=CAR_WH, max_power_w=args.power, stored_wh=CAR_WH / 3),
    )
    return Story(
        driver=driver,
        charger=charger,
        screen=Screen(Console(stderr=True)),
        dial=partial(dial, reactor, within_s=WITHIN_S),
        run=partial(deferToThreadPool, reactor, reactor.getThreadPool()),
        outbox=args.outbox or Path(),
        ws_url=args.ws,
        seconds=args.seconds,
        email=args.email,
        password=args.password,
    )


def _print_receipt(receipt: Receipt, args: argparse.Namespace) -> None:
    print(receipt.as_json() if args.json else receipt.as_text(args.serial))


def _failed(why: FlexiChargeError) -> int:
    cure = f"; {START_IT}" if isinstance(why, ServerNotThere) else ""
    print(f"flexicharge demo: {why}{cure}", file=sys.stderr)
    return FAILED
