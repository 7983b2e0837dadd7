"""How a key's value is written, and what it becomes: one kind for each sort."""

from __future__ import annotations

from typing import Any, Final, Protocol

from flexicharge.simulator.scenario.complaints import quoted
from flexicharge.simulator.scenario.tree import Node, Row, Word


class Misread(Exception):
    """A value cannot be; `why` follows a comma, a `cure` stands for the usual one."""

    def __init__(self, node: Node, why: str, cure: str = "") -> None:
        super().__init__(why)
        self.node: Final = node
        self.why: Final = why
        self.cure: Final = cure


class Kind(Protocol):
    """One sort of value."""

    @property
    def expects(self) -> str:
        """What to write, in words, with its limits."""

    @property
    def example(self) -> str:
        """One such value."""

    def read(self, node: Node) -> Any:
        """Return the value; raise `Misread`."""

    def write(self, value: Any) -> str:
        """Return a value as it is written."""


def advice(kind: Kind) -> str:
    """Return what to write, with an example unless all that is possible is said."""
    if kind.example in kind.expects:
        return kind.expects
    return f"{kind.expects}, such as `{kind.example}`"


def shown(node: Node) -> str:
    """Return a value for a complaint about it."""
    match node:
        case Word():
            return quoted(node.text)
        case Row():
            return "a list"
    return "a table"


def word(node: Node, what: str) -> str:
    """Return the text of a single value; raise `Misread` if it is not one."""
    if not isinstance(node, Word) or not node.text:
        raise Misread(node, f"which is not {what}")
    return node.text
