"""Frames that wait to be written: so many and no more, the oldest out first."""

from __future__ import annotations

from collections import deque
from typing import Final

from attrs import define, field

from flexicharge.model.frame_record import FrameRecord

BATCH_FRAMES: Final = 500
BATCH_CHARACTERS: Final = 1 << 20
MAX_FRAMES: Final = 20_000
MAX_CHARACTERS: Final = 1 << 25


@define(eq=False)
class FrameQueue:
    """Frames in the order they came, at most `limit` of them and 32 Mi characters."""

    _limit: int = MAX_FRAMES
    added: int = field(default=0, init=False)
    _waiting: deque[FrameRecord] = field(factory=deque, init=False)
    _characters: int = field(default=0, init=False)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_full_batch(self) -> bool:
        """Whether there is enough for a batch that is worth its commit."""
        return (
            len(self._waiting) >= BATCH_FRAMES or self._characters >= BATCH_CHARACTERS
        )

    def add(self, frame: FrameRecord) -> int:
        """Add a frame; return how many of the oldest had to go for it."""
        self.added += 1
        self._waiting.append(frame)
        self._characters += len(frame.text)
        gone = 0
        while len(self._waiting) > self._limit or self._characters > MAX_CHARACTERS:
            self._take()
            gone += 1
        return gone

    def next_batch(self) -> list[FrameRecord]:
        """Take out the oldest: 500 frames, or those with 1 Mi characters."""
        batch: list[FrameRecord] = []
        end = self._characters - BATCH_CHARACTERS
        while self._waiting and len(batch) < BATCH_FRAMES and self._characters > end:
            batch.append(self._take())
        return batch

    def clear(self) -> None:
        """Take out all."""
        self._waiting.clear()
        self._characters = 0

    def _take(self) -> FrameRecord:
        frame = self._waiting.popleft()
        self._characters -= len(frame.text)
        return frame
