"""What each protocol's virtual charger is, and how it is connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.enrolment import Enrolment
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.machine import Machine
from flexicharge.simulator.oddities import ODDITIES, Oddity
from flexicharge.simulator.scenario.values import Fleet, Span
from flexicharge.simulator.sockets import SimulatorFactory, charger_factory
from flexicharge.simulator.standard.oddities import STANDARD_ODDITIES
from flexicharge.simulator.standard.sockets import standard_factory
from flexicharge.simulator.standard.station import VirtualStation


class UnknownProtocol(SimulatorError):
    """No virtual charger speaks this."""


class FactoryOf(Protocol):
    """Makes what connects a charger to a server."""

    def __call__(
        self,
        base_url: str,
        charger: Any,
        reactor: IReactorTime,
        *,
        keep_alive_s: float,
    ) -> SimulatorFactory:
        """Return it; its sockets ping every so many seconds, 0 for never."""


@frozen(kw_only=True)
class Setting:
    """What a charger is made from besides its serial number.

    `calendar` is the clock that times of day are told by, `on_restart` is told when it
    wants to start up again.
    """

    fleet: Fleet
    enrolment: Enrolment
    calendar: IReactorTime
    on_restart: Callable[[], None]


def _dialect(setting: Setting) -> dict[str, Any]:
    """Return what a charger of the dialect has that others have not."""
    fleet = setting.fleet
    return {
        "quirks": fleet.quirks,
        "reconnects": fleet.reconnects_after_s is not None,
        "queues": fleet.queues,
    }


def _standard(setting: Setting) -> dict[str, Any]:
    """Return what a charger of OCPP 1.6 has that others have not."""
    return {
        "calendar": setting.calendar,
        "connectors": setting.fleet.connectors,
        "enrolment": setting.enrolment,
        "on_restart": setting.on_restart,
    }


@frozen
class Make:
    """A protocol's virtual charger, and what makes its sockets.

    `reconnects_after_s` is what one does of which its fleet says nothing.
    """

    charger: Callable[..., Machine]
    factory: FactoryOf
    own: Callable[[Setting], dict[str, Any]] = field(kw_only=True)
    oddities: dict[str, Oddity] = field(kw_only=True)
    reconnects_after_s: Span | None = field(default=None, kw_only=True)
    is_standard: bool = field(default=False, kw_only=True)


DIALECT: Final = "flexicharge"
OCPP_1_6: Final = "ocpp1.6"
MAKES: Final = {
    DIALECT: Make(VirtualCharger, charger_factory, own=_dialect, oddities=ODDITIES),
    OCPP_1_6: Make(
        VirtualStation,
        standard_factory,
        own=_standard,
        oddities=STANDARD_ODDITIES,
        reconnects_after_s=Span(5.0, 60.0),
        is_standard=True,
    ),
}


def make_of(protocol: str) -> Make:
    """Return the make of a scenario's protocol; raise `UnknownProtocol`."""
    try:
        return MAKES[protocol]
    except KeyError:
        known = ", ".join(sorted(MAKES))
        raise UnknownProtocol(
            f"no virtual charger speaks {protocol!r}; there are {known}"
        ) from None
