"""Somebody who looks at what is not theirs."""

from __future__ import annotations

from random import Random
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from flexicharge.simulator.errors import ServerRefused, SimulatorError
from flexicharge.testing.simulated.town import SimulatedTown

EVERY_S: Final = 600.0
NOT_FOUND: Final = 404


class Nosy:
    """Asks every ten minutes, as any driver, for any transaction there is.

    One that is another's must not be there for them.
    """

    def __init__(self, town: SimulatedTown) -> None:
        self._town = town
        self._rng = Random(f"{town.seed} nosy")  # noqa: S311  # played, not secret
        self._loop = LoopingCall(self._look)
        self._loop.clock = town.clock
        self._loop.start(EVERY_S, now=False)

    def stop(self) -> None:
        """Look no more."""
        self._loop.stop()

    def _look(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._read_any())

    async def _read_any(self) -> None:
        town, numbers = self._town, list(self._town.world.sessions.rows)
        if not numbers:
            return
        driver = self._rng.randrange(town.scenario.drivers.count)
        transaction_id = self._rng.choice(numbers)
        app = await town.app(driver)
        try:
            await app.read(transaction_id)
        except ServerRefused as why:
            if why.status == NOT_FOUND:
                town.invariants.checked["transaction hidden"] += 1
            return
        except SimulatorError:
            return
        town.invariants.seen(town.users[driver], transaction_id)
