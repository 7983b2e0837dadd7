"""Keeping a charger connected, as far as its make does so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.machine import Machine
from flexicharge.simulator.oddities import TWO_SOCKETS
from flexicharge.simulator.scenario.values import Span
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Timers

Dial = Callable[[SimulatorFactory], Awaitable[SimulatorSocket]]

# A charger that never reconnects stands dark until a driver complains and an operator
# has it power-cycled. Before it has ever worked, its installer stands beside it.
POWER_CYCLED_AFTER_S: Final = Span(600.0, 3600.0)
INSTALLED_AGAIN_AFTER_S: Final = Span(5.0, 15.0)
LONGEST_PAUSE_S: Final = 600.0
MOST_DOUBLINGS: Final = 10
SECOND_SOCKET_AFTER_S: Final = 30.0
HALF_OPEN_FOR_S: Final = 924.0  # what Linux waits for an acknowledgement, tcp_retries2


@define(eq=False, kw_only=True)
class Connection:
    """The lines of one charger, one after another.

    A make that `reconnects_after_s` some time dials again, with pauses that double
    while the server does not let it in; any other is power-cycled by somebody.
    """

    charger: Machine
    factory: Callable[[], SimulatorFactory]
    dial: Dial
    reconnects_after_s: Span | None
    clock: IReactorTime
    rng: Random
    tally: Tally

    _keeping: Deferred[None] | None = field(default=None, init=False)
    _sockets: list[SimulatorSocket] = field(factory=list, init=False)
    _timers: Timers = field(init=False)
    _failures: int = field(default=0, init=False)
    _has_worked: bool = field(default=False, init=False)
    _is_own_doing: bool = field(default=False, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._timers = Timers(self.clock)

    # keeping it

    def keep(self) -> None:
        """Dial, and go on doing so whenever the line is gone, until `rest`."""
        if self._keeping is None:
            self._is_own_doing = False
            self._keeping = Deferred.fromCoroutine(self._keep())
            self._keeping.addErrback(self._failed)

    def rest(self) -> None:
        """Dial no more; an open line stays as it is."""
        keeping, self._keeping = self._keeping, None
        self._timers.cancel()
        if keeping is not None:
            keeping.cancel()

    async def close(self) -> None:
        """Close every line politely; return when all are gone."""
        self.rest()
        self.charger.switch_off()
        for socket in list(self._sockets):
            over = socket.when_closed()
            socket.hang_up()
            await over

    # breaking it

    def drop(self) -> bool:
        """Lose the open line; return whether there was one."""
        return self._break(SimulatorSocket.give_up)

    def vanish(self) -> bool:
        """Lose the open line in such a way that the server is not told."""
        return self._break(SimulatorSocket.vanish)

    def fall_silent(self) -> bool:
        """Let the open line carry nothing any more, which nobody is told.

        Where no keep-alive finds it out, TCP gives up at last.
        """
        for socket in self._sockets:
            self._timers.after(HALF_OPEN_FOR_S, socket.give_up)
        return self._break(SimulatorSocket.go_silent)

    def _break(self, how: Callable[[SimulatorSocket], None]) -> bool:
        was_open = bool(self._sockets)
        self._is_own_doing = was_open
        for socket in list(self._sockets):
            how(socket)
        return was_open

    # how it is kept

    async def _keep(self) -> None:
        while True:
            if self.charger.has_given_up:
                await self._power_cycle()
            await self._try()
            while self._sockets:
                socket = self._sockets[0]
                await socket.when_closed()
                self._note_end(socket)
            if self.reconnects_after_s is not None:
                await self._wait(self.reconnects_after_s)

    async def _try(self) -> None:
        """Open a line, if the server lets us in."""
        self.tally.total["dials"] += 1
        try:
            await self._open()
        except SimulatorError as why:
            self._failures += 1
            self.tally.mishaps[str(why)] += 1
            self.charger.disconnected(why)
            return
        if TWO_SOCKETS in self.charger.oddities:
            self._timers.after(SECOND_SOCKET_AFTER_S, self._dial_beside)
        if self._has_worked:
            self.tally.total["reconnects"] += 1
        self._failures, self._has_worked = 0, True

    async def _open(self) -> SimulatorSocket:
        socket = await self.dial(self.factory())
        self._sockets.append(socket)
        socket.when_closed().addCallback(lambda _: self._sockets.remove(socket))
        return socket

    async def _power_cycle(self) -> None:
        """Wait until somebody does so."""
        if self._has_worked:
            await self._wait(POWER_CYCLED_AFTER_S)
        else:
            await self._wait(INSTALLED_AGAIN_AFTER_S)
        self.tally.total["power cycles"] += 1
        self.charger.cut_power()
        self.charger.power_up()

    async def _wait(self, pause: Span) -> None:
        """Wait for a while, the longer the more often we were not let in."""
        pause_s = pause.draw(self.rng)
        longest_s = max(LONGEST_PAUSE_S, pause_s)
        doublings = min(max(self._failures - 1, 0), MOST_DOUBLINGS)
        await deferLater(self.clock, min(pause_s * 2**doublings, longest_s))

    def _dial_beside(self) -> None:
        """Open a second line without giving up the first."""
        second = Deferred.fromCoroutine(self._open())
        second.addCallbacks(self._note_second, self._second_refused)

    def _note_second(self, _: SimulatorSocket) -> None:
        self.tally.total["second lines"] += 1

    def _second_refused(self, failure: Failure) -> None:
        failure.trap(SimulatorError)
        self.tally.total["second lines refused"] += 1

    def _note_end(self, socket: SimulatorSocket) -> None:
        if not self._is_own_doing:
            self.tally.mishaps[f"line lost: {socket.trouble}"] += 1
        self._is_own_doing = False

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._log.failure("a charger is not kept connected", failure)
