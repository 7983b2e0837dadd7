"""A file and all that it extends, laid over each other."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import define, field

from flexicharge.simulator.scenario.complaints import (
    Complaints,
    Place,
    printable,
    quoted,
)
from flexicharge.simulator.scenario.parsing import tree_of
from flexicharge.simulator.scenario.sources import Source, Unusable, source_of
from flexicharge.simulator.scenario.tree import Entry, Refused, Table, Word

EXTENDS: Final = "extends"
MOST_GENERATIONS: Final = 16
CURE: Final = "Write one name or path, such as `extends: rush-hour`"


@define
class Lineage:
    """A file's ancestors, from the file itself upwards.

    It is not `whole` if one of them could not be had: nothing can be said then of what
    is missing.
    """

    _complaints: Complaints
    whole: bool = field(default=True, init=False)
    _sources: list[Source] = field(factory=list, init=False)
    _asked: list[Word] = field(factory=list, init=False)
    _extends: Entry | None = field(default=None, init=False)

    def merged(self, spelled: str | Path) -> Table:
        """Return what the file says, and where it says nothing what it extends says."""
        table = self._first(spelled)
        merged = table or Table(Place(str(spelled)))
        while table is not None:
            table = self._parent()
            merged = merged.over(table) if table else merged
        return merged

    def _first(self, spelled: str | Path) -> Table | None:
        try:
            source = source_of(spelled)
            return self._read(source, source.text())
        except Unusable as why:
            return self._broken(Place(str(spelled)), f"this {why.what}", why.cure)

    def _parent(self) -> Table | None:
        """Return the table of the file that the last one extends, if any."""
        if self._extends is None:
            return None
        asked = self._extends.node
        if isinstance(asked, Refused):
            self.whole = False
            return None
        if not isinstance(asked, Word) or not asked.text:
            return self._broken(asked.place, "extends is not one name or path", CURE)
        self._asked.append(asked)
        try:
            return self._descended(source_of(asked.text, beside=self._sources[-1]))
        except Unusable as why:
            what = f"{quoted(asked.text)} {why.what}"
            return self._broken(asked.place, what, why.cure)

    def _descended(self, source: Source) -> Table | None:
        text, place = source.text(), self._asked[-1].place
        if source.identity in [known.identity for known in self._sources]:
            what = f"extends goes round in a circle: {self._chain(source)}"
            return self._broken(place, what, "Take one `extends` of these out")
        if len(self._sources) == MOST_GENERATIONS:
            what = f"over {MOST_GENERATIONS} files extend each other"
            return self._broken(place, what, "Put some of them together")
        return self._read(source, text)

    def _chain(self, last: Source) -> str:
        """Return the files and the lines by which one leads to the next."""
        places = [asked.place for asked in self._asked]
        links = [f"{printable(place.file)}:{place.line}" for place in places]
        return " → ".join((*links, printable(last.shown)))

    def _read(self, source: Source, text: str) -> Table | None:
        self._sources.append(source)
        self._complaints.begin(source.shown)
        table = tree_of(text, source.shown, self._complaints)
        self.whole = self.whole and table is not None
        self._extends = table.entries.pop(EXTENDS, None) if table else None
        return table

    def _broken(self, place: Place, what: str, cure: str) -> Table | None:
        """Complain, and return that there is no table."""
        self.whole = False
        self._complaints.add(place, what, cure)
        return None
