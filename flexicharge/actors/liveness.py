"""Is anybody still there? Any traffic says yes; only silence is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from attrs import define, field
from automat import TypeMachineBuilder
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from flexicharge.interfaces import IChargerLink

PROOF_OF_DEATH_S: Final = 20.0


class Liveness(Protocol):
    """The inputs of a link's life."""

    def opened(self) -> None:
        """The connection is there."""

    def fell_silent(self) -> None:
        """Nothing was heard for the limit."""

    def doubted(self) -> None:
        """Somebody else claims to be this station: is the old link still alive?"""

    def heard(self) -> None:
        """Something came."""

    def never_answered(self) -> None:
        """The ping was not answered in time."""

    def lost(self) -> None:
        """The connection is gone."""


@define(eq=False)
class Pulse:
    """What the machine works on: a link, its clock, and what to do about death."""

    link: IChargerLink
    clock: IReactorTime
    silence_limit: float
    died: Callable[[], None]
    in_doubt: bool = field(default=False, init=False)
    _waiting: list[Deferred[bool]] = field(factory=list, init=False)

    def proof(self, timeout: float) -> Deferred[bool]:
        """Fire with True once something is heard, False on loss or after `timeout`."""
        asked_at = self.clock.seconds()
        asked: Deferred[bool] = Deferred()
        self._waiting.append(asked)
        asked.addTimeout(timeout, self.clock, lambda *_: self.link.heard_at > asked_at)
        return asked

    def answer(self, alive: bool) -> None:
        """Tell everyone who asked for proof."""
        waiting, self._waiting = self._waiting, []
        for asked in waiting:
            if not asked.called:
                asked.callback(alive)


@define(eq=False)
class SilenceWatch:
    """A timer that every byte puts off, at the price of one call per silence limit."""

    _pulse: Pulse
    _fell_silent: Callable[[], None]
    _timer: IDelayedCall = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._arm()

    def cancel(self) -> None:
        """Watch no longer."""
        if self._timer.active():
            self._timer.cancel()

    def _arm(self) -> None:
        pulse = self._pulse
        due_at = pulse.link.heard_at + pulse.silence_limit
        self._timer = pulse.clock.callLater(
            max(due_at - pulse.clock.seconds(), 0.0), self._look
        )

    def _look(self) -> None:
        pulse = self._pulse
        if pulse.clock.seconds() - pulse.link.heard_at < pulse.silence_limit:
            self._arm()
        else:
            self._fell_silent()


def _watch(life: Liveness, pulse: Pulse) -> SilenceWatch:
    return SilenceWatch(pulse, life.fell_silent)


def _ask(life: Liveness, pulse: Pulse) -> IDelayedCall:
    pulse.in_doubt = True
    pulse.link.ping()
    asked_at = pulse.clock.seconds()

    def look() -> None:
        """Count what the actor is not told of, such as pings and part frames."""
        alive = pulse.link.heard_at > asked_at
        (life.heard if alive else life.never_answered)()

    return pulse.clock.callLater(PROOF_OF_DEATH_S, look)


def _build() -> Callable[[Pulse], Liveness]:
    machine = TypeMachineBuilder(Liveness, Pulse)

    unopened = machine.state("unopened")
    lively = machine.state("lively", _watch)
    asked = machine.state("asked", _ask)
    dead = machine.state("dead")
    unopened.upon(Liveness.opened).to(lively).returns(None)
    lively.upon(Liveness.heard).loop().returns(None)
    asked.upon(Liveness.doubted).loop().returns(None)
    for late in (Liveness.doubted, Liveness.heard, Liveness.lost):
        dead.upon(late).loop().returns(None)

    @lively.upon(Liveness.fell_silent).to(asked)
    @lively.upon(Liveness.doubted).to(asked)
    def stop_watching(_: Liveness, pulse: Pulse, silence: SilenceWatch) -> None:
        silence.cancel()

    @asked.upon(Liveness.heard).to(lively)
    def be_relieved(_: Liveness, pulse: Pulse, deadline: IDelayedCall) -> None:
        if deadline.active():
            deadline.cancel()
        pulse.in_doubt = False
        pulse.answer(alive=True)

    @asked.upon(Liveness.never_answered).to(dead)
    def give_up(_: Liveness, pulse: Pulse, deadline: IDelayedCall) -> None:
        pulse.answer(alive=False)
        pulse.died()

    @lively.upon(Liveness.lost).to(dead)
    def forget(_: Liveness, pulse: Pulse, silence: SilenceWatch) -> None:
        silence.cancel()
        pulse.answer(alive=False)

    @asked.upon(Liveness.lost).to(dead)
    def forget_ping(_: Liveness, pulse: Pulse, deadline: IDelayedCall) -> None:
        deadline.cancel()
        pulse.answer(alive=False)

    return machine.build()


watch_over: Final = _build()
