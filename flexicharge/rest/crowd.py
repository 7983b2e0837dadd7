"""Who is connected over HTTP, and who has to go when there are too many.

Whoever waits for an answer stays. Of the others that one goes first whose last answer,
or arrival, is longest ago: a flood of idle connections washes itself away, and a client
that has something to ask finds room. What is taken from a client so is nothing but a
connection; it may come back at once.
"""

from __future__ import annotations

from typing import Final, Protocol

from attrs import define, field

MOST: Final = 2048  # connections, so that chargers always find files free for theirs
MOST_OF_ONE: Final = 256  # of one address; many phones can share one
MOST_BYTES: Final = 64 * 1024 * 1024  # of bodies that are not complete yet


class Guest(Protocol):
    """A connection, as far as it may have to go."""

    def turn_out(self) -> None:
        """Be gone at once."""


@define(eq=False)
class Party:
    """Connections that are limited together; those that wait, longest first."""

    most: int
    busy: int = 0
    waiting: dict[Guest, None] = field(factory=dict)

    @property
    def size(self) -> int:
        """How many they are."""
        return self.busy + len(self.waiting)

    @property
    def longest_waiting(self) -> Guest | None:
        """Who would have to go, if anybody can."""
        return next(iter(self.waiting), None)


@define(eq=False)
class Crowd:
    """All connections, each with the address it is counted under, or None for none."""

    most: int = MOST
    most_of_one: int = MOST_OF_ONE
    most_bytes: int = MOST_BYTES
    _everybody: Party = field(init=False)
    _parties: dict[str, Party] = field(factory=dict, init=False)
    _client_of: dict[Guest, str | None] = field(factory=dict, init=False)
    _brought: dict[Guest, int] = field(factory=dict, init=False)
    _bytes: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._everybody = Party(self.most)

    def __len__(self) -> int:
        return len(self._client_of)

    def arrive(self, guest: Guest, client: str | None) -> bool:
        """Take a guest in, if need be for another one; False if all others are busy."""
        has_room = all(self._has_room(party) for party in self._parties_of(client))
        if has_room:
            self._client_of[guest] = client
            for party in self._parties_of(client):
                party.waiting[guest] = None
        self._forget_if_empty(client)
        return has_room

    def leave(self, guest: Guest) -> None:
        """Count a guest no more; it may have left already."""
        if guest not in self._client_of:
            return
        self._no_body(guest)
        client = self._client_of.pop(guest)
        for party in self._parties_of(client):
            if guest in party.waiting:
                del party.waiting[guest]
            else:
                party.busy -= 1
        self._forget_if_empty(client)

    def ask(self, guest: Guest) -> None:
        """Let a guest stay until it is answered: its request is complete."""
        self._no_body(guest)
        for party in self._parties_of(self._client_of[guest]):
            del party.waiting[guest]
            party.busy += 1

    def answered(self, guest: Guest) -> None:
        """Let a guest wait behind all others."""
        for party in self._parties_of(self._client_of[guest]):
            party.busy -= 1
            party.waiting[guest] = None

    def bring(self, guest: Guest, count: int) -> None:
        """Keep bytes of a guest's body; if they are too many, who began first goes."""
        self._brought[guest] = self._brought.get(guest, 0) + count
        self._bytes += count
        while self._bytes > self.most_bytes:
            self._turn_out(next(iter(self._brought)))

    def _parties_of(self, client: str | None) -> tuple[Party, ...]:
        if client is None:
            return (self._everybody,)
        own = self._parties.setdefault(client, Party(self.most_of_one))
        return own, self._everybody

    def _has_room(self, party: Party) -> bool:
        if party.size >= party.most and party.longest_waiting is not None:
            self._turn_out(party.longest_waiting)
        return party.size < party.most

    def _turn_out(self, guest: Guest) -> None:
        self.leave(guest)
        guest.turn_out()

    def _no_body(self, guest: Guest) -> None:
        self._bytes -= self._brought.pop(guest, 0)

    def _forget_if_empty(self, client: str | None) -> None:
        if client in self._parties and not self._parties[client].size:
            del self._parties[client]
