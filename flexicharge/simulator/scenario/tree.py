"""A scenario file's text as words, rows and tables, each of which knows its place."""

from __future__ import annotations

from attrs import field, frozen

from flexicharge.simulator.scenario.complaints import Place


@frozen
class Word:
    """A single value, as it was written."""

    place: Place
    text: str


@frozen
class Row:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@frozen
class Entry:
    """A key's value, and where the key stands."""

    place: Place
    node: Node

    def over(self, below: Entry) -> Entry:
        """Return this entry, laid over that of a parent if both hold tables."""
        if isinstance(self.node, Table) and isinstance(below.node, Table):
            return Entry(self.place, self.node.over(below.node))
        return self


@frozen
class Table:
    """Keys and their values, in the order of the file."""

    place: Place
    entries: dict[str, Entry] = field(factory=dict)

    def over(self, parent: Table) -> Table:
        """Return what `parent` says where this says nothing, key by key."""
        merged = dict(parent.entries)
        for key, entry in self.entries.items():
            below = parent.entries.get(key)
            merged[key] = entry.over(below) if below else entry
        return Table(self.place, merged)


@frozen
class Refused:
    """A value that has been complained of already."""

    place: Place


Node = Word | Row | Table | Refused
