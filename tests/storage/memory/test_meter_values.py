"""The table of meter values stays small, however long a world lives."""

from __future__ import annotations

from flexicharge.interfaces.stores import KeptMeterValue
from flexicharge.storage.memory.meter_values import KEPT_OF_STATION, MeterValueTable


def test_the_last_values_of_each_station_are_kept() -> None:
    """Old ones make room; when a session was last heard of is known for ever."""
    table = MeterValueTable()
    for number in range(KEPT_OF_STATION + 3):
        value = KeptMeterValue(
            connector_number=number,
            session_id=number % 2,
            claimed_at=None,
            received_at=float(number),
            samples="[]",
        )
        table.add(1, (value,))
    found = table.newest(1, None, KEPT_OF_STATION + 3)
    assert len(found) == KEPT_OF_STATION
    assert (found[0].connector_number, found[-1].connector_number) == (
        KEPT_OF_STATION + 2,
        3,
    )
    assert table.heard_at(0) == KEPT_OF_STATION + 2
    assert table.newest(2, None, 1) == ()
