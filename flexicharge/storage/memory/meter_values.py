"""The table of meter values: whatever standard stations sampled."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from itertools import islice
from math import isfinite
from operator import attrgetter
from typing import Final

from attrs import define, evolve, field

from flexicharge.interfaces.stores import KeptMeterValue
from flexicharge.storage.json_text import MAX_JSON_BYTES
from flexicharge.storage.memory.guards import stored_at, stored_int, stored_json
from flexicharge.storage.values import storable

KEPT_OF_STATION: Final = 5000


def stored_value(value: KeptMeterValue) -> KeptMeterValue:
    """Return a meter value as its row keeps it.

    Raise `ValueError`, or `UnusableValue` for a time that is none; a claimed one is
    left out then.
    """
    claimed_at, samples = value.claimed_at, stored_json(storable(value.samples))
    if claimed_at is not None:
        claimed_at = stored_at(claimed_at) if isfinite(claimed_at) else None
    if len(samples.encode()) > MAX_JSON_BYTES:
        raise ValueError("samples of more than 4 MiB")
    return evolve(
        value,
        connector_number=stored_int(value.connector_number),
        claimed_at=claimed_at,
        received_at=stored_at(value.received_at),
        samples=samples,
    )


@define
class MeterValueTable:
    """The last 5000 of each station, so that a simulated week fits into memory.

    It is known of every session when the last one came.
    """

    _of_station: dict[int, deque[KeptMeterValue]] = field(factory=dict, init=False)
    _heard_at: dict[int, float] = field(factory=dict, init=False)

    def add(self, station_id: int, values: Iterable[KeptMeterValue]) -> None:
        """Append what a station sampled."""
        rows = self._of_station.setdefault(station_id, deque(maxlen=KEPT_OF_STATION))
        for value in values:
            rows.append(value)
            if value.session_id is not None:
                heard_at = self.heard_at(value.session_id)
                self._heard_at[value.session_id] = max(heard_at, value.received_at)

    def newest(
        self, station_id: int, session_id: int | None, limit: int
    ) -> tuple[KeptMeterValue, ...]:
        """Return those of a station that came last, or of one session there."""
        rows = list(self._of_station.get(station_id, ()))
        rows.sort(key=attrgetter("received_at"))
        wanted = (row for row in rows[::-1] if session_id in (None, row.session_id))
        return tuple(islice(wanted, limit))

    def heard_at(self, session_id: int) -> float:
        """Return when the last value of a session came; 0 if none ever did."""
        return self._heard_at.get(session_id, 0.0)

    def drop_station(self, station_id: int, session_ids: Collection[int]) -> None:
        """Drop whatever a station sampled."""
        self._of_station.pop(station_id, None)
        for session_id in session_ids:
            self._heard_at.pop(session_id, None)
