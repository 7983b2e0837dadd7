"""Seam to what we believe of each station, and to what happened there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from zope.interface import Interface


@frozen
class Belief:
    """Something believed of a station, as a JSON object, and since when (POSIX)."""

    body: dict[str, Any]
    at: float


@frozen
class Event:
    """Something that happened at a station, as a JSON object; events have an order."""

    event_id: int
    kind: str
    body: dict[str, Any]
    at: float


class IStationBook(Interface):
    """A book for each station: beliefs by kind and name, and events in their order.

    Kinds are words of ours, of at most 64 characters. Names have at most 500; a NUL in
    one is left out. Bodies have at most 4 MiB, and keep the order of their keys. One
    method is one commit; every method raises `DatabaseAway` if the database cannot be
    reached, and `StationUnknown` where it would write of no station.
    """

    async def believe(
        station_id: int,
        kind: str,
        bodies: Mapping[str, dict[str, Any]],
        at: float,
        *,
        instead: bool = False,
    ) -> None:
        """Keep beliefs by name, each in place of the one of that name.

        `instead` drops all others of the kind: what was told is all there is.
        """

    async def forget(
        station_id: int, kind: str, names: Collection[str] | None = None
    ) -> None:
        """Drop beliefs of a kind: those named, or all."""

    async def beliefs(station_id: int, kind: str) -> dict[str, Belief]:
        """Return the beliefs of a kind by name, in the order of the names."""

    async def count(station_id: int, kind: str, counts: Mapping[str, int]) -> None:
        """Add to the `count` of beliefs, which begin at nothing; their time stays.

        A belief's body is then `{"count": n}`. One that nobody has kept is of time 0.
        """

    async def note(station_id: int, kind: str, body: dict[str, Any], at: float) -> None:
        """Append an event."""

    async def events(
        station_id: int,
        *,
        kinds: Collection[str] = (),
        before: int | None = None,
        limit: int,
    ) -> tuple[Event, ...]:
        """Return events of some kinds or all, newest first, from before a number."""

    async def prune(kinds: Collection[str], before: float, *, limit: int) -> int:
        """Drop events of some kinds that happened before a POSIX time.

        The oldest first, at most `limit` of them; return how many.
        """
