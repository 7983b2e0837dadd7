"""What comes in from a station's socket: understood, put on record, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.actors.incoming import Incoming
from flexicharge.actors.journal import FrameLog
from flexicharge.actors.seams import ActorSeams
from flexicharge.charging.beliefs.tallies import OFF_SCHEMA
from flexicharge.errors import BadInput
from flexicharge.model.events import FrameHeard, heard_topic
from flexicharge.model.frame_record import FrameVerdict
from flexicharge.model.site import Protocol, Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import Call, CallError, CallResult
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16.secrets import masked_text

SHOWN: Final = 50  # characters of a station's own text in a line of the log
COUNTED_AFTER_S: Final = 5.0
Asked = tuple[Call, float]


@define(eq=False)
class Ears:
    """Reads a station's texts; whatever cannot be understood is refused at once."""

    station: Station
    _talk: IConversation
    _seams: ActorSeams
    _frames: FrameLog
    _send: Callable[[bytes], None]
    _violations: Counter[str] = field(factory=Counter, init=False)
    _logged: set[str] = field(factory=set, init=False)
    _log = Logger()

    def frame(
        self, text: bytes, asked_as: Callable[[CallResult | CallError], Asked | None]
    ) -> Incoming | CallResult | CallError | None:
        """Return what a text is; None if it was refused.

        `asked_as` finds the Call of ours that an answer is to, and when it was sent.
        """
        at = self._seams.clock.seconds()
        try:
            frame = self._talk.read(text)
        except BadInput as why:
            self._reject(text, at, why)
            return None
        if isinstance(frame, Call):
            return self._understood(frame, text, at)
        self._told(frame, text, asked_as(frame))
        return frame

    def say(self, incoming: Incoming, text: bytes) -> None:
        """Answer a Call."""
        self._answer(incoming.call, text, incoming.at)

    def _answer(self, call: Call, text: bytes, came_at: float) -> None:
        self._send(text)
        self._frames.answered(text, call.action, str(call.message_id), came_at)

    def _reject(self, text: bytes, at: float, why: BadInput) -> None:
        """Refuse what is no frame, if anybody waits for an answer to it."""
        self._log.info(
            "{serial_number} sent what is no frame: {why}: {text!r}",
            serial_number=self.station.serial_number,
            why=why,
            text=masked_text(text, "", is_request=True)[:SHOWN],
        )
        verdict, repairs = self._judged(FrameVerdict.UNREADABLE)
        self._frames.heard(
            text, "", "", at, verdict=verdict, why=str(why), repairs=repairs
        )
        self._publish(text, at, verdict, why=str(why))
        refusal = self._talk.reject(why)
        if refusal is not None:
            self._answer(Call("", "", {}), refusal, at)

    def _understood(self, call: Call, text: bytes, at: float) -> Incoming | None:
        message_id = str(call.message_id)
        try:
            request = self._talk.understand(call, at)
        except BadInput as why:
            self._log.info(
                "{serial_number} sent a {action!r} that is refused: {why!r}",
                serial_number=self.station.serial_number,
                action=call.action[:SHOWN],
                why=str(why)[:SHOWN],
            )
            verdict, repairs = self._judged(FrameVerdict.REFUSED)
            self._frames.heard(
                text,
                call.action,
                message_id,
                at,
                verdict=verdict,
                why=str(why),
                repairs=repairs,
            )
            self._publish(
                text,
                at,
                verdict,
                action=call.action,
                message_id=message_id,
                why=str(why),
            )
            self._answer(call, self._talk.refuse(call, why), at)
            return None
        verdict, repairs = self._judged(FrameVerdict.OK)
        self._frames.heard(
            text, call.action, message_id, at, verdict=verdict, repairs=repairs
        )
        self._publish(text, at, verdict, action=call.action, message_id=message_id)
        return Incoming(call, request, text, at)

    def _told(
        self, answer: CallResult | CallError, text: bytes, asked: Asked | None
    ) -> None:
        """Put an answer on record, with how long it took."""
        at = self._seams.clock.seconds()
        action, asked_at = ("", None) if asked is None else (asked[0].action, asked[1])
        verdict, why = FrameVerdict.OK, ""
        if asked is None:
            verdict = FrameVerdict.UNEXPECTED
        elif isinstance(answer, CallResult):
            why = "; ".join(self._talk.violations(action, answer))
            verdict = FrameVerdict.OFF_SCHEMA if why else verdict
        verdict, repairs = self._judged(verdict, action)
        message_id = str(answer.message_id)
        self._frames.told(
            text,
            action,
            message_id,
            asked_at,
            verdict=verdict,
            why=why,
            repairs=repairs,
        )
        latency_s = None if asked_at is None else at - asked_at
        self._publish(
            text,
            at,
            verdict,
            action=action,
            message_id=message_id,
            why=why,
            latency_s=latency_s,
        )

    def _publish(
        self,
        text: bytes,
        at: float,
        verdict: FrameVerdict,
        *,
        action: str = "",
        message_id: str = "",
        why: str = "",
        latency_s: float | None = None,
    ) -> None:
        """Hand on what a standard station says, to whoever listens to it just now."""
        if self.station.protocol is Protocol.DIALECT:
            return
        heard = FrameHeard(
            text=text,
            at=at,
            action=action,
            message_id=message_id,
            verdict=verdict,
            why=why,
            latency_s=latency_s,
        )
        self._seams.bus.publish(heard_topic(self.station.station_id), heard)

    def _judged(
        self, verdict: FrameVerdict, answered: str = ""
    ) -> tuple[FrameVerdict, tuple[Repair, ...]]:
        """Return the verdict on a frame, and what was mended in it; count both.

        `answered` is the action that an answer is to.
        """
        repairs = self._talk.repairs()
        kinds = [repair.quirk_id for repair in repairs]
        if verdict is FrameVerdict.OFF_SCHEMA:
            kinds.append(OFF_SCHEMA.format(answered))
        elif verdict is not FrameVerdict.OK:
            kinds.append(verdict.value)
        elif repairs:
            verdict = FrameVerdict.REPAIRED
        if kinds and self.station.protocol is not Protocol.DIALECT:
            self._count(kinds)
            self._log_new(repairs)
        return verdict, repairs

    def _count(self, kinds: list[str]) -> None:
        """Add to the station's score; written soon, many at once."""
        if not self._violations:
            self._seams.background.spawn(
                f"what was mended of {self.station.serial_number}", self._keep_counts()
            )
        self._violations.update(kinds)

    async def _keep_counts(self) -> None:
        await deferLater(self._seams.clock, COUNTED_AFTER_S)
        counts, self._violations = dict(self._violations), Counter()
        await self._seams.standard.learning.repaired(self.station, counts)

    def _log_new(self, repairs: tuple[Repair, ...]) -> None:
        """Log the first repair of each kind; a station may need it in every frame.

        What became of what is in the journal, which knows what is secret.
        """
        for repair in repairs:
            if repair.quirk_id in self._logged:
                continue
            self._logged.add(repair.quirk_id)
            self._log.info(
                "{serial_number}: {quirk_id} was mended at {where}",
                serial_number=self.station.serial_number,
                quirk_id=repair.quirk_id,
                where=repair.where[:SHOWN],
            )
