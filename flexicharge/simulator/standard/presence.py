"""Being there: a charger boots until the server takes it in, and beats from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.oddities.twist import BOOT
from flexicharge.simulator.standard import phrases
from flexicharge.simulator.standard.configuration import HEARTBEAT, Configuration
from flexicharge.simulator.standard.pulse import Pulse
from flexicharge.simulator.standard.registration import Registration
from flexicharge.simulator.standard.turns import Said
from flexicharge.simulator.standard.voice import unheard, unminded

BEAT: Final = "Heartbeat"


class Present(Protocol):
    """The charger that is there."""

    serial_number: str
    firmware: str
    configuration: Configuration

    def say(
        self,
        action: str,
        payload: JsonObject,
        *,
        was_asked_for: bool = False,
        when_answered: Callable[[JsonObject], None] = unheard,
        when_failed: Callable[[], None] = unminded,
    ) -> None:
        """Say something."""

    def taken_in(self, *, is_new: bool) -> None:
        """The server has taken it in, and had not before if that `is_new`."""


@define(eq=False)
class Presence:
    """`was_taken_in` is true for good once the server has ever accepted a boot."""

    _charger: Present
    _clock: IReactorTime
    was_taken_in: bool = field(default=False, init=False)
    _registration: Registration = field(init=False)
    _pulse: Pulse = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._registration = Registration(self._clock, self.boot)
        self._pulse = Pulse(self._clock, self.beat)

    @property
    def is_accepted(self) -> bool:
        """True once the server has taken the charger in, until its power goes."""
        return self._registration.is_accepted

    def may_say(self, said: Said) -> bool:
        """Tell whether something may be said by now."""
        return self._registration.may_say(said)

    def ask(self) -> None:
        """Boot now, and again later if need be."""
        self._registration.ask()

    def boot(self) -> None:
        """Say that the charger has started up."""
        self._charger.say(
            BOOT,
            phrases.boot(self._charger.serial_number, self._charger.firmware),
            when_answered=self._booted,
            when_failed=self._registration.failed,
        )

    def beat(self, *, was_asked_for: bool = False) -> None:
        """Say that the charger is there."""
        self._charger.say(BEAT, {}, was_asked_for=was_asked_for)

    def begin(self) -> None:
        """Beat at the pace that the configuration says."""
        self._pulse.every(self._charger.configuration.whole(HEARTBEAT))

    def change_pace(self) -> None:
        """Go by a pace that was just set, if the heart beats at all."""
        if self._pulse.is_running:
            self.begin()

    def lost(self) -> None:
        """The line is gone."""
        self._registration.lost()
        self._pulse.stop()

    def forget(self) -> None:
        """The power is gone."""
        self._registration.forget()

    def _booted(self, payload: JsonObject) -> None:
        was_accepted = self._registration.is_accepted
        interval_s = self._registration.answered(payload)
        if not self._registration.is_accepted:
            return
        self.was_taken_in = True
        if interval_s:
            self._charger.configuration.preset(**{HEARTBEAT: round(interval_s)})
        self._charger.taken_in(is_new=not was_accepted)
