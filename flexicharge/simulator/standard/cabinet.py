"""The charger around a connector, as far as the connector knows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.standard.configuration import Configuration
from flexicharge.simulator.standard.tags import Tags
from flexicharge.simulator.standard.voice import unheard
from flexicharge.simulator.truth import Charge


class Cabinet(Protocol):
    """The charger that an outlet is built into."""

    configuration: Configuration
    tags: Tags
    power_w: float

    @property
    def has_power(self) -> bool:
        """True while it is switched on."""

    @property
    def is_online(self) -> bool:
        """True while the server has taken it in and can be asked."""

    def now(self) -> float:
        """Return what the charger's own clock shows."""

    def say(
        self,
        action: str,
        payload: JsonObject,
        charge: Charge | None = None,
        *,
        was_asked_for: bool = False,
        when_answered: Callable[[JsonObject], None] = unheard,
    ) -> None:
        """Say something about a charge, or about none."""

    def authorize(self, tag: str, decided: Callable[[bool], None]) -> None:
        """Have it decided whether a tag may charge."""

    def learn(self, tag: str, answer: JsonObject) -> str:
        """Return what an answer says of a tag, which is remembered."""

    def limit_w(self, connector: int) -> float | None:
        """Return what charging profiles leave a connector; None if they say nothing."""

    def transaction_over(self, connector: int) -> None:
        """A connector's transaction has ended."""
