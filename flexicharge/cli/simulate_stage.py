"""A simulation on real sockets, put together as the command line asks for it."""

from __future__ import annotations

import os
import secrets
from argparse import Namespace
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, field
from rich.console import Console
from twisted.internet.threads import deferToThreadPool
from twisted.web.client import Agent, HTTPConnectionPool

from flexicharge.cli.newcomer import MailRoom
from flexicharge.cli.outbox import outbox_of_this_user
from flexicharge.cli.simulate_chargers import Chargers
from flexicharge.cli.simulate_pace import sensible_pace
from flexicharge.cli.simulate_people import People, fresh_people, people_of
from flexicharge.cli.simulate_reach import SocketReach, knock
from flexicharge.cli.simulate_run import Simulation
from flexicharge.cli.simulate_screen import Screen
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.operator import VirtualOperator
from flexicharge.simulator.phone import Reach
from flexicharge.simulator.scenario.values import Scenario

SEEDS: Final = 1_000_000
IDLE_HTTP_S: Final = 2
HTTP_AT_A_TIME: Final = 16
CURE: Final = "use --outbox, or --accounts with accounts that exist"


@define(eq=False)
class Stage:
    """The ways to the server that `args` name, on a reactor.

    `args.named` are serial numbers and `args.credentials` accounts, if files of them
    are given.
    """

    reactor: Any
    args: Namespace
    _agent: Agent = field(init=False)

    @_agent.default
    def _one_that_keeps_connections(self) -> Agent:
        pool = HTTPConnectionPool(self.reactor)
        pool.cachedConnectionTimeout = IDLE_HTTP_S
        pool.maxPersistentPerHost = HTTP_AT_A_TIME
        return Agent(self.reactor, pool=pool)

    def simulation(self, scenario: Scenario) -> Simulation:
        """Return the simulation."""
        args, clock = self.args, self.reactor
        seed = args.seed or str(secrets.randbelow(SEEDS))
        console = Console(stderr=True)
        screen = Screen(console=console, clock=clock, quiet=args.quiet)
        return Simulation(
            scenario=scenario,
            seed=seed,
            pace=args.pace or sensible_pace(scenario),
            clock=clock,
            chargers=self._chargers(seed, screen),
            knock=partial(knock, self.reactor, args.ws, args.within),
            find_people=self._find_people,
            reach_of=self._reach,
            ws_url=args.ws,
            screen=screen,
        )

    def _chargers(self, seed: str, screen: Screen) -> Chargers:
        args = self.args
        operator = VirtualOperator(**self._way())
        operator.token = args.admin_token.strip()
        return Chargers(
            operator=operator,
            seed=seed,
            named=args.named,
            takes_free=_is_here(args.url) and _is_here(args.ws),
            tell=screen.step,
        )

    async def _find_people(self, wanted: int) -> People:
        """Return people with the accounts of a file, else with fresh ones."""
        args, reactor = self.args, self.reactor
        if args.credentials:
            return await people_of(args.credentials[:wanted], self._app)
        room = MailRoom(
            outbox=args.outbox or outbox_of_this_user(os.environ, Path.cwd()),
            run=partial(deferToThreadPool, reactor, reactor.getThreadPool()),
            cure=CURE,
        )
        return await fresh_people(wanted, room, self._app)

    def _reach(self, people: People) -> Reach:
        return SocketReach(
            reactor=self.reactor,
            ws_url=self.args.ws,
            within_s=self.args.within,
            people=people,
        )

    def _app(self) -> VirtualDriver:
        return VirtualDriver(**self._way())

    def _way(self) -> dict[str, Any]:
        return {
            "url": self.args.url,
            "agent": self._agent,
            "clock": self.reactor,
            "within_s": self.args.within,
        }


def _is_here(url: str) -> bool:
    """Tell whether a URL leads to this very machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
