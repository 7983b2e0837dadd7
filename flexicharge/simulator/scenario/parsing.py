"""From YAML to a tree, or to everything about it that is not as it should be."""

from __future__ import annotations

from typing import Any, Final

import yaml
from attrs import define, field
from yaml.reader import ReaderError

from flexicharge.simulator.scenario.complaints import (
    Complaints,
    Place,
    printable,
    quoted,
)
from flexicharge.simulator.scenario.tree import Entry, Node, Refused, Row, Table, Word

DEEPEST: Final = 8  # levels; a scenario has five
MOST_NODES: Final = 10_000  # values; a hundred fleets have fewer
USUAL_CURE: Final = "Write lines of `key: value`, and odd texts in quotes"
CURES: Final = (
    ("found character '\\t'", "Use spaces in place of tabs"),
    ("cannot start any token", "Put the text into quotes"),
    ("mapping values are not allowed", "Put a text that has a colon into quotes"),
    ("could not find expected ':'", "Put a colon and a space behind the key"),
    ("expected <block end>", "Indent the keys that belong together alike"),
    ("expected ',' or ']'", "Close the list with ]"),
    ("expected ',' or '}'", "Close the table with }"),
    ("found unexpected end of stream", "Close the quotes"),
)


class _TooMuch(yaml.MarkedYAMLError):
    """A file that only looks like a scenario."""


def tree_of(text: str, file: str, complaints: Complaints) -> Table | None:
    """Return the table of a file's text; None, and a complaint, if there is none."""
    try:
        root = _Parsing(file, complaints, yaml.SafeLoader(text)).document()
    except ReaderError as why:
        before = text[: why.position]
        place = Place(file, before.count("\n") + 1, why.position - before.rfind("\n"))
        found = f"a character that no text has, {chr(int(why.character))!a}"
        complaints.add(place, found, "Take it out")
        return None
    return _table_in(root, complaints)


def _table_in(root: Node, complaints: Complaints) -> Table | None:
    match root:
        case Table():
            return root
        case Word(text=""):
            complaints.add(root.place, "the file is empty", "Describe `fleets` in it")
        case Word() | Row():
            what = "this is not a table of keys and values"
            complaints.add(root.place, what, "Begin with a line such as `lasts: 1 d`")
    return None


@define
class _Parsing:
    """One document, read event by event; what PyYAML makes of it is checked here."""

    _file: str
    _complaints: Complaints
    _events: yaml.SafeLoader
    _nodes: int = field(default=0, init=False)

    def document(self) -> Node:
        """Return the file's only document; `Refused` if it is not YAML at all."""
        try:
            return self._only_document()
        except yaml.MarkedYAMLError as why:
            self._complain(why.problem_mark or why.context_mark, *_sense_of(why))
        except (ValueError, OverflowError):  # PyYAML lets slip these of `int`, `chr`
            self._complain(self._events.get_mark(), "this is not YAML", USUAL_CURE)
        return Refused(Place(self._file))

    def _only_document(self) -> Node:
        events = self._events
        events.get_event()  # the stream starts
        if events.check_event(yaml.StreamEndEvent):
            return Word(Place(self._file, 1, 1), "")
        events.get_event()  # the document starts
        root = self._node(0)
        events.get_event()  # the document ends
        if not events.check_event(yaml.StreamEndEvent):
            self._complain(
                events.peek_event().start_mark,
                "a second document begins here",
                "Keep one scenario to a file, and take the line `---` out",
            )
        return root

    def _node(self, depth: int) -> Node:
        event = self._events.get_event()
        mark, self._nodes = event.start_mark, self._nodes + 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            raise _TooMuch(problem="too much is nested here", problem_mark=mark)
        place = self._place(mark)
        match event:
            case yaml.ScalarEvent():
                node: Node = Word(place, event.value)
            case yaml.SequenceStartEvent():
                node = Row(place, self._items(depth))
            case yaml.MappingStartEvent():
                node = Table(place, self._entries(depth))
            case _:
                self._complain(mark, *_no_alias(f"*{event.anchor}"))
                return Refused(place)
        return node if self._is_plain(event) else Refused(place)

    def _is_plain(self, event: Any) -> bool:
        """Tell whether a value has neither a tag nor an anchor; complain if it has."""
        if event.anchor is not None:
            self._complain(event.start_mark, *_no_alias(f"&{event.anchor}"))
        if event.tag is not None:
            what = f"{quoted(event.tag)} is a tag, and a scenario has none"
            self._complain(event.start_mark, what, "Take it out")
        return event.tag is None

    def _items(self, depth: int) -> tuple[Node, ...]:
        items = []
        while not self._events.check_event(yaml.SequenceEndEvent):
            items.append(self._node(depth + 1))
        self._events.get_event()
        return tuple(items)

    def _entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not self._events.check_event(yaml.MappingEndEvent):
            key, value = self._node(depth + 1), self._node(depth + 1)
            if isinstance(key, (Row, Table)):
                self._add(key.place, "a key is one word", "Write `key: value`")
            elif isinstance(key, Word) and key.text in entries:
                line = entries[key.text].place.line
                what = f"{quoted(key.text)} is here for the second time"
                self._add(key.place, what, f"Keep this one or that of line {line}")
            elif isinstance(key, Word):
                entries[key.text] = Entry(key.place, value)
        self._events.get_event()
        return entries

    def _complain(self, mark: Any, what: str, cure: str) -> None:
        self._add(self._place(mark), what, cure)

    def _add(self, place: Place, what: str, cure: str) -> None:
        self._complaints.add(place, what, cure)

    def _place(self, mark: Any) -> Place:
        return Place(self._file, mark.line + 1, mark.column + 1)


def _sense_of(why: yaml.MarkedYAMLError) -> tuple[str, str]:
    """Return what is wrong according to PyYAML, and the cure."""
    problem = printable(why.problem or why.context or "")
    if isinstance(why, _TooMuch):
        return problem, f"A scenario has at most {DEEPEST} levels, {MOST_NODES} values"
    for beginning, cure in CURES:
        if beginning in problem:
            return f"this is not YAML: {problem}", cure
    return f"this is not YAML: {problem}", USUAL_CURE


def _no_alias(shown: str) -> tuple[str, str]:
    """Return why `&name` and `*name` are refused, and what there is instead."""
    what = f"{quoted(shown)} is an anchor or an alias, and a scenario has none"
    return what, "Write the value itself, or put it into a parent file for `extends`"
