"""What is seen of a simulation while it runs."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from twisted.internet.task import Clock

from flexicharge.cli.simulate_screen import Screen, View
from flexicharge.simulator.paced import PacedClock
from flexicharge.simulator.tally import Tally


class Desk:
    """A screen, a simulation of two hours in two minutes, and what is seen."""

    def __init__(self, clock: Clock, *, terminal: bool, quiet: bool = False) -> None:
        self.clock, self.seen = clock, StringIO()
        console = Console(file=self.seen, force_terminal=terminal, width=120)
        self.screen = Screen(console=console, clock=clock, quiet=quiet)
        self.tally = Tally()
        self.view = View(
            title="calm-day, seed 42",
            tally=self.tally,
            clock=PacedClock(clock, 60.0, 0.0),
            lasts_s=7200.0,
            pace=60.0,
        )
        self.tally.now["connected"] = 9
        self.tally.total.update({"visits": 3, "bills": 2})
        self.tally.took("PUT start", 0.004)
        self.tally.mishaps["line lost"] = 1


def test_on_a_terminal_a_table_follows_it(clock: Clock) -> None:
    """Redrawn by the reactor, with a bar, and gone when it is over."""
    desk = Desk(clock, terminal=True)
    desk.screen.follow(desk.view)
    clock.advance(60)
    seen = desk.seen.getvalue()
    for words in (
        "calm-day, seed 42",
        "1 h of 2 h",
        "connected",
        "visits",
        "PUT start",
        "line lost",
        "━",
    ):
        assert words in seen
    desk.screen.leave()
    assert clock.getDelayedCalls() == []


def test_elsewhere_a_line_comes_every_ten_seconds(clock: Clock) -> None:
    """With what matters most."""
    desk = Desk(clock, terminal=False)
    desk.screen.follow(desk.view)
    clock.pump([10.0, 10.0])
    desk.screen.leave()
    clock.advance(10)
    figures = "9 connected, 3 visits, 2 bills, 1 mishaps"
    assert desk.seen.getvalue().splitlines() == [
        f"10 m: {figures}",
        f"20 m: {figures}",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_quiet_one_says_nothing(clock: Clock, terminal: bool) -> None:
    """Neither steps nor figures."""
    desk = Desk(clock, terminal=terminal, quiet=True)
    desk.screen.step("Simulating")
    desk.screen.follow(desk.view)
    clock.advance(60)
    desk.screen.leave()
    assert desk.seen.getvalue() == ""


def test_its_time_never_passes_the_end(clock: Clock) -> None:
    """The last guests may stay longer; the bar is full."""
    desk = Desk(clock, terminal=False)
    clock.advance(600)
    assert desk.view.passed_s == 7200.0


def test_a_screen_that_fails_ends_nothing(clock: Clock) -> None:
    """Nobody waits for it."""
    desk = Desk(clock, terminal=False)
    desk.seen.close()
    desk.screen.follow(desk.view)
    clock.advance(10)
    desk.screen.leave()
