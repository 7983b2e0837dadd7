"""What each protocol's virtual charger is, and how it is connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.sockets import SimulatorFactory, charger_factory


class UnknownProtocol(SimulatorError):
    """No virtual charger speaks this."""


class FactoryOf(Protocol):
    """Makes what connects a charger to a server."""

    def __call__(
        self,
        base_url: str,
        charger: VirtualCharger,
        reactor: IReactorTime,
        *,
        keep_alive_s: float,
    ) -> SimulatorFactory:
        """Return it; its sockets ping every so many seconds, 0 for never."""


@frozen
class Make:
    """A protocol's virtual charger, and what makes its sockets."""

    charger: Callable[..., VirtualCharger]
    factory: FactoryOf


MAKES: Final = {"flexicharge": Make(VirtualCharger, charger_factory)}


def make_of(protocol: str) -> Make:
    """Return the make of a scenario's protocol; raise `UnknownProtocol`."""
    try:
        return MAKES[protocol]
    except KeyError:
        known = ", ".join(sorted(MAKES))
        raise UnknownProtocol(
            f"no virtual charger speaks {protocol!r}; there are {known}"
        ) from None
