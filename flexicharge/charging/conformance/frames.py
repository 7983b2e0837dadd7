"""The frames of a try, as they are kept: in their order, cut, secrets masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flexicharge.charging.conformance.ear import Ear
from flexicharge.charging.conformance.report import SeenFrame
from flexicharge.model.events import FrameHeard
from flexicharge.model.frame_record import Direction
from flexicharge.model.station_command import StationCommand
from flexicharge.ocpp.frames import Call
from flexicharge.ocpp.v16.frames import write_call
from flexicharge.ocpp.v16.secrets import masked_text

MAX_FRAME: Final = 65_536  # characters, as in the journal


def frames_of(command: StationCommand, ear: Ear) -> tuple[SeenFrame, ...]:
    """Return our Call, if it was sent, and what the station said to that."""
    message_id = ear.sent_as(command.command_id)
    if message_id is None:
        return ()
    heard = sorted(_heard(message_id, command.action, ear), key=lambda one: one.at)
    return (_call(command, message_id), *heard)


def _heard(message_id: str, action: str, ear: Ear) -> Iterator[SeenFrame]:
    answer = ear.answers.get(message_id)
    if answer is not None:
        yield _seen(answer, action, is_request=False)
    if ear.message is not None:
        yield _seen(ear.message, ear.message.action, is_request=True)
    for stray in ear.strays:
        yield _seen(stray, action, is_request=False)


def _call(command: StationCommand, message_id: str) -> SeenFrame:
    """Return our Call as it was sent, but for secrets, of which there are none."""
    text = write_call(Call(message_id, command.action, command.payload))
    return SeenFrame(
        at=command.asked_at,
        direction=Direction.OUT,
        text=text.decode(),
    )


def _seen(heard: FrameHeard, action: str, *, is_request: bool) -> SeenFrame:
    text = masked_text(heard.text, action, is_request=is_request).replace("\0", "")
    return SeenFrame(
        at=heard.at,
        direction=Direction.IN,
        text=text[:MAX_FRAME],
        left_out=max(len(text) - MAX_FRAME, 0),
        verdict=heard.verdict,
        why=heard.why,
    )
