"""Beliefs of one kind, as values of one type."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Generic, TypeVar

import msgspec
from attrs import frozen

from flexicharge.interfaces import IStationBook

T = TypeVar("T")


@frozen
class Drawer(Generic[T]):
    """The beliefs of one kind in the stations' books; values are of an attrs class."""

    _book: IStationBook
    _kind: str
    _type: type[T]

    async def all(self, station_id: int) -> dict[str, T]:
        """Return what is believed of a station, by name, in the order of the names."""
        beliefs = await self._book.beliefs(station_id, self._kind)
        return {
            name: msgspec.convert(belief.body, self._type)
            for name, belief in beliefs.items()
        }

    async def put(
        self,
        station_id: int,
        values: Mapping[str, T],
        at: float,
        *,
        instead: bool = False,
    ) -> None:
        """Believe these, each in place of the one of its name; or these `instead`."""
        if values or instead:
            bodies = {
                name: msgspec.to_builtins(value) for name, value in values.items()
            }
            await self._book.believe(
                station_id, self._kind, bodies, at, instead=instead
            )

    async def drop(self, station_id: int, names: Collection[str]) -> None:
        """Believe these no longer."""
        if names:
            await self._book.forget(station_id, self._kind, names)
