"""Frames as rows of the journal: how they are written at once, and read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from attrs import evolve

from flexicharge.interfaces.journal import JournalledFrame
from flexicharge.interfaces.stores import Row
from flexicharge.model.frame_record import Direction, FrameRecord, FrameVerdict
from flexicharge.storage.values import storable

MAX_TEXT_BYTES: Final = 1 << 16
MAX_NAME: Final = 255  # characters of an action and of a message id
MAX_WHY: Final = 1000
CUT: Final = "cut to 64 KiB"
MENDED: Final = "left out what cannot be stored"
_PLAIN: Final = 128

# The frames' own field names are the columns. A commit of the journal that is lost with
# a PostgreSQL that dies is no loss of facts, so nobody waits for the disk.
SOON: Final = "SET LOCAL synchronous_commit = off"
WRITE: Final = """
INSERT INTO frames (
    station_id, at, latency_s, direction, verdict, action, message_id, why, repairs,
    text
)
SELECT station_id, to_timestamp(at), latency_s, direction, verdict, action, message_id,
    why, nullif(repairs, '[]'), text
FROM jsonb_to_recordset(%s) AS new (
    station_id bigint, at float8, latency_s float8, direction text, verdict text,
    action text, message_id text, why text, repairs jsonb, text text
)
"""
READ: Final = """
SELECT number, station_id, extract(epoch FROM at)::float8, latency_s, direction,
    verdict, action, message_id, why, coalesce(repairs::text, '[]'), text
FROM frames
WHERE station_id = %(station_id)s AND number < %(before)s
ORDER BY number DESC LIMIT %(limit)s
"""

_encode = msgspec.json.Encoder().encode


def json_of(frames: Sequence[FrameRecord]) -> str:
    """Return frames as the JSON that `WRITE` takes apart."""
    return _encode(frames).decode()


def frame_of(row: Row) -> JournalledFrame:
    """Return the frame that a row of `READ` stands for."""
    number, station_id, at, latency_s, direction, verdict, *texts = row
    action, message_id, why, repairs, text = texts
    frame = FrameRecord(
        station_id=station_id,
        at=at,
        latency_s=latency_s,
        direction=Direction(direction),
        verdict=FrameVerdict(verdict),
        action=action,
        message_id=message_id,
        why=why,
        repairs=tuple(json.loads(repairs)),
        text=text,
    )
    return JournalledFrame(number, frame)


def as_kept(frame: FrameRecord) -> FrameRecord:
    """Return a frame as it can be kept, what was done to it said in `why`.

    Nearly always that is the very same one, and this is quick to see.
    """
    text, others = frame.text, frame.action + frame.message_id + frame.why
    if (
        text.isascii()
        and len(text) <= MAX_TEXT_BYTES
        and others.isascii()
        and len(others) <= _PLAIN
        and "\0" not in text
        and "\0" not in others
        and not frame.repairs
    ):
        return frame
    return _mended(frame)


def _mended(frame: FrameRecord) -> FrameRecord:
    text, notes = storable(frame.text), []
    if text != frame.text:
        notes.append(MENDED)
    raw = text.encode()
    if len(raw) > MAX_TEXT_BYTES:
        text = raw[:MAX_TEXT_BYTES].decode(errors="ignore")
        notes.append(CUT)
    return evolve(
        frame,
        text=text,
        action=storable(frame.action[:MAX_NAME]),
        message_id=storable(frame.message_id[:MAX_NAME]),
        why="; ".join([*_some(storable(frame.why[:MAX_WHY])), *notes]),
        repairs=tuple(_storable(repair) for repair in frame.repairs),
    )


def _some(text: str) -> list[str]:
    return [text] if text else []


def _storable(value: Any) -> Any:
    """Return a JSON value with all texts in it as they can be stored."""
    match value:
        case str():
            return storable(value)
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {storable(key): _storable(item) for key, item in value.items()}
    return value
