"""The kinds of values that are ranges, lists, or perhaps nothing."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.simulator.scenario.kinds import Kind, Misread
from flexicharge.simulator.scenario.single import Quantity
from flexicharge.simulator.scenario.tree import Node, Row, Word
from flexicharge.simulator.scenario.values import Span

NEVER: Final = "never"


@frozen
class Spread:
    """A range of an amount; one amount is a range too, unless it is `always_two`."""

    of: Quantity
    example: str
    always_two: bool = False

    @property
    def expects(self) -> str:
        """What its ends may be."""
        if self.always_two:
            return f"[from, to], {self.of.expects}"
        return f"{self.of.expects}, or a range [lowest, highest] of them"

    def read(self, node: Node) -> Span:
        """Return the range."""
        if not isinstance(node, Row):
            amount = self.of.read(node)
            if self.always_two:
                raise Misread(node, "which is not two of them")
            return Span(amount, amount)
        if len(node.items) != 2:
            raise Misread(node, f"which has {len(node.items)} ends, and not two")
        low, high = map(self.of.read, node.items)
        if low > high:
            upwards = self.write(Span(high, low))
            raise Misread(node, "which goes downwards", f"Write {upwards}")
        return Span(low, high)

    def write(self, value: Span) -> str:
        """Return one amount, or two in brackets."""
        low, high = self.of.write(value.low), self.of.write(value.high)
        if value.low == value.high and not self.always_two:
            return low
        return f"[{low}, {high}]"


@frozen
class OrNever:
    """A value, or the word `never`, which means `never` to Python."""

    of: Quantity | Spread
    never: float | None

    @property
    def expects(self) -> str:
        """What else there is."""
        return f"{NEVER}, or {self.of.expects}"

    @property
    def example(self) -> str:
        """One that is not never."""
        return self.of.example

    def read(self, node: Node) -> Any:
        """Return the value."""
        if isinstance(node, Word) and node.text == NEVER:
            return self.never
        return self.of.read(node)

    def write(self, value: Any) -> str:
        """Return the value or `never`."""
        return NEVER if value == self.never else self.of.write(value)


@frozen
class Several:
    """A list, of which no two items may be alike if they are `distinct`."""

    of: Kind
    least: int
    most: int
    example: str
    distinct: bool = False

    @property
    def expects(self) -> str:
        """How many there may be, and of what."""
        many = f"at most {self.most}" if self.least < self.most else str(self.most)
        return f"a list [ … ] of {many}, each {self.of.expects}"

    def read(self, node: Node) -> tuple[Any, ...]:
        """Return the items."""
        if not isinstance(node, Row):
            raise Misread(node, "which is not a list")
        if not self.least <= len(node.items) <= self.most:
            raise Misread(node, f"which is {len(node.items)} long")
        items = tuple(self.of.read(item) for item in node.items)
        for number, item in enumerate(items):
            if self.distinct and item in items[:number]:
                raise Misread(
                    node.items[number], "which is here twice", "Write it once"
                )
        return items

    def write(self, value: tuple[Any, ...]) -> str:
        """Return the items in brackets."""
        return f"[{', '.join(self.of.write(item) for item in value)}]"
