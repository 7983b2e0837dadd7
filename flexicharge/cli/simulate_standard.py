"""Chargers of a standard that a simulation has made at a server, and drivers' tags."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from attrs import define, field
from twisted.internet.task import deferLater

from flexicharge.cli.in_parallel import each
from flexicharge.cli.simulate_chargers import (
    STANDARD_PREFIX,
    TOKEN_CURE,
    TooFewChargers,
)
from flexicharge.simulator.enrolment import Enrolment
from flexicharge.simulator.errors import ServerRefused, SimulatorError
from flexicharge.simulator.operator import VirtualOperator
from flexicharge.simulator.scenario.values import Fleet

AT_A_TIME: Final = 8
ROUNDS: Final = 4
PAUSE_S: Final = 2.0
PASSWORD_BYTES: Final = 20
SEED_DIGITS: Final = 8  # of its digest, so that a tag has at most 20 characters
NOT_FOUND: Final = 404

Remove = Callable[[str], Awaitable[None]]


@define(eq=False, kw_only=True)
class Stations:
    """Makes chargers, each with a password of its own, and removes them again.

    What an earlier run of its seed left it takes over. Tags are made when somebody has
    one in hand for the first time.
    """

    operator: VirtualOperator
    seed: str
    new_password: Callable[[], bytes] = lambda: token_bytes(PASSWORD_BYTES)
    tell: Callable[[str], None] = lambda _: None
    _ours: set[str] = field(factory=set, init=False)
    _tags: set[str] = field(factory=set, init=False)

    async def make(self, fleets: Iterable[Fleet]) -> dict[str, Enrolment]:
        """Return chargers of some fleets, in their order, by their serial numbers.

        Raise `TooFewChargers` without an administrator's token or a charge point, or
        `SimulatorError`.
        """
        wanted = [fleet for fleet in fleets for _ in range(fleet.count)]
        if not wanted:
            return {}
        if not self.operator.token:
            raise TooFewChargers(
                f"chargers of a standard are made for the simulation; give {TOKEN_CURE}"
            )
        self.tell(f"Making {len(wanted)} chargers with passwords")
        site_id = await self._site()
        names = [f"{STANDARD_PREFIX}{self.seed}-{no}" for no, _ in enumerate(wanted, 1)]
        made: dict[str, Enrolment] = {}

        async def enrol(one: tuple[str, Fleet]) -> None:
            name, fleet = one
            self._ours.add(name)  # an answer that is lost has made it too
            made[name] = await self._enrol(name, fleet, site_id)

        await each(zip(names, wanted, strict=True), enrol, AT_A_TIME)
        return {name: made[name] for name in names}

    async def tag(self, number: int, user_id: str) -> str:
        """Return the tag of a driver, good for a user; raise `SimulatorError`."""
        digest = sha256(self.seed.encode()).hexdigest()[:SEED_DIGITS]
        tag = f"SIM{digest}{number}"
        if tag not in self._tags:
            self._tags.add(tag)
            await self.operator.put_tag(tag, user_id)
        return tag

    async def remove(self) -> tuple[int, int]:
        """Remove all that was made; return how many chargers are gone, and are left."""
        ours, tags = self._ours, self._tags
        self._ours, self._tags = set(), set()
        await self._remove_all(tags, self.operator.remove_tag)
        if not ours:
            return 0, 0
        self.tell(f"Removing {len(ours)} chargers with passwords")
        left = await self._remove_all(ours, self.operator.withdraw)
        return len(ours) - len(left), len(left)

    async def _remove_all(self, names: set[str], remove: Remove) -> set[str]:
        """Return what could not be removed, in several rounds."""
        left = set(names)

        async def gone(name: str) -> None:
            try:
                await remove(name)
            except ServerRefused as why:
                if why.status != NOT_FOUND:
                    raise
            left.discard(name)

        async def tried(name: str) -> None:
            with suppress(SimulatorError):
                await gone(name)

        for round_no in range(ROUNDS):
            if round_no and left:
                await deferLater(self.operator.clock, PAUSE_S)
            await each(sorted(left), tried, AT_A_TIME)
        return left

    async def _site(self) -> int:
        try:
            site_id, _ = await self.operator.first_site()
        except ServerRefused as why:
            if why.status != NOT_FOUND:
                raise
            raise TooFewChargers(
                "the server has no charge point to put chargers on; make one first"
            ) from None
        return site_id

    async def _enrol(self, name: str, fleet: Fleet, site_id: int) -> Enrolment:
        password = self.new_password()
        numbers = await self.operator.enrol(
            name,
            protocol=fleet.protocol,
            connectors=fleet.connectors,
            site_id=site_id,
            password=password,
        )
        return Enrolment(numbers=numbers, password=password)
