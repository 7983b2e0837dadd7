"""From a payload as it came to one that fits its schema, or to its violations."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any, Final

from attrs import define, field, frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16.quirks.habits import HABITS
from flexicharge.ocpp.v16.quirks.rules import (
    UNKNOWN_MAKE,
    Fault,
    Habit,
    LetPass,
    Make,
    Mend,
    Removed,
    Replaced,
)
from flexicharge.ocpp.v16.quirks.table import FAULT_QUIRKS
from flexicharge.ocpp.v16.schemas import (
    MAX_VIOLATIONS,
    Path,
    Schema,
    Violation,
    schemas,
)

MAX_ROUNDS: Final = 8  # a mend may lay bare what was hidden under it, not for ever


@frozen
class Mended:
    """A payload after all repairs, and the violations for which there is no rule."""

    payload: JsonObject
    repairs: tuple[Repair, ...] = ()
    violations: tuple[Violation, ...] = ()


def mended(
    action: str,
    payload: JsonObject,
    arrived_at: float,
    make: Make = UNKNOWN_MAKE,
) -> Mended:
    """Return a request's payload with this make's habits and faults mended.

    The payload given is left as it is; `arrived_at` is in POSIX seconds.
    """
    schema = schemas().requests[action]
    habits = [habit for habit in _habits(action, make) if habit.shows(payload)]
    if not habits:
        violations = () if schema.allows(payload) else schema.violations(payload)
        if not violations or len(violations) >= MAX_VIOLATIONS:
            return Mended(payload, violations=violations)
    work = _Mending(action, deepcopy(payload), arrived_at, make, schema)
    for habit in habits:
        for where, raw, repaired in habit.mend(work.payload):
            work.repairs.append(Repair(habit.quirk_id, where, raw, repaired))
    violations = work.run()
    return Mended(work.payload, tuple(work.repairs), violations)


@lru_cache(maxsize=1024)
def _habits(action: str, make: Make) -> tuple[Habit, ...]:
    return tuple(h for h in HABITS if action in h.actions and h.is_for(make))


@define
class _Mending:
    """One payload on the bench."""

    action: str
    payload: JsonObject
    arrived_at: float
    make: Make
    schema: Schema
    repairs: list[Repair] = field(factory=list)
    _let_pass: set[tuple[Path, str]] = field(factory=set)
    _removed: Path | None = None

    def run(self) -> tuple[Violation, ...]:
        """Mend round after round; return what no rule is for."""
        for _ in range(MAX_ROUNDS):
            open_ones = self._open()
            is_hopeless = len(open_ones) >= MAX_VIOLATIONS
            if is_hopeless or not self._round(open_ones):
                return open_ones
        return self._open()

    def _round(self, open_ones: tuple[Violation, ...]) -> bool:
        """Mend what can be mended; tell whether anything was.

        From the last place to the first, so that what is taken out of a list moves
        nothing that is still to be mended; nothing inside what was taken out is.
        """
        any_mended, self._removed = False, None
        for violation in sorted(open_ones, key=_place, reverse=True):
            if self._removed is None or not _is_in(violation.path, self._removed):
                any_mended |= self._mend(violation)
        return any_mended

    def _open(self) -> tuple[Violation, ...]:
        return tuple(
            violation
            for violation in self.schema.violations(self.payload)
            if (violation.path, violation.keyword) not in self._let_pass
        )

    def _mend(self, violation: Violation) -> bool:
        """Apply the first rule that has a remedy; tell whether there was one."""
        fault = self._fault(violation)
        for quirk in FAULT_QUIRKS:
            if not quirk.may_mend(fault) or not quirk.is_for(self.make):
                continue
            remedy = quirk.mend(fault)
            if remedy is not None:
                self._apply(quirk.quirk_id, fault, remedy)
                return True
        return False

    def _fault(self, violation: Violation) -> Fault:
        parent = self._at(violation.path[:-1]) if violation.path else None
        return Fault(
            self.action,
            violation,
            parent,
            self._at(violation.path),
            self.arrived_at,
            tuple(self.schema.rule_at(violation.path[:-1]).get("properties", ())),
        )

    def _at(self, path: Path) -> Any:
        """Return what stands at a path; None for nothing any more."""
        value: Any = self.payload
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def _apply(self, quirk_id: str, fault: Fault, remedy: Mend) -> None:
        where = fault.violation.where
        match remedy:
            case LetPass():
                self._let_pass.add((fault.violation.path, fault.violation.keyword))
                self.repairs.append(Repair(quirk_id, where, fault.value))
            case Replaced(value, name):
                if name is not None:
                    del fault.parent[fault.key]
                fault.parent[fault.key if name is None else name] = value
                self.repairs.append(Repair(quirk_id, where, fault.value, value))
            case Removed(path):
                self._removed = path
                raw = self._at(path)
                del self._at(path[:-1])[path[-1]]
                self.repairs.append(Repair(quirk_id, ".".join(map(str, path)), raw))


def _place(violation: Violation) -> list[tuple[int, str]]:
    """Return what sorts places in a payload: numbers by size, names by letters."""
    return [
        (step, "") if isinstance(step, int) else (0, step) for step in violation.path
    ]


def _is_in(path: Path, outer: Path) -> bool:
    return path[: len(outer)] == outer
