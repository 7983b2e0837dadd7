"""What is said on a charger's socket, both ways, and how long each answer took."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any, Protocol

from attrs import define, field, frozen

CHARGER, SERVER = "charger", "server"
OTHER = {CHARGER: SERVER, SERVER: CHARGER}
MAX_SHOWN = 48
# What tells one message from others of its action, where there is such a word.
TELLING = ("status", "requestedMessage", "updateType", "type", "key")


@define
class Exchange:
    """A Call and its answer: a payload, or the code of an error."""

    sender: str
    message_id: str
    action: str
    asked_at: float
    payload: dict[str, Any] = field(repr=False)
    answer: dict[str, Any] | str | None = None
    took_s: float = 0.0

    @property
    def outcome(self) -> str:
        """The answer in a word, or a few."""
        if not isinstance(self.answer, dict):
            return self.answer or "no answer"
        of_tag = self.answer.get("idTagInfo", {}).get("status")
        return self.answer.get("status", of_tag) or _in_short(self.answer)

    @property
    def message(self) -> str:
        """The message in a few words."""
        words = [self.payload[name] for name in TELLING if name in self.payload]
        more = f" ({words[0]})" if words and isinstance(words[0], str) else ""
        return f"{self.action}{more}"


@define
class Transcript:
    """All frames in the order in which the charger sent and heard them."""

    frames: list[tuple[str, str]] = field(factory=list)
    exchanges: list[Exchange] = field(factory=list)
    _open: dict[tuple[str, str], Exchange] = field(factory=dict)

    def note(self, sender: str, text: str) -> None:
        """Add a frame; fail if it is none of OCPP-J, or answers nothing."""
        at = perf_counter()
        self.frames.append((sender, text))
        match json.loads(text):
            case [2, str(message_id), str(action), dict(payload)]:
                self._ask(Exchange(sender, message_id, action, at, payload))
            case [3, str(message_id), dict(payload)]:
                self._answer(sender, message_id, payload, at)
            case [4, str(message_id), str(code), str(), dict()]:
                self._answer(sender, message_id, code, at)
            case _:
                raise AssertionError(f"no frame of OCPP-J: {text}")

    def said_by(self, sender: str) -> list[str]:
        """Return the text of all frames from one side."""
        return [text for who, text in self.frames if who == sender]

    def calls_by(self, sender: str, action: str = "") -> list[Exchange]:
        """Return the Calls of one side, of one action or all."""
        return [
            each
            for each in self.exchanges
            if each.sender == sender and action in ("", each.action)
        ]

    def demand_answers(self) -> None:
        """Fail if a Call has no answer, or an error for one."""
        bad = [each for each in self.exchanges if not isinstance(each.answer, dict)]
        assert not bad, bad

    def _ask(self, asked: Exchange) -> None:
        mine = [key for key in self._open if key[0] == asked.sender]
        assert not mine, f"{asked} while another Call was open"
        self._open[asked.sender, asked.message_id] = asked
        self.exchanges.append(asked)

    def _answer(
        self, sender: str, message_id: str, answer: dict[str, Any] | str, at: float
    ) -> None:
        asked = self._open.pop((OTHER[sender], message_id))
        asked.answer, asked.took_s = answer, at - asked.asked_at


class Socket(Protocol):
    """What the package `ocpp` wants of a connection."""

    async def recv(self) -> Any:
        """Return the next message."""

    async def send(self, message: str) -> None:
        """Send a message."""


@frozen
class Recorded:
    """A socket whose frames are all written down."""

    socket: Socket
    transcript: Transcript

    async def recv(self) -> str:
        """Return the next message, which must be of text."""
        text = await self.socket.recv()
        assert isinstance(text, str)
        self.transcript.note(SERVER, text)
        return text

    async def send(self, message: str) -> None:
        """Send a message."""
        self.transcript.note(CHARGER, message)
        await self.socket.send(message)


def table(columns: dict[str, Transcript]) -> Iterator[str]:
    """Yield the lines of a table of the same exchanges on some ways, in Markdown.

    Each way has a column for its milliseconds.
    """
    rows = [transcript.exchanges for transcript in columns.values()]
    yield " | ".join(["| # | message", "from", "answer", *columns]) + " |"
    yield "|---|---|---|---|" + "---:|" * len(columns)
    for number, same in enumerate(zip(*rows, strict=True), 1):
        [(message, sender, outcome)] = {
            (each.message, each.sender, each.outcome) for each in same
        }
        took = " | ".join(f"{each.took_s * 1000:.1f}" for each in same)
        yield f"| {number} | {message} | {sender} | {outcome} | {took} |"


def _in_short(answer: dict[str, Any]) -> str:
    """Return an answer without a status: its text if it is short, else its keys."""
    text = json.dumps(answer)
    if "currentTime" in answer or len(text) > MAX_SHOWN:
        return ", ".join(answer)
    return f"`{text}`"
