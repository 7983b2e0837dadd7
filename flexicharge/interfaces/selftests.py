"""Seams around the self tests: who runs them, on which rows, and what they look at."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from zope.interface import Interface

from flexicharge.model.account import Account
from flexicharge.model.site import Connector


@frozen(kw_only=True)
class SelfTestReport:
    """Names of the tests, in the order they were run in."""

    failed: tuple[str, ...]
    successful: tuple[str, ...]


class ISelfTests(Interface):
    """The tests a running server puts itself to."""

    async def run() -> SelfTestReport:
        """Run them all and return what came of it; join a run that is under way.

        Whoever no longer waits ends no run. Raise `DatabaseAway` if it could not begin,
        `Stopping` while the server shuts down.
        """


class ISelfTestStore(Interface):
    """The rows that self tests live on: nobody else reaches them, nothing bills them.

    One station and its connector, `SELF_TEST_CONNECTOR`, are kept for ever, so that no
    number is spent; between two runs the connector is retired. All else is deleted.
    """

    async def prepare(
        serial_number: str, credential: bytes, accounts: Sequence[Account], at: float
    ) -> Connector:
        """Delete what is left of an earlier run, and make everything for a new one.

        Return the connector, in service and `Available`. Its station keeps the serial
        number it was given first; its credential is the one given now. Raise
        `AlreadyTaken("serialNumber")` or `NameTaken`.
        """

    async def purge(at: float) -> None:
        """Delete what self tests left, whatever it is; retire their connector."""


class IRemains(Interface):
    """What a server holds in memory of a station or a driver, to be seen and ended."""

    def of_station(connector: Connector) -> tuple[str, ...]:
        """Return in words what is left of the station of a connector."""

    def of_user(user_id: str) -> tuple[str, ...]:
        """Return in words what is left of a driver's live sockets."""

    async def end_sessions(connector: Connector) -> None:
        """End every open session of a connector's station, from its last reading."""
