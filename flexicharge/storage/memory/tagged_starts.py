"""How a standard station's starts become sessions of a world."""

from __future__ import annotations

from attrs import evolve

from flexicharge.errors import ConnectorBusy, ConnectorUnknown
from flexicharge.model.session import RUNNING, UNSTARTED, Session, TaggedStart
from flexicharge.storage.memory import moves, opening
from flexicharge.storage.memory.guards import stored_at, stored_key, stored_text
from flexicharge.storage.memory.rows import FactRow
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.values import storable


def said_before(world: MemoryWorld, fact: TaggedStart) -> Session | None:
    """Return the running session that a start began when it was said before."""
    words = _words(fact, None)
    for session in world.sessions.at_station(fact.station_id):
        if session.state in RUNNING and any(
            known.kind == words.kind
            and known.key == words.key
            and (known.key or (known.at, known.claimed) == (words.at, words.claimed))
            for known in world.books.facts_of_session(session.session_id)
        ):
            return session
    return None


def begin(world: MemoryWorld, fact: TaggedStart) -> tuple[Session, tuple[Session, ...]]:
    """Return the session that begins, and whatever had to make way for it.

    Raise `ConnectorUnknown` or `ConnectorBusy`.
    """
    _check_place(world, fact)
    held = None if fact.aside else world.sessions.open_on(fact.connector_id)
    if held is not None and held.state in RUNNING:
        raise ConnectorBusy(fact.connector_id)
    own = _own(world, fact)
    begun = moves.charging_tagged(own or _blank(world, fact), fact)
    words = _words(fact, begun.session_id)
    cancelled: tuple[Session, ...] = ()
    if held is not None and held is not own:
        cancelled = (opening.make_way(world, held, fact.arrived_at),)
    put = world.sessions.add if own is None else world.sessions.put
    world.books.keep_fact(words)
    return put(begun), cancelled


def _check_place(world: MemoryWorld, fact: TaggedStart) -> None:
    """Raise `ConnectorUnknown` for a connector that the station has not."""
    connector = world.network.connector_in_service(fact.connector_id)
    if connector.station_id != fact.station_id:
        raise ConnectorUnknown(fact.connector_id)


def _own(world: MemoryWorld, fact: TaggedStart) -> Session | None:
    """Return the unstarted session that a tag is of, if it is on that connector."""
    named = world.sessions.rows.get(fact.session_id or 0)
    if named is None or named.state not in UNSTARTED:
        return None
    return named if named.connector_id == fact.connector_id else None


def _blank(world: MemoryWorld, fact: TaggedStart) -> Session:
    number = world.sessions.draw_number()
    blank = opening.blank(world, fact.connector_id, number, fact.arrived_at)
    payer = fact.user_id
    return evolve(blank, user_id=None if payer is None else stored_text(payer))


def _words(fact: TaggedStart, session_id: int | None) -> FactRow:
    """Return what a station said, as evidence."""
    return FactRow(
        station_id=fact.station_id,
        session_id=session_id,
        kind="start",
        at=stored_at(fact.arrived_at),
        claimed=storable(fact.claimed),
        key=stored_key(fact.key),
    )
