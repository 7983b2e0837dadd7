"""What is wrong with a scenario file, told all at once, each thing with its cure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from attrs import define, field, frozen

from flexicharge.simulator.errors import SimulatorError

SHOWN: Final = 40  # characters of somebody's text that a complaint repeats


@frozen
class Place:
    """Where in a file: lines and columns count from 1, and 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        file = printable(self.file)
        return f"{file}:{self.line}:{self.column}" if self.line else file


@frozen
class Complaint:
    """One thing that is wrong, and how to mend it; both without a full stop."""

    place: Place
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}. {self.cure}."


class ScenarioWrong(SimulatorError):
    """A scenario cannot be played; the message is one line for each complaint."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints: Final = tuple(complaints)
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))


@define
class Complaints:
    """Those that have come up so far, about one file or several."""

    _made: list[Complaint] = field(factory=list)
    _files: list[str] = field(factory=list)

    def begin(self, file: str) -> None:
        """Let complaints about a file come after those about the files before it."""
        if file not in self._files:
            self._files.append(file)

    def add(self, place: Place, what: str, cure: str) -> None:
        """Note one more."""
        self.begin(place.file)
        self._made.append(Complaint(place, what, cure))

    def raise_any(self) -> None:
        """Raise `ScenarioWrong` if there are any, file by file and from the top."""
        if self._made:
            raise ScenarioWrong(sorted(self._made, key=self._position))

    def _position(self, made: Complaint) -> tuple[int, int, int]:
        place = made.place
        return self._files.index(place.file), place.line, place.column


def printable(text: str) -> str:
    """Return text that stays on its line: what does not print is escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def quoted(text: str) -> str:
    """Return somebody's text in quotes, cut if it is long."""
    cut = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return f"'{printable(cut)}'"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a question after the known word that is like this one, or nothing."""
    like = get_close_matches(word[:SHOWN], list(known), n=1)
    return f"Did you mean {like[0]}? " if like else ""
