"""What goes wrong, and when: drawn from a seed, told as numbers, and so repeatable.

Every place where something may go wrong is an opportunity, numbered as it comes. A
strike is what happens at one of them. A run with only some of its strikes is how a
failure is cut down.
"""

from __future__ import annotations

from enum import StrEnum
from random import Random
from typing import Final

from attrs import Factory, define, field, frozen


class Trouble(StrEnum):
    """What can happen at an opportunity."""

    SLOW = "slow"  # what was asked for takes a while
    AWAY = "away"  # the database is not there, and nothing took effect
    ANSWER_LOST = "answer lost"  # it took effect, but nobody is told
    OUTAGE = "outage"  # the database goes away for a while
    CRASH = "crash"  # the code that asked meets an error it does not know
    KILL = "kill"  # the server's process is killed, and started anew
    DELAY = "delay"  # bytes take longer on their way
    CUT = "cut"  # the connection breaks, and what was on its way is lost
    SILENCE = "silence"  # the connection goes dead without a word


@frozen(kw_only=True)
class Rates:
    """How often things happen: one in so many opportunities of their kind; 0 never."""

    before_store: int = 400
    after_store: int = 400
    at_seam: int = 1500
    on_wire: int = 600


CALM: Final = Rates(before_store=0, after_store=0, at_seam=0, on_wire=0)
STORMY: Final = Rates()

# Where something may happen, what may, how often compared to the others, and for how
# long at the least and at the most, in seconds.
KINDS: Final = 10  # more than there are kinds of opportunities
Menu = tuple[tuple[Trouble, int, float, float], ...]
BEFORE_STORE: Final[Menu] = (
    (Trouble.SLOW, 40, 0.05, 6.0),
    (Trouble.AWAY, 20, 0.0, 0.0),
    (Trouble.OUTAGE, 6, 1.0, 90.0),
    (Trouble.CRASH, 12, 0.0, 0.0),
    (Trouble.KILL, 4, 2.0, 120.0),
)
AFTER_STORE: Final[Menu] = (
    (Trouble.SLOW, 40, 0.05, 6.0),
    (Trouble.ANSWER_LOST, 30, 0.0, 0.0),
    (Trouble.CRASH, 12, 0.0, 0.0),
    (Trouble.KILL, 8, 2.0, 120.0),
)
AT_SEAM: Final[Menu] = (
    (Trouble.SLOW, 40, 0.05, 6.0),
    (Trouble.CRASH, 20, 0.0, 0.0),
    (Trouble.KILL, 4, 2.0, 120.0),
)
ON_WIRE: Final[Menu] = (
    (Trouble.DELAY, 60, 0.5, 12.0),
    (Trouble.CUT, 20, 0.0, 0.0),
    (Trouble.SILENCE, 6, 0.0, 0.0),
    (Trouble.KILL, 2, 2.0, 120.0),
)


@frozen
class Strike:
    """One thing that goes wrong: at which opportunity, what, and for how long."""

    number: int
    trouble: Trouble
    seconds: float

    def __str__(self) -> str:
        length = f" for {self.seconds:.2f} s" if self.seconds else ""
        return f"strike {self.number}: {self.trouble}{length}"


@define(eq=False)
class Opportunities:
    """The opportunities of one kind; `only` names the strikes that may happen."""

    _rng: Random
    _one_in: int
    _menu: Menu
    _first: int
    _only: frozenset[int] | None
    _count: int = field(default=0, init=False)
    _next: int = field(
        init=False, default=Factory(lambda self: self._draw_gap(), takes_self=True)
    )

    def take(self) -> Strike | None:
        """Return what happens at the next opportunity: mostly nothing."""
        self._count += 1
        if self._count != self._next:
            return None
        self._next += self._draw_gap()
        strike = self._draw()
        if self._only is not None and strike.number not in self._only:
            return None
        return strike

    def _draw(self) -> Strike:
        weights = [weight for _, weight, _, _ in self._menu]
        [(trouble, _, low, high)] = self._rng.choices(self._menu, weights)
        return Strike(
            KINDS * self._count + self._first, trouble, self._rng.uniform(low, high)
        )

    def _draw_gap(self) -> int:
        """Return how many opportunities later the next strike is; 0 is never."""
        if not self._one_in:
            return 0
        return 1 + int(self._rng.expovariate(1 / self._one_in))


@define(eq=False)
class Fates:
    """All strikes of one run. `calm` ends them."""

    _seed: str
    _rates: Rates
    _only: frozenset[int] | None = None
    is_calm: bool = field(default=False, init=False)
    struck: list[Strike] = field(factory=list, init=False)
    _kinds: dict[str, Opportunities] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        rates = self._rates
        self._add("before store", rates.before_store, BEFORE_STORE)
        self._add("after store", rates.after_store, AFTER_STORE)
        self._add("at seam", rates.at_seam, AT_SEAM)
        self._add("on wire", rates.on_wire, ON_WIRE)

    def strike(self, kind: str) -> Strike | None:
        """Return what happens now, at an opportunity of a kind."""
        if self.is_calm:
            return None
        strike = self._kinds[kind].take()
        if strike is not None:
            self.struck.append(strike)
        return strike

    def _add(self, kind: str, one_in: int, menu: Menu) -> None:
        rng = Random(f"{self._seed} {kind}")  # noqa: S311  # played, not secret
        first = len(self._kinds)
        self._kinds[kind] = Opportunities(rng, one_in, menu, first, self._only)
