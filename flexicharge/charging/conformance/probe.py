"""What is tried of a charger, and what its answer may come to."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from attrs import field, frozen

from flexicharge.ocpp.frames import JsonObject


class Verdict(StrEnum):
    """What trying a feature came to."""

    SUPPORTED = "supported"
    REFUSED = "refused"  # it says that it cannot, or will not
    WRONG = "wrong"  # off schema, against the standard, or no answer at all
    SKIPPED = "skipped"  # not tried, or not to an end


@frozen
class Judgement:
    """A verdict, and why it is not simply `supported`."""

    verdict: Verdict
    why: str = ""


FINE = Judgement(Verdict.SUPPORTED)


class Busy(StrEnum):
    """What may be going on at a station that a careless charger could spoil."""

    CHARGE = "a charge is open, or a car is connected"
    RESERVATION = "something is reserved"
    PROFILES = "charging profiles lie on it"
    RESTART = "its next boot is to prove something"


@frozen(kw_only=True)
class Probe:
    """One Call that changes nothing at a charger that keeps to the standard.

    An answer of a `good` status shows that the charger knows the action, one that is
    `refusing` that it does not do it, any other is wrong; `''` is that of answers that
    have none. `good_codes` are errors that say the same as a good status. `look` then
    tells what else is the matter with a good answer. `follows` is the action of the
    message that is to come if the answer is `Accepted`. A careless charger could still
    do harm: it is not tried while it is busy with what stands in `not_during`.
    `harmless` says why it does none.
    """

    name: str
    action: str
    payload: JsonObject
    harmless: str
    good: frozenset[str] = frozenset({"Accepted"})
    refusing: frozenset[str] = frozenset()
    good_codes: frozenset[str] = frozenset()
    look: Callable[[JsonObject], Judgement] = field(default=lambda said: FINE)
    follows: str = ""
    not_during: tuple[Busy, ...] = ()
