"""Answers as values: what every response's body is declared with."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

# Integers that every client's parser takes: JavaScript's, Gson's Long, Dart's int.
Whole = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Shape(msgspec.Struct):
    """A JSON object that we answer with; its attributes are the keys on the wire."""


COMPONENTS: Final = "#/components/schemas/{name}"


@lru_cache(maxsize=4)
def schemas_of(
    shapes: tuple[Any, ...],
) -> tuple[tuple[dict[str, Any], ...], dict[str, dict[str, Any]]]:
    """Return the JSON Schemas of some shapes, and those that they refer to.

    They are made once, and not to be changed.
    """
    schemas, components = msgspec.json.schema_components(
        shapes, ref_template=COMPONENTS
    )
    return schemas, components
