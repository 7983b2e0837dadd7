"""From a tree to a scenario, by the declaration."""

from __future__ import annotations

from typing import Any, Final

from attrs import define

from flexicharge.simulator.scenario.complaints import (
    Complaints,
    nearest,
    quoted,
)
from flexicharge.simulator.scenario.kinds import Kind, Misread, advice, shown
from flexicharge.simulator.scenario.sections import Key, Named, Section
from flexicharge.simulator.scenario.tree import Entry, Node, Refused, Table, Word

LONGEST_NAME: Final = 40
WRONG: Final = object()  # in place of a value that has been complained of


@define
class Reading:
    """Makes values of tables; what is wrong with them goes to the complaints.

    Only if the tables are `whole` is anything said about what they lack.
    """

    _complaints: Complaints
    _whole: bool

    def section(self, section: Section, table: Table, **given: Any) -> Any:
        """Return the section's value, or `WRONG`; `given` are further attributes."""
        self._refuse_unknown(section, table)
        values = {
            key.attribute: self._value(key, table.entries[key.name])
            for key in section.keys
            if key.name in table.entries
        }
        lacks = [
            key
            for key in section.keys
            if section.requires(key) and key.name not in table.entries
        ]
        for key in lacks if self._whole else ():
            what = f"{section.name} needs {key.name}"
            self._complaints.add(table.place, what, f"Add {section.needs}")
        if lacks or any(value is WRONG for value in values.values()):
            return WRONG
        return self._checked(section, table, section.of(**given, **values))

    def _checked(self, section: Section, table: Table, value: Any) -> Any:
        """Return a value whose parts go together, or `WRONG`."""
        unfit = list(section.checks(value)) if self._whole else []
        for found in unfit:
            entry = table.entries.get(found.key)
            place = entry.node.place if entry else table.place
            self._complaints.add(place, found.what, found.cure)
        return WRONG if unfit else value

    def _refuse_unknown(self, section: Section, table: Table) -> None:
        known = [key.name for key in section.keys]
        for name, entry in table.entries.items():
            if name not in known:
                what = f"{section.name} has no key {quoted(name)}"
                cure = f"{nearest(name, known)}Known here are {', '.join(known)}"
                self._complaints.add(entry.place, what, cure)

    def _value(self, key: Key, entry: Entry) -> Any:
        node = entry.node
        if isinstance(node, Refused):
            return WRONG
        match key.kind:
            case Section() as section:
                return self._table(section, key, node)
            case Named() as named:
                return self._named(named, key, node)
            case kind:
                return self._single(kind, key, node)

    def _single(self, kind: Kind, key: Key, node: Node) -> Any:
        try:
            return kind.read(node)
        except Misread as why:
            cure = why.cure or f"Write {advice(kind)}"
            self._misread(key.name, why.node, why.why, cure)
            return WRONG

    def _table(self, section: Section, key: Key, node: Node) -> Any:
        if isinstance(node, Table):
            return self.section(section, node)
        known = ", ".join(key.name for key in section.keys)
        cure = f"Indent under it what you need of {known}"
        self._misread(key.name, node, "which is not a table of keys", cure)
        return WRONG

    def _named(self, named: Named, key: Key, node: Node) -> Any:
        """Return the values of sections under names; none of them is `WRONG`."""
        if not isinstance(node, Table) or not node.entries:
            cure = f"Indent a name of yours under it, and under that {named.of.needs}"
            self._misread(key.name, node, "which is not a table of names", cure)
            return WRONG
        if len(node.entries) > named.most:
            what = f"{key.name} has {len(node.entries)} names"
            self._complaints.add(node.place, what, f"Write at most {named.most}")
            return WRONG
        read = [self._member(named.of, *item) for item in node.entries.items()]
        return WRONG if WRONG in read else tuple(read)

    def _member(self, section: Section, name: str, entry: Entry) -> Any:
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            what = f"{quoted(name)} is no name for {section.name}"
            cure = f"Write one of at most {LONGEST_NAME} characters, all printable"
            self._complaints.add(entry.place, what, cure)
        return self._value(Key(quoted(name), "", section, ""), entry)

    def _misread(self, name: str, node: Node, why: str, cure: str) -> None:
        """Complain of a value, unless that has been done."""
        if isinstance(node, Refused):
            return
        missing = isinstance(node, Word) and not node.text
        what = f"{name} has no value" if missing else f"{name} is {shown(node)}, {why}"
        self._complaints.add(node.place, what, cure)
