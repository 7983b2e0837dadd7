"""What a virtual charger of any language is, to whoever installs or visits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flexicharge.simulator.car import Car
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.outgoing import Line
from flexicharge.simulator.screen import Screen
from flexicharge.simulator.truth import Charge


class Stand(Protocol):
    """A place where one car charges, as its driver finds it."""

    @property
    def screen(self) -> Screen:
        """What the display shows there."""

    @property
    def connector_id(self) -> int | None:
        """The public number that stands there, if it is known."""

    @property
    def charges(self) -> list[Charge]:
        """What really happened there, oldest first."""

    @property
    def reads_tags(self) -> bool:
        """True if a driver can begin and end with a tag."""

    async def until_ready(self, within_s: float) -> None:
        """Wait until a driver can begin; raise `ServerHung` when it takes longer."""

    def show_tag(self, tag: str) -> None:
        """Hold a tag to the reader, where there is one."""

    def plug_in(self, car: Car) -> None:
        """Put the cable into a car."""

    def unplug(self) -> None:
        """Pull the cable."""


class Machine(Protocol):
    """A charger of some language: its line, its power, and its cables.

    This is where the languages meet: everything below it speaks one of them, and
    nothing above it knows which.
    """

    serial_number: str
    oddities: tuple[str, ...]

    @property
    def screen(self) -> Screen:
        """What the display shows."""

    @property
    def has_given_up(self) -> bool:
        """True once it will not connect again of itself."""

    @property
    def number(self) -> int | None:
        """The public number of its first connector, once the server has taken it in."""

    @property
    def charges(self) -> list[Charge]:
        """What really happened here, oldest first."""

    @property
    def is_ready(self) -> bool:
        """True while a driver can begin."""

    @property
    def outlets(self) -> Sequence[Stand]:
        """Its connectors, where they are told apart; none if it has but one cable."""

    async def until_ready(self, within_s: float) -> None:
        """Wait until a driver can begin; raise `ServerHung`."""

    def connected(self, line: Line) -> None:
        """A line has just opened."""

    def heard(self, text: bytes) -> None:
        """Take one text frame."""

    def disconnected(self, why: SimulatorError, line: Line | None = None) -> None:
        """A line is gone, or could not be had."""

    def plug_in(self, car: Car) -> None:
        """Put the cable into a car."""

    def unplug(self) -> None:
        """Pull the cable."""

    def switch_off(self) -> None:
        """Close the line, and say nothing more."""

    def cut_power(self) -> None:
        """Stand without power; the line is gone without a word."""

    def power_up(self) -> None:
        """Start up; a line can be opened again."""
