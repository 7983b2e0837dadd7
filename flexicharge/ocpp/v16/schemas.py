"""The JSON schemas of the 39 actions, of requests and of confirmations.

They are those that the `ocpp` package ships; nothing else of that package is used.
Formats are checked: a time that is none is a violation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, Final

import jsonschema_rs
from attrs import field, frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.codes import ErrorCode

MAX_VIOLATIONS: Final = 2048  # of one payload; who has more is not worth mending
Path = tuple[str | int, ...]

CODE_OF_KEYWORD: Final = {
    "additionalProperties": ErrorCode.FORMATION_VIOLATION,
    "required": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "minItems": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
}
_GRAVEST_FIRST: Final = (
    ErrorCode.FORMATION_VIOLATION,
    ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
)


@frozen
class Violation:
    """One way in which a payload breaks its schema.

    `path` leads to the value, or to where a missing one belongs; `rule` is the part of
    the schema that rules there.
    """

    keyword: str
    path: Path
    rule: JsonObject

    @property
    def code(self) -> ErrorCode:
        """The error code that this fault is answered with."""
        return CODE_OF_KEYWORD.get(
            self.keyword, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
        )

    @property
    def where(self) -> str:
        """The path as people read it."""
        return ".".join(str(step) for step in self.path) or "the payload"


@frozen(eq=False)
class Schema:
    """What one payload has to look like."""

    document: JsonObject
    _validator: Any = field(init=False, repr=False)
    _of_items: dict[Path, Schema] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        validator = jsonschema_rs.validator_for(self.document, validate_formats=True)
        object.__setattr__(self, "_validator", validator)

    def allows(self, payload: JsonObject) -> bool:
        """Tell whether a payload fits; takes about a microsecond."""
        return bool(self._validator.is_valid(payload))

    def violations(self, payload: JsonObject) -> tuple[Violation, ...]:
        """Return what is wrong with a payload, at most `MAX_VIOLATIONS` of it."""
        return tuple(islice(self._violations(payload), MAX_VIOLATIONS))

    def rule_at(self, path: Path) -> JsonObject:
        """Return the part of the schema that rules at a place; {} if none does."""
        rule = self._resolved(self.document)
        for step in path:
            inner = rule.get("items" if isinstance(step, int) else "properties", {})
            rule = self._resolved(inner if isinstance(step, int) else inner.get(step))
        return rule

    def in_order(self, payload: JsonObject) -> JsonObject:
        """Return a payload with its keys in the schema's order, unknown ones last."""
        return self._ordered(payload, self.document)  # type: ignore[no-any-return]

    def _violations(self, value: Any, at: Path = ()) -> Iterator[Violation]:
        """Yield what is wrong with a value, first with all but the items of its lists.

        The validator looks for all faults before it tells the first: a megabyte of
        nothing else would take it seconds. So it is given little at a time.
        """
        outline = self._outline(value, self._resolved(self.document))
        for error in self._validator.iter_errors(outline):
            keyword, path = error.kind.name, tuple(error.instance_path)
            if keyword == "minItems" and _at(value, path):
                continue  # there are some, only not in the outline
            for name in _names(error.kind) or (None,):
                place = path if name is None else (*path, name)
                yield Violation(keyword, (*at, *place), self.rule_at(place))
        for path, items in self._lists(value, self._resolved(self.document)):
            schema = self._schema_of_items(path)
            for number, item in enumerate(items):
                if not schema.allows(item):
                    yield from schema._violations(item, (*at, *path, number))

    def _outline(self, value: Any, rule: JsonObject) -> Any:
        """Return a value with empty lists, and with no more unknown names than tell.

        What is an object and should be none is one without anything in it.
        """
        if isinstance(value, list):
            return []
        if not isinstance(value, dict):
            return value
        if "properties" not in rule:
            return {}
        rules = rule["properties"]
        known = {
            name: self._outline(inner, self._resolved(rules[name]))
            for name, inner in value.items()
            if name in rules
        }
        unknown = (name for name in value if name not in rules)
        return known | dict.fromkeys(islice(unknown, MAX_VIOLATIONS))

    def _lists(
        self, value: Any, rule: JsonObject, at: Path = ()
    ) -> Iterator[tuple[Path, list[Any]]]:
        """Yield the lists in a value that have a rule for their items."""
        if isinstance(value, list) and "items" in rule:
            yield at, value
        elif isinstance(value, dict):
            for name, inner in rule.get("properties", {}).items():
                if name in value:
                    yield from self._lists(
                        value[name], self._resolved(inner), (*at, name)
                    )

    def _schema_of_items(self, path: Path) -> Schema:
        if path not in self._of_items:
            shared = {
                name: self.document[name]
                for name in ("$schema", "definitions")
                if name in self.document
            }
            rule = self._resolved(self.rule_at(path)["items"])
            self._of_items[path] = Schema(shared | rule)
        return self._of_items[path]

    def _ordered(self, value: Any, rule: Any) -> Any:
        rule = self._resolved(rule)
        if isinstance(value, list):
            return [self._ordered(item, rule.get("items")) for item in value]
        if not isinstance(value, dict):
            return value
        rules = rule.get("properties", {})
        names = [name for name in rules if name in value]
        names += [name for name in value if name not in rules]
        return {name: self._ordered(value[name], rules.get(name)) for name in names}

    def _resolved(self, rule: Any) -> JsonObject:
        if not isinstance(rule, dict):
            return {}
        if isinstance(name := rule.get("$ref"), str):
            definitions: JsonObject = self.document["definitions"]
            return self._resolved(definitions[name.rpartition("/")[2]])
        return rule


def _at(value: Any, path: Iterable[Any]) -> Any:
    for step in path:
        value = value[step]
    return value


def _names(kind: Any) -> tuple[str, ...]:
    """Return the properties that a violation of a whole object is about."""
    if kind.name == "additionalProperties":
        return tuple(kind.unexpected)
    return (kind.property,) if kind.name == "required" else ()


def gravest(violations: tuple[Violation, ...]) -> Violation:
    """Return the violation that decides the error code of a refusal."""
    return min(violations, key=lambda v: (_GRAVEST_FIRST.index(v.code), v.where))


@frozen
class Schemas:
    """The schemas of every action's request and confirmation."""

    requests: dict[str, Schema]
    confirmations: dict[str, Schema]


@cache
def schemas() -> Schemas:
    """Return all schemas; the first call reads and compiles them, in some 20 ms."""
    return Schemas(
        requests={name: _read(name) for name in ACTIONS},
        confirmations={name: _read(f"{name}Response") for name in ACTIONS},
    )


def _read(name: str) -> Schema:
    place = files("ocpp") / "v16" / "schemas" / f"{name}.json"
    return Schema(json.loads(place.read_text("utf-8-sig")))
