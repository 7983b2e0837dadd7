"""Requests as values: an attrs class with a rule for each field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from attrs import Attribute, field, fields, frozen

from flexicharge.errors import Invalid
from flexicharge.rest.declared.fields import Rule, Schema

A = TypeVar("A")

KEY: Final = "flexicharge.sent"


@frozen
class Sent:
    """Where a field comes from: its rule, and the names it may go by."""

    rule: Rule
    names: tuple[str, ...]


def sent(rule: Rule, *names: str) -> Any:
    """Declare a field by its rule and its name; more names are older spellings."""
    return field(metadata={KEY: Sent(rule, names)})


@frozen
class Nothing:
    """A request that has nothing to say besides its path."""


def read_as(kind: type[A], given: Mapping[str, object]) -> A:
    """Return a request's fields as a value.

    Of several spellings the first that is there counts, null being nothing; the others,
    where they are there, must be sound too. Raise `Invalid` with the codes of all
    broken rules in the order of the fields, or what else a rule raises.
    """
    values: dict[str, Any] = {}
    codes: list[str] = []
    for attribute, its in _sent_fields(kind):
        try:
            values[attribute.alias or attribute.name] = _value(its, given)
        except Invalid as why:
            codes += why.codes
    if codes:
        raise Invalid(*codes)
    return kind(**values)


def body_schema(kind: type[Any], *, form: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a body that is read as this kind.

    In a form nothing is null.
    """
    properties: dict[str, Schema] = {}
    demands: list[dict[str, Any]] = []
    example: dict[str, object] = {}
    for _, its in _sent_fields(kind):
        schema_of_it = (_as_text(its.rule.schema) or {}) if form else _schema_of(its)
        properties.update(dict.fromkeys(its.names, schema_of_it))
        if its.rule.is_required:
            demands.append(_demand(its.names))
        if its.rule.example is not None:
            example[its.names[0]] = its.rule.example
    schema: dict[str, Any] = {
        "type": "object",
        "title": kind.__name__,
        "properties": properties,
    }
    plain = [one for demand in demands for one in demand.get("required", ())]
    if plain:
        schema["required"] = plain
    either = [demand for demand in demands if "required" not in demand]
    if either:
        schema["allOf"] = either
    if example:
        schema["examples"] = [example]
    return schema


def parameters(kind: type[Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a query that is read as this kind, as OpenAPI has it."""
    for _, its in _sent_fields(kind):
        for name in its.names:
            yield {
                "name": name,
                "in": "query",
                "required": its.rule.is_required and len(its.names) == 1,
                "schema": _without_null(its.rule.schema),
            }


def needs_a_body(kind: type[Any]) -> bool:
    """Tell whether a request without a body is refused."""
    return any(its.rule.is_required for _, its in _sent_fields(kind))


def may_be_a_form(kind: type[Any]) -> bool:
    """Tell whether every field can be said in a form, where all there is is text."""
    schemas = [_as_text(its.rule.schema) for _, its in _sent_fields(kind)]
    return bool(schemas) and None not in schemas


def _sent_fields(kind: type[Any]) -> Iterator[tuple[Attribute[Any], Sent]]:
    for attribute in fields(kind):
        if KEY in attribute.metadata:
            yield attribute, attribute.metadata[KEY]


def _value(its: Sent, given: Mapping[str, object]) -> Any:
    if not its.rule.is_required and not any(name in given for name in its.names):
        return its.rule.absent
    there = [name for name in its.names if given.get(name) is not None]
    there = there or [its.names[0]]
    first, *_ = [its.rule.read(given.get(name), name) for name in there]
    return first


def _demand(names: tuple[str, ...]) -> dict[str, Any]:
    if len(names) == 1:
        return {"required": list(names)}
    said = {"not": {"type": "null"}}
    return {
        "anyOf": [{"required": [name], "properties": {name: said}} for name in names]
    }


def _schema_of(its: Sent) -> Schema:
    """Return the schema of a field; one that has other spellings may be null."""
    if len(its.names) == 1 or not its.rule.is_required:
        return its.rule.schema
    return {"anyOf": [its.rule.schema, {"type": "null"}]}


def _without_null(schema: Schema) -> Schema:
    """Return the schema of a value that is there: text in a query is never null."""
    choices = schema.get("anyOf", ())
    if len(choices) == 2 and choices[1] == {"type": "null"}:
        only: Schema = choices[0]
        return only
    return schema


def _as_text(schema: Schema) -> Schema | None:
    """Return the schema of what is said as text; None for what can not be.

    What nobody reads can be anything, so text too.
    """
    if not schema or schema.get("type") == "string":
        return schema
    if "enum" in schema:
        return {"enum": [word for word in schema["enum"] if isinstance(word, str)]}
    ways = [_as_text(one) for one in schema.get("anyOf", ())]
    return next((way for way in ways if way is not None), None)
