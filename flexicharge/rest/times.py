"""Times on the wire."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_of(at: float) -> str:
    """Return a POSIX time as ISO 8601 in UTC, to the millisecond, with a `Z`."""
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return time.replace("+00:00", "Z")
