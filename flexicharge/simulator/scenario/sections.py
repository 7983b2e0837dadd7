"""What a declaration is made of: keys, and sections of keys that make one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import NOTHING, fields_dict, frozen

from flexicharge.simulator.scenario.kinds import Kind


@frozen
class Key:
    """A key, the attribute that it sets, and what it means.

    The default is that of the attribute; `otherwise` says it in words where that is
    easier to read.
    """

    name: str
    attribute: str
    kind: Kind | Section | Named
    means: str
    otherwise: str = ""


@frozen
class Unfit:
    """Values that do not go together: at which key, why, and the cure."""

    key: str
    what: str
    cure: str


def _all_fits(value: Any) -> Iterator[Unfit]:
    yield from ()


@frozen(kw_only=True)
class Section:
    """Keys that make a value of a class.

    `needs` is how to write the one that must be there, if any must. `checks` finds what
    does not go together.
    """

    name: str
    of: type[Any]
    keys: tuple[Key, ...]
    needs: str = ""
    checks: Callable[[Any], Iterable[Unfit]] = _all_fits

    def default_of(self, key: Key) -> Any:
        """Return what is used where a key is not written; `NOTHING` if it must be."""
        return fields_dict(self.of)[key.attribute].default

    def requires(self, key: Key) -> bool:
        """Tell whether a key must be written."""
        return bool(key.attribute) and self.default_of(key) is NOTHING


@frozen
class Named:
    """Sections, each under a name of the author's own."""

    of: Section
    most: int
