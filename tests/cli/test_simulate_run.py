"""The whole of `flexicharge simulate` at the real back end, in memory."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from attrs import define, evolve, field
from rich.console import Console
from twisted.internet.defer import Deferred

from flexicharge.cli.newcomer import Credentials
from flexicharge.cli.simulate import tell
from flexicharge.cli.simulate_chargers import Chargers
from flexicharge.cli.simulate_people import Account, People
from flexicharge.cli.simulate_run import WIND_DOWN_S, Simulation
from flexicharge.cli.simulate_screen import Screen
from flexicharge.model.account import ADMINS
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerHung, ServerNotThere
from flexicharge.simulator.operator import VirtualOperator
from flexicharge.simulator.scenario.values import (
    Arrivals,
    Drivers,
    Fleet,
    Scenario,
    Span,
)
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town
from tests.simulator.on_town import WS_URL, Lines

SHORT = Scenario(
    name="short",
    lasts_s=900.0,
    fleets=(Fleet(count=2, metering_every_s=60.0, keep_alive_s=0.0),),
    drivers=Drivers(count=2, watches=1.0),
    arrivals=Arrivals(per_day=144.0, regularly=True, stay_s=Span(300.0, 300.0)),
)


@define(eq=False)
class Reach:
    """The town's two ports."""

    lines: Lines
    people: People
    ws_url: str = WS_URL

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Open a socket."""
        return await self.lines.dial(factory)

    async def app(self, number: int) -> VirtualDriver:
        """Return a driver's app."""
        return await self.people.app(number)

    async def tag(self, number: int) -> str:
        """Return a driver's tag."""
        return await self.people.tag(number)


class SignedIn(Account):
    """An account whose app needs no signing in."""

    async def app(self) -> VirtualDriver:
        """Return the app."""
        return self._app


@define(eq=False)
class Theatre:
    """A town, simulations in it, and what is seen of them."""

    town: Town
    lines: Lines = field(init=False)
    seen: StringIO = field(factory=StringIO)
    knocked: Callable[[], Any] = field(default=lambda: None)

    def __attrs_post_init__(self) -> None:
        self.lines = Lines(self.town)

    def simulation(self, scenario: Scenario = SHORT, **more: Any) -> Simulation:
        """Return a simulation at 4 times real time."""
        clock = self.town.clock
        operator = VirtualOperator(
            url="http://town", agent=self.lines.agent(), clock=clock
        )
        operator.token = more.pop("token", "")
        screen = Screen(console=Console(file=self.seen), clock=clock)
        known: dict[str, Any] = {
            "scenario": scenario,
            "seed": "42",
            "pace": 4.0,
            "clock": clock,
            "chargers": Chargers(operator=operator, seed="42", tell=screen.step),
            "knock": self.knock,
            "find_people": self.find_people,
            "reach_of": lambda people: Reach(self.lines, people),
            "ws_url": WS_URL,
            "screen": screen,
        }
        return Simulation(**known | more)

    async def knock(self) -> None:
        """Be let in, unless the test says otherwise."""
        self.knocked()

    async def find_people(self, wanted: int) -> People:
        """Return as many people as are wanted, signed in."""
        return People(
            [
                SignedIn(Credentials("a@b.example", ""), self.lines.driver())
                for _ in range(wanted)
            ]
        )

    def admin(self) -> str:
        """Return an administrator's token."""
        caller, token = self.town.driver()
        accounts, now = self.town.stores.accounts, self.town.clock.seconds()
        self.town.now(accounts.add_to_group(caller.user_id, ADMINS, now))
        return token

    def serials(self) -> list[str]:
        """Return the serial numbers in service."""
        every = self.town.now(self.town.stores.chargers.get_chargers())
        return [each.serial_number for each in every]

    def is_anybody_here(self) -> bool:
        """Tell whether a charger is connected still."""
        self.lines.flush()
        return bool(self.town.back_end.supervisor.present)

    def play(self, simulation: Simulation, **args: Any) -> Deferred[int]:
        """Begin to play."""
        return fire(tell(simulation, Namespace(**{"json": True} | args)))

    def pass_until(self, playing: Deferred[int], within_s: float) -> int:
        """Let time pass until it is over; return the exit status."""
        for _ in range(round(within_s)):
            if playing.called:
                break
            self.lines.pass_time(1)
        return result_of(playing)


@pytest.fixture
def theatre(town: Town) -> Theatre:
    """A theatre in the demo network."""
    return Theatre(town)


