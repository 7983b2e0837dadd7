"""Requests declared once: reading and schema say the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from flexicharge.errors import Invalid, ParameterInvalid
from flexicharge.rest.charge_point_fields import NewSite, SiteChange
from flexicharge.rest.charger_fields import NewCharger, WantedStatus
from flexicharge.rest.declared.asked import (
    body_schema,
    may_be_a_form,
    needs_a_body,
    parameters,
    read_as,
    sent,
)
from flexicharge.rest.declared.fields import (
    any_text,
    ignored,
    one_of,
    optional,
    text,
    whole,
)
from flexicharge.rest.transaction_fields import Authorised, Wanted


@frozen(kw_only=True)
class Order:
    """Something that somebody orders."""

    number: int = sent(whole(1, 9, "invalidNumber", example=3), "number", "no")
    colour: str = sent(one_of(("RED", "BLUE"), "invalidColour"), "colour")
    note: str | None = sent(any_text(5), "note")
    size: int = sent(optional(whole(1, 3, "invalidSize", example=2), 2), "size")
    seen: None = sent(ignored({"type": "boolean"}), "seen")


@frozen(kw_only=True)
class Named:
    """Somebody's name."""

    name: str = sent(text(10, example="Ida"), "name")
    town: str | None = sent(any_text(), "town")


def test_fields_are_read_by_their_rules() -> None:
    """What may be left out has its default, what nobody reads is dropped."""
    order = read_as(Order, {"number": 4.0, "colour": "red", "seen": True, "x": 1})
    assert order == Order(number=4, colour="RED", note=None, size=2, seen=None)
    assert type(order.number) is int


def test_all_that_is_wrong_is_told_in_order() -> None:
    """One code for each field, in the order they are declared."""
    with pytest.raises(Invalid) as why:
        read_as(Order, {"number": 10, "size": True})
    assert why.value.codes == ("invalidNumber", "invalidColour", "invalidSize")


@pytest.mark.parametrize(
    ("given_fields", "number"),
    [({"no": 7}, 7), ({"number": None, "no": 7}, 7), ({"number": 6, "no": 7}, 6)],
)
def test_older_spellings_are_read(given_fields: dict[str, Any], number: int) -> None:
    """The first that says something counts."""
    assert read_as(Order, {"colour": "RED", **given_fields}).number == number


def test_a_spelling_that_does_not_count_must_be_sound() -> None:
    """Nobody can tell which one was meant."""
    with pytest.raises(Invalid):
        read_as(Order, {"colour": "RED", "number": 6, "no": "x"})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": 3},
        {"name": "x" * 11},
        {"name": "a", "town": 1},
        {"name": "a", "town": "x" * 3000},
    ],
)
def test_an_identity_provider_names_the_parameter(wrong: dict[str, Any]) -> None:
    """The first fault ends the reading; the value is not repeated."""
    with pytest.raises(ParameterInvalid, match=r"name|town"):
        read_as(Named, wrong)


def test_a_form_needs_nothing_but_text() -> None:
    """Numbers and lists cannot be said in one; what has a word for it can."""
    assert may_be_a_form(Named)
    assert may_be_a_form(Wanted)
    assert not may_be_a_form(Order)
    assert not may_be_a_form(NewCharger)


def test_a_forms_schema_has_the_words_alone() -> None:
    """The numbers of old for a status cannot be told from text there."""
    said = body_schema(WantedStatus, form=True)["properties"]["status"]
    assert "Available" in said["enum"]
    assert all(isinstance(word, str) for word in said["enum"])
    charger = body_schema(Wanted, form=True)["properties"]["connectorID"]
    assert charger["type"] == "string"
    assert read_as(Wanted, {"connectorID": "100007"}).connector_id == 100007


def test_a_body_is_asked_for_if_anything_must_be_there() -> None:
    """AND starts a charge without one."""
    assert needs_a_body(Wanted)
    assert not needs_a_body(Authorised)


def test_a_query_has_a_parameter_for_each_name() -> None:
    """None of them is ever null there."""
    told = {one["name"]: one for one in parameters(Order)}
    assert list(told) == ["number", "no", "colour", "note", "size", "seen"]
    assert told["note"]["schema"] == {"type": "string", "maxLength": 5}
    assert told["colour"]["required"]
    assert not told["number"]["required"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 12)
    | st.integers(99_990, 1_000_010)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["RED", "blue", "Available", "klarna", "KLARNA", "100007"])
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
KINDS = [Order, Named, NewCharger, WantedStatus, NewSite, SiteChange, Wanted]
KINDS += [Authorised]


@cache
def _validator(kind: type[Any]) -> Any:
    return jsonschema_rs.Draft202012Validator(body_schema(kind))


@cache
def _objects(kind: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = list(body_schema(kind)["properties"])
    return st.dictionaries(st.sampled_from(names), VALUES)


@settings(max_examples=200)
@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: st.tuples(st.just(kind), _objects(kind))
    )
)
def test_what_the_schema_allows_is_what_is_read(
    kind_and_fields: tuple[type[Any], dict[str, Any]],
) -> None:
    """And nothing else: for any object at all, both have the same opinion."""
    kind, fields = kind_and_fields
    allowed = _validator(kind).is_valid(fields)
    try:
        read_as(kind, fields)
    except (Invalid, ParameterInvalid):
        assert not allowed, (kind, fields)
    else:
        assert allowed, (kind, fields)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_example_is_sound(kind: type[Any]) -> None:
    """What Swagger UI proposes can be sent as it stands."""
    schema = body_schema(kind)
    for example in schema.get("examples", ()):
        assert jsonschema_rs.Draft202012Validator(schema).is_valid(example)
        read_as(kind, example)
