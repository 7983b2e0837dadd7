"""The kinds of values that are one word or amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from flexicharge.simulator.scenario.complaints import nearest
from flexicharge.simulator.scenario.kinds import Misread, word
from flexicharge.simulator.scenario.measures import Measure, NotMeasured
from flexicharge.simulator.scenario.tree import Node

LONGEST_TEXT: Final = 300


@frozen
class Text:
    """Some words, on one line."""

    example: str
    expects: str = f"a text of at most {LONGEST_TEXT} characters, all printable"

    def read(self, node: Node) -> str:
        """Return the text without blanks around it."""
        text = word(node, "a text").strip()
        if len(text) > LONGEST_TEXT:
            raise Misread(node, f"which has {len(text)} characters")
        if not text.isprintable():
            raise Misread(node, "which does not print")
        return text

    def write(self, value: str) -> str:
        """Return the text in quotes, so that YAML sees nothing else in it."""
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"' if value else ""


@frozen
class Flag:
    """Yes or no."""

    expects: str = "yes or no"
    example: str = "yes"

    def read(self, node: Node) -> bool:
        """Return whether it is yes; YAML's `true` and `false` mean the same."""
        text = word(node, self.expects)
        if text not in ("yes", "true", "no", "false"):
            raise Misread(node, f"which is not {self.expects}")
        return text in ("yes", "true")

    def write(self, value: bool) -> str:
        """Return yes or no."""
        return "yes" if value else "no"


@frozen
class Quantity:
    """An amount within bounds, both included."""

    measure: Measure
    least: float
    most: float
    example: str
    whole: bool = False

    @property
    def expects(self) -> str:
        """What it is, and from where to where."""
        what = "a whole number" if self.whole else self.measure.what
        write = self.measure.write
        return f"{what} from {write(self.least)} to {write(self.most)}"

    def read(self, node: Node) -> float:
        """Return the amount in the measure's base unit; a whole one is an int."""
        try:
            amount = self.measure.read(word(node, self.measure.what))
        except NotMeasured as why:
            raise Misread(node, str(why)) from None
        if amount < self.least:
            raise Misread(node, f"which is less than {self.measure.write(self.least)}")
        if amount > self.most:
            raise Misread(node, f"which is more than {self.measure.write(self.most)}")
        if self.whole and amount != int(amount):
            raise Misread(node, "which is not a whole number")
        return int(amount) if self.whole else amount

    def write(self, value: float) -> str:
        """Return the amount with its unit."""
        return self.measure.write(value)


@frozen
class OneOf:
    """A word that stands for something; `called` sums up words that are many."""

    meanings: Mapping[str, Any]
    called: str = ""

    @property
    def expects(self) -> str:
        """All the words, or what they are called."""
        *words, last = self.meanings
        listed = f"{', '.join(words)} or {last}" if words else last
        return self.called or listed

    @property
    def example(self) -> str:
        """The first of them."""
        return next(iter(self.meanings))

    def read(self, node: Node) -> Any:
        """Return what the word means."""
        text = word(node, self.called or "one of the words")
        if text not in self.meanings:
            known = ", ".join(self.meanings)
            cure = f"{nearest(text, self.meanings)}Known are {known}"
            raise Misread(node, "which is unknown", cure)
        return self.meanings[text]

    def write(self, value: Any) -> str:
        """Return the first word that means it."""
        return next(word for word, means in self.meanings.items() if means == value)
