"""What a rule is, whom it is for, and what it leaves on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.schemas import Path, Violation


@frozen(kw_only=True)
class Make:
    """Whose charger it is, by the words of its last boot; '' in a rule is any."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""

    def covers(self, other: Make) -> bool:
        """Tell whether another's words begin with ours, in any letter case."""
        return (
            _begins(other.vendor, self.vendor)
            and _begins(other.model, self.model)
            and _begins(other.firmware, self.firmware)
        )


UNKNOWN_MAKE: Final = Make()
ANYBODY: Final = (Make(),)
ANY_KEYWORD: Final = ""


def _begins(text: str, beginning: str) -> bool:
    return text.casefold().startswith(beginning.casefold())


@frozen(kw_only=True)
class Quirk:
    """One oddity that we live with: what it is, and where it was seen.

    `source` cites the field notes or the issue behind them; `seen_with` names the only
    chargers that the rule is for.
    """

    quirk_id: str
    about: str
    source: str
    seen_with: tuple[Make, ...] = ANYBODY

    def is_for(self, make: Make) -> bool:
        """Tell whether the rule is for a charger of this make."""
        return any(seen.covers(make) for seen in self.seen_with)


@frozen(kw_only=True)
class TextQuirk(Quirk):
    """A text that is no JSON; `mend` returns what it should have been."""

    mend: Callable[[bytes], bytes]


@frozen(kw_only=True)
class EnvelopeQuirk(Quirk):
    """A frame that is JSON, but a little off; the reading of frames knows how."""


@frozen(kw_only=True)
class Habit(Quirk):
    """What a make means by a payload that is correct in itself.

    `mend` changes a payload of one of `actions` in place, and tells of each change as
    (where, raw, repaired). `shows` tells cheaply whether there may be any.
    """

    actions: frozenset[str]
    mend: Callable[[JsonObject], Iterator[tuple[str, Any, Any]]]
    shows: Callable[[JsonObject], bool] = lambda payload: True


@frozen
class Fault:
    """A violation at its place in a payload that may be changed."""

    action: str
    violation: Violation
    parent: Any  # the object or the list that holds the value; None for the payload
    value: Any  # what stands there; None if nothing does
    arrived_at: float  # POSIX seconds
    names: tuple[str, ...] = ()  # what the schema calls the fields around it

    @property
    def key(self) -> str | int:
        """The name or the number of the value in its parent."""
        return self.violation.path[-1] if self.violation.path else ""

    @property
    def rule(self) -> JsonObject:
        """The part of the schema that rules here."""
        return self.violation.rule


@frozen
class Replaced:
    """The value is replaced; under a new name if one is given."""

    value: Any
    key: str | None = None


@frozen
class Removed:
    """What stands at this path is taken out."""

    path: Path


@frozen
class LetPass:
    """The violation does no harm: whoever reads the payload can do with it."""


Mend = Replaced | Removed | LetPass


@frozen(kw_only=True)
class FaultQuirk(Quirk):
    """A violation of a schema; `mend` returns the remedy, or None if it has none.

    `keyword` is the schema's word for what is violated.
    """

    keyword: str
    mend: Callable[[Fault], Mend | None]
    actions: frozenset[str] | None = None  # None for all

    def may_mend(self, fault: Fault) -> bool:
        """Tell whether a fault is of this kind at all."""
        return self.keyword in (ANY_KEYWORD, fault.violation.keyword) and (
            self.actions is None or fault.action in self.actions
        )
