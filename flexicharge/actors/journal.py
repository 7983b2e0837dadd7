"""What one station and we say to each other, noted for the journal of frames."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any, Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import MalformedFrame
from flexicharge.interfaces import IFrameJournal
from flexicharge.model.frame_record import Direction, FrameRecord, FrameVerdict
from flexicharge.ocpp.frames import encode, read_array
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16.secret_names import MASK
from flexicharge.ocpp.v16.secrets import masked_text, secrets_in, text_without

MAX_REPAIRS: Final = 50
MAX_VALUE: Final = 500  # characters of a raw or a repaired value
MAX_SECRETS: Final = 32  # as many Calls of ours may still be answered


@define(eq=False)
class FrameLog:
    """Notes a station's frames, secrets masked; does nothing if there is no journal.

    Times are POSIX seconds. An action or a message id that is not known is ''. What the
    station was told in secret is not shown either where it repeats that in other words.
    """

    _journal: IFrameJournal | None
    _station_id: int
    _clock: IReactorTime
    _told_it: deque[str] = field(
        factory=lambda: deque(maxlen=MAX_SECRETS), init=False, repr=False
    )

    def heard(
        self,
        text: bytes,
        action: str,
        message_id: str,
        at: float,
        *,
        verdict: FrameVerdict = FrameVerdict.OK,
        why: str = "",
        repairs: tuple[Repair, ...] = (),
    ) -> None:
        """Note the station's Call, or what is no frame at all, which came `at`."""
        if self._journal is None:
            return
        shown = self._shown(text, action, is_request=True)
        self._journal.note(
            FrameRecord(
                station_id=self._station_id,
                at=at,
                direction=Direction.IN,
                text=shown,
                verdict=verdict,
                action=action,
                message_id=message_id,
                why=why,
                repairs=_told(repairs, text, shown) if repairs else (),
            )
        )

    def answered(
        self,
        text: bytes,
        action: str,
        message_id: str,
        came_at: float,
        *,
        verdict: FrameVerdict = FrameVerdict.OK,
        why: str = "",
    ) -> None:
        """Note our answer to a Call that came at a time."""
        if self._journal is None:
            return
        at = self._clock.seconds()
        self._journal.note(
            FrameRecord(
                station_id=self._station_id,
                at=at,
                direction=Direction.OUT,
                text=masked_text(text, action, is_request=False),
                verdict=verdict,
                action=action,
                message_id=message_id,
                why=why,
                latency_s=at - came_at,
            )
        )

    def asked(self, text: bytes, action: str, message_id: str) -> None:
        """Note our Call."""
        if self._journal is None:
            return
        shown = masked_text(text, action, is_request=True)
        if shown != text.decode(errors="replace"):
            with suppress(MalformedFrame):  # an address full of brackets
                self._told_it.extend(secrets_in(action, read_array(text)[3]))
        self._journal.note(
            FrameRecord(
                station_id=self._station_id,
                at=self._clock.seconds(),
                direction=Direction.OUT,
                text=shown,
                action=action,
                message_id=message_id,
            )
        )

    def told(
        self,
        text: bytes,
        action: str,
        message_id: str,
        asked_at: float | None,
        *,
        verdict: FrameVerdict = FrameVerdict.OK,
        why: str = "",
        repairs: tuple[Repair, ...] = (),
    ) -> None:
        """Note the station's answer to a Call of ours; None if it was not asked."""
        if self._journal is None:
            return
        at = self._clock.seconds()
        shown = self._shown(text, action, is_request=False)
        self._journal.note(
            FrameRecord(
                station_id=self._station_id,
                at=at,
                direction=Direction.IN,
                text=shown,
                verdict=verdict,
                action=action,
                message_id=message_id,
                why=why,
                repairs=_told(repairs, text, shown) if repairs else (),
                latency_s=None if asked_at is None else at - asked_at,
            )
        )

    def _shown(self, text: bytes, action: str, *, is_request: bool) -> str:
        shown = masked_text(text, action, is_request=is_request)
        return text_without(shown, self._told_it) if self._told_it else shown


def _told(
    repairs: tuple[Repair, ...], text: bytes, shown: str
) -> tuple[dict[str, Any], ...]:
    """Return repairs as JSON objects, without values if the frame bears a secret."""
    value = _bounded if shown == text.decode(errors="replace") else _hidden
    told: list[dict[str, Any]] = [
        {
            "rule": repair.quirk_id,
            "where": repair.where[:MAX_VALUE],
            "raw": value(repair.raw),
            "repaired": value(repair.repaired),
        }
        for repair in repairs[:MAX_REPAIRS]
    ]
    if len(repairs) > MAX_REPAIRS:
        told.append({"rule": "", "where": f"{len(repairs) - MAX_REPAIRS} more places"})
    return tuple(told)


def _bounded(value: Any) -> Any:
    """Return a JSON value as it is, or of a long one how its text begins."""
    if value is None or isinstance(value, bool | float):
        return value
    text = value if isinstance(value, str) else encode(value).decode(errors="replace")
    return value if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _hidden(value: Any) -> Any:
    return None if value is None else MASK
