"""What is on record of a station: frames, facts and events, as operators read them."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.interfaces.journal import JournalledFrame
from flexicharge.interfaces.station_book import Event
from flexicharge.model.frame_record import Direction, FrameVerdict
from flexicharge.model.session import StationFact
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import optional
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.paging import (
    BEFORE,
    LIMIT,
    MAX_NUMBER,
    number_in_query,
    text_in_query,
)
from flexicharge.rest.times import iso_of

MAX_KIND: Final = 64
OF_SESSION: Final = optional(number_in_query(1, MAX_NUMBER, "invalidTransactionId"))
KIND: Final = optional(text_in_query(MAX_KIND, "invalidKind"), "")


@frozen(kw_only=True)
class WantedFacts:
    """Which facts: of one charge or all, how many at most."""

    session_id: int | None = sent(OF_SESSION, "transactionId")
    limit: int = sent(LIMIT, "limit")


@frozen(kw_only=True)
class WantedEvents:
    """Which events: of a kind or all, older than the one of a number."""

    kind: str = sent(KIND, "kind")
    limit: int = sent(LIMIT, "limit")
    before: int | None = sent(BEFORE, "before")


class Message(Shape, kw_only=True):
    """A frame from a station (`in`) or to it (`out`), secrets in it masked.

    `number` is higher the later it was. `verdict` is what we made of it, `why` what was
    wrong, and `repairs` how it was mended before it was understood. `latencyMs` of an
    answer is since its call.
    """

    number: Whole
    time: str
    direction: Direction
    raw: str
    verdict: FrameVerdict
    action: str | None
    messageId: str | None
    why: str | None
    repairs: list[dict[str, Any]]
    latencyMs: float | None


class Fact(Shape):
    """Something that a station said of a charge, or an operator, in their own words."""

    factId: Whole
    kind: str
    transactionId: Whole | None
    time: str
    claimed: str


class StationEvent(Shape):
    """Something that happened at a station; `eventId` is higher the later it was."""

    eventId: Whole
    kind: str
    time: str
    body: dict[str, Any]


def message_of(kept: JournalledFrame) -> Message:
    """Return a frame as operators read it."""
    frame = kept.frame
    latency_s = frame.latency_s
    return Message(
        number=kept.number,
        time=iso_of(frame.at),
        direction=frame.direction,
        raw=frame.text,
        verdict=frame.verdict,
        action=frame.action or None,
        messageId=frame.message_id or None,
        why=frame.why or None,
        repairs=list(frame.repairs),
        latencyMs=None if latency_s is None else round(latency_s * 1000, 3),
    )


def fact_of(fact: StationFact) -> Fact:
    """Return a fact as operators read it."""
    return Fact(
        factId=fact.fact_id,
        kind=fact.kind,
        transactionId=fact.session_id,
        time=iso_of(fact.at),
        claimed=fact.claimed,
    )


def event_of(event: Event) -> StationEvent:
    """Return an event as operators read it."""
    return StationEvent(
        eventId=event.event_id,
        kind=event.kind,
        time=iso_of(event.at),
        body=event.body,
    )