def test_everybody_comes_charges_and_pays(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every bill fits, the status is 0, and nobody is left at the server."""
    playing = theatre.play(theatre.simulation())
    assert theatre.pass_until(playing, 400) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["chargers"]["connected"] == 2
    assert told["total"]["bills"] == told["books"]["fitting"] >= 2
    assert told["total"]["live frames"] > 0
    assert told["energyWh"] > 0
    assert told["priceOre"] > 0
    assert told["lastedSeconds"] == 900
    assert (told["faults"], told["interrupted"]) == ([], False)
    begun = "Simulating 15 m of short in about 3 m 45 s (--pace 4 --seed 42)"
    assert theatre.seen.getvalue().startswith(begun)
    assert not theatre.is_anybody_here()


def test_the_same_seed_plays_the_same(
    clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """In another town, on another day."""
    told = []
    for _ in range(2):
        theatre = Theatre(Town(clock))
        theatre.pass_until(theatre.play(theatre.simulation()), 400)
        read = json.loads(capsys.readouterr().out)
        told.append((read["total"], read["energyWh"]))
    assert told[0] == told[1]


def test_chargers_are_made_for_it_and_removed(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an administrator's token; people read how many."""
    crowd = evolve(SHORT, fleets=(Fleet(count=12, keep_alive_s=0.0),), lasts_s=300.0)
    simulation = theatre.simulation(crowd, token=theatre.admin())
    playing = theatre.play(simulation, json=False)
    theatre.lines.pass_time(5)
    assert theatre.serials()[-3:] == ["sim-42-1", "sim-42-2", "sim-42-3"]
    assert theatre.pass_until(playing, 400) == 0
    said = capsys.readouterr().out
    assert "chargers  12 of 12 connected; 3 made for it, and removed" in said
    assert "Making 3 chargers\n" in theatre.seen.getvalue()
    assert "Removing 3 chargers\n" in theatre.seen.getvalue()
    assert theatre.serials()[-1] == "abc119"


def test_a_mixed_network_is_made_played_and_removed(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chargers of both protocols; drivers with apps and with tags; every bill fits."""
    standard = Fleet(
        count=2,
        protocol="ocpp1.6",
        connectors=2,
        metering_every_s=60.0,
        keep_alive_s=0.0,
    )
    mixed = evolve(
        SHORT,
        fleets=(standard, *SHORT.fleets),
        drivers=Drivers(count=4, shows_tag=0.5),
    )
    playing = theatre.play(theatre.simulation(mixed, token=theatre.admin()))
    theatre.lines.pass_time(5)
    assert "sim16-42-2" in theatre.serials()
    assert theatre.pass_until(playing, 400) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["chargers"]["connected"] == 4
    assert told["total"]["tags shown"] > 0
    assert told["total"]["bills"] == told["books"]["fitting"] >= 4
    assert told["faults"] == []
    assert "sim16-42-2" not in theatre.serials()


def test_a_network_without_visitors_needs_no_accounts(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody signs up to watch chargers stand there."""
    idle = evolve(SHORT, arrivals=Arrivals(per_day=0.0), lasts_s=120.0)

    async def nobody(wanted: int) -> People:
        raise AssertionError(wanted)

    playing = theatre.play(theatre.simulation(idle, find_people=nobody))
    assert theatre.pass_until(playing, 100) == 0
    assert json.loads(capsys.readouterr().out)["chargers"]["connected"] == 2


def test_ctrl_c_stops_the_charges_first(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever charges gets a bill; the report comes, the status is 130."""
    simulation = theatre.simulation()
    playing = theatre.play(simulation)
    while not theatre.town.now(_charging(theatre.town)):
        theatre.lines.pass_time(1)
    simulation.interrupt()
    assert theatre.pass_until(playing, WIND_DOWN_S) == 130
    told = json.loads(capsys.readouterr().out)
    assert told["interrupted"] is True
    assert told["total"]["bills"] == told["total"]["charges begun"] > 0
    assert "Ctrl-C again to leave at once" in theatre.seen.getvalue()
    assert not theatre.is_anybody_here()
    assert theatre.town.now(_charging(theatre.town)) == []


def test_ctrl_c_does_not_wait_for_ever(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that fell silent is given half a minute; the chargers are gone."""
    simulation = theatre.simulation()
    playing = theatre.play(simulation)
    while not theatre.town.now(_charging(theatre.town)):
        theatre.lines.pass_time(1)
    theatre.town.world.faults.away = True
    simulation.interrupt()
    assert theatre.pass_until(playing, WIND_DOWN_S + 10) == 130
    assert json.loads(capsys.readouterr().out)["faults"]


def test_ctrl_c_before_anything_began_just_ends(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chargers that were made by then are removed; there is nothing to report."""
    waiting: Deferred[People] = Deferred()

    async def slowly(wanted: int) -> People:
        return await waiting

    simulation = theatre.simulation(find_people=slowly)
    playing = theatre.play(simulation)
    theatre.lines.flush()
    simulation.interrupt()
    assert theatre.pass_until(playing, 1) == 130
    assert capsys.readouterr().out == ""
    simulation.interrupt()  # which changes nothing any more


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (
            ServerNotThere("Nobody answers at town:1337: Connection refused"),
            "Nobody answers at town:1337: Connection refused; start the server with: "
            "twistd -n flexicharge, or say with --ws where the server is",
        ),
        (
            ServerHung("town:1337 opened no WebSocket within 10 s"),
            "town:1337 opened no WebSocket within 10 s; see whether it is well, say "
            "with --ws where the server is, or wait longer (--within)",
        ),
    ],
)
def test_a_websocket_port_that_does_not_serve_is_said(
    theatre: Theatre, capsys: pytest.CaptureFixture[str], trouble: Any, said: str
) -> None:
    """In one line with the cure, before anybody signs up."""

    def fail() -> None:
        raise trouble

    theatre.knocked = fail
    assert theatre.pass_until(theatre.play(theatre.simulation()), 1) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"flexicharge simulate: {said}\n")


def test_too_few_chargers_are_said(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the cure, and exit status 1."""
    crowd = evolve(SHORT, fleets=(Fleet(count=12),))
    assert theatre.pass_until(theatre.play(theatre.simulation(crowd)), 1) == 1
    assert "wants 12 chargers and 9 are free" in capsys.readouterr().err


async def _charging(town: Town) -> list[str]:
    every = await town.stores.chargers.get_chargers()
    now = town.clock.seconds()
    return [c.serial_number for c in every if c.shown_at(now) == "Charging"]
