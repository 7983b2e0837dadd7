"""What a charger of OCPP 1.6 says because the server wants to hear it."""

from __future__ import annotations

from typing import Final, Protocol

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.standard import jobs, phrases
from flexicharge.simulator.standard.jobs import Jobs
from flexicharge.simulator.standard.panel import Panel
from flexicharge.simulator.standard.trust import Trust

SIGN: Final = "SignCertificate"


class Triggered(Protocol):
    """The charger that is asked to say something."""

    jobs: Jobs
    trust: Trust

    @property
    def panel(self) -> Panel:
        """Its connectors."""

    def boot(self) -> None:
        """Say that it has started up."""

    def beat(self, *, was_asked_for: bool = False) -> None:
        """Say that it is there."""

    def say(
        self, action: str, payload: JsonObject, *, was_asked_for: bool = False
    ) -> None:
        """Say something."""


@frozen(eq=False)
class Triggers:
    """Has a charger say what was asked for, of one connector or of all."""

    _charger: Triggered

    def pull(self, message: str, connector: int | None) -> None:
        """Say it; a message that is not known here stands for a job's report."""
        charger = self._charger
        match message:
            case "BootNotification":
                charger.boot()
            case "Heartbeat":
                charger.beat(was_asked_for=True)
            case "StatusNotification":
                charger.panel.tell(connector, was_asked_for=True)
            case "MeterValues":
                for outlet in charger.panel.at(connector):
                    outlet.say_metered(phrases.TRIGGER, was_asked_for=True)
            case "SignChargePointCertificate":
                csr = charger.trust.csr()
                charger.say(SIGN, {"csr": csr}, was_asked_for=True)
            case jobs.FIRMWARE if jobs.SIGNED_FIRMWARE in charger.jobs.states:
                charger.jobs.report_again(jobs.SIGNED_FIRMWARE)
            case _:
                charger.jobs.report_again(message)
