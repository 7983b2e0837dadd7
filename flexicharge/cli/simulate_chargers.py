"""The chargers that a simulation plays: found at a server, named, or made there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from typing import Final

from attrs import define, field
from twisted.internet.task import deferLater

from flexicharge.cli.in_parallel import each
from flexicharge.errors import FlexiChargeError
from flexicharge.model.demo import DEMO_CHARGER
from flexicharge.simulator.errors import ServerRefused, SimulatorError
from flexicharge.simulator.operator import Shown, VirtualOperator

NOT_IN_USE: Final = ("Available", "Unavailable")
AT_A_TIME: Final = 8
ROUNDS: Final = 4
PAUSE_S: Final = 2.0
STANDARD_PREFIX: Final = "sim16-"  # of chargers that speak no dialect
NAMED_IN_WORDS: Final = 5
NOT_FOUND: Final = 404
TOKEN_CURE: Final = (
    "an administrator's token in FLEXICHARGE_ADMIN_TOKEN (flexicharge token prints one)"
)


class TooFewChargers(FlexiChargeError):
    """The server has not the chargers that were asked for; the message has the cure."""


def read_serial_numbers(path: Path) -> list[str]:
    """Return the serial numbers of a file, one a line; `#` begins a comment.

    Raise `TooFewChargers` if it cannot be read or names one twice.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as why:
        raise TooFewChargers(f"the serial numbers cannot be read: {why}") from None
    named = [line.partition("#")[0].strip() for line in lines]
    serial_numbers = [each for each in named if each]
    if len(set(serial_numbers)) < len(serial_numbers):
        twice = next(s for s in serial_numbers if serial_numbers.count(s) > 1)
        raise TooFewChargers(f"{path} names {twice} twice; once is enough")
    return serial_numbers


@define(eq=False, kw_only=True)
class Chargers:
    """Finds chargers, makes those that are missing, and removes what it made.

    It knows those by their names, and takes over what an earlier run of its seed left.

    `named` are the only ones to take, if there are any. Where `takes_free` is false
    nobody's charger is taken unasked: one that is shown as Available may be a real one.
    `tell` hears what may take a while.
    """

    operator: VirtualOperator
    seed: str
    named: Sequence[str] = ()
    takes_free: bool = True
    tell: Callable[[str], None] = field(default=lambda _: None)
    _ours: set[str] = field(factory=set, init=False)

    async def find(self, wanted: int) -> list[str]:
        """Return as many serial numbers; raise `TooFewChargers` or `SimulatorError`.

        Those that are there come first, in the order of their public numbers.
        """
        shown = await self.operator.shown()
        if self.named:
            return self._named(shown, wanted)
        free = [each.serial_number for each in shown if self._is_free(each)][:wanted]
        self._adopt(free)
        missing = wanted - len(free)
        if not missing:
            return free
        if not self.operator.token:
            raise TooFewChargers(self._advice(wanted, len(free)))
        known = {each.serial_number for each in shown}
        return free + await self._make(missing, known)

    async def remove(self) -> tuple[int, int]:
        """Remove what was made; return how many are gone, and how many are left.

        A server that has just lost a thousand lines may be slow, so there are several
        rounds. Whatever goes wrong with all of them is counted, not raised.
        """
        ours, self._ours = self._ours, set()
        if not ours:
            return 0, 0
        self.tell(f"Removing {_counted(len(ours))}")
        gone, left = await self._round(ours)
        for _ in range(ROUNDS - 1):
            if not left:
                break
            await deferLater(self.operator.clock, PAUSE_S)
            more, left = await self._round(ours)
            gone += more
        return gone, left

    async def _round(self, ours: set[str]) -> tuple[int, int]:
        """Try once to remove what is still there; return as `remove` does."""
        try:
            shown = await self.operator.shown()
        except SimulatorError:
            return 0, len(ours)
        there = [charger for charger in shown if charger.serial_number in ours]
        gone = 0

        async def retire(charger: Shown) -> None:
            nonlocal gone
            with suppress(SimulatorError):
                await self.operator.remove_charger(charger.connector_id)
                gone += 1

        await each(there, retire, AT_A_TIME)
        return gone, len(there) - gone

    def _is_free(self, charger: Shown) -> bool:
        if charger.status not in NOT_IN_USE or charger.serial_number == DEMO_CHARGER:
            return False
        if charger.serial_number.startswith(STANDARD_PREFIX):
            return False
        return self.takes_free or charger.serial_number.startswith(self._own_prefix)

    def _adopt(self, found: list[str]) -> None:
        """Take over what an earlier run of this seed left, if we may remove it."""
        if self.operator.token:
            self._ours.update(s for s in found if s.startswith(self._own_prefix))

    @property
    def _own_prefix(self) -> str:
        return f"sim-{self.seed}-"

    def _named(self, shown: list[Shown], wanted: int) -> list[str]:
        named = list(self.named[:wanted])
        if len(named) < wanted:
            raise TooFewChargers(
                f"the scenario wants {_counted(wanted)}, and the file names "
                f"{len(named)}; name more, or use --chargers {len(named)}"
            )
        status = {each.serial_number: each.status for each in shown}
        if unknown := [each for each in named if each not in status]:
            raise TooFewChargers(
                f"the server has no charger {_some(unknown)}; {self.operator.url}"
                "/chargers shows those that it has"
            )
        if busy := [each for each in named if status[each] not in NOT_IN_USE]:
            raise TooFewChargers(f"already in use: {_some(busy)}; name others")
        return named

    async def _make(self, missing: int, known: set[str]) -> list[str]:
        """Make chargers under names that nobody has."""
        try:
            site_id, location = await self.operator.first_site()
        except ServerRefused as why:
            if why.status != NOT_FOUND:
                raise
            raise TooFewChargers(
                "the server has no charge point to put chargers on; make one first"
            ) from None
        names = (f"{self._own_prefix}{number}" for number in count(1))
        fresh = list(islice((name for name in names if name not in known), missing))

        self.tell(f"Making {_counted(missing)}")

        async def make(name: str) -> None:
            self._ours.add(name)  # an answer that is lost has made it too
            await self.operator.add_charger(name, site_id, location)

        await each(fresh, make, AT_A_TIME)
        return fresh

    def _advice(self, wanted: int, free: int) -> str:
        return "; ".join((_shortage(wanted, free), *self._cures(free)))

    def _cures(self, free: int) -> Iterator[str]:
        if not self.takes_free:
            yield (
                "on another machine none is taken unasked, since one that is shown as "
                "Available may be a real one: name yours with --serial-file"
            )
        elif free:
            yield f"use --chargers {free}"
        yield f"to have the missing ones made, give {TOKEN_CURE}"


def _counted(chargers: int) -> str:
    return "1 charger" if chargers == 1 else f"{chargers} chargers"


def _shortage(wanted: int, free: int) -> str:
    what = f"the scenario wants {_counted(wanted)}"
    return f"{what} and {free} are free" if free else f"{what} and none is free"


def _some(names: list[str]) -> str:
    """Return a few names for one line."""
    more = len(names) - NAMED_IN_WORDS
    some = ", ".join(names[:NAMED_IN_WORDS])
    return f"{some} and {more} more" if more > 0 else some
