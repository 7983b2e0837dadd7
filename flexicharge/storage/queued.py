"""What waits to be written: readings, and frames of meter values."""

from __future__ import annotations

from collections.abc import Callable

from flexicharge.interfaces.stores import NewMeterValues, NewReading

New = NewReading | NewMeterValues
Done = Callable[[Exception | None], None]
Queued = tuple[New, Done, int]  # as how many rows it is written


def rows_in(new: New) -> int:
    """Return how many rows something is written as; a frame without any counts too."""
    if isinstance(new, NewReading):
        return 1
    return len(new.values) + len(new.readings) or 1


def described(new: New) -> str:
    """Return what to call it in a log, however much is in it."""
    if isinstance(new, NewReading):
        return str(new)
    return f"a frame of station {new.station_id} with {len(new.values)} meter values"


def is_about(new: New, session_id: int) -> bool:
    """Tell whether something is of a session, as a whole or in part."""
    if isinstance(new, NewReading):
        return new.session_id == session_id
    return any(value.session_id == session_id for value in new.values) or any(
        reading.session_id == session_id for reading in new.readings
    )
