"""A network that loses all its lines is noted in few commits."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.actors.background import Background
from flexicharge.charging.partings import Partings
from flexicharge.errors import DatabaseAway
from flexicharge.testing.deferreds import fire, result_of


@define(eq=False)
class SlowStore:
    """Keeps what it is told, and answers when the test says so."""

    told: list[list[tuple[int, float]]] = field(factory=list)
    answers: list[Deferred[None]] = field(factory=list)

    async def stations_gone(self, gone: Iterable[tuple[int, float]]) -> None:
        self.told.append(list(gone))
        self.answers.append(Deferred())
        await self.answers[-1]


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def partings(store: SlowStore, clock: Clock) -> Partings:
    return Partings(store, clock, Background())


def test_those_who_go_while_one_commit_is_under_way_share_the_next(
    store: SlowStore, partings: Partings, clock: Clock
) -> None:
    """A thousand that go at once take two commits, each with its own time."""
    noted = [fire(partings.note(number)) for number in range(1000)]
    clock.advance(1)
    noted.append(fire(partings.note(5000)))
    store.answers[0].callback(None)
    assert [len(each) for each in store.told] == [1, 1000]
    assert store.told[1][-1] == (5000, clock.seconds())
    assert store.told[1][0] == (1, clock.seconds() - 1)
    assert [each.called for each in noted] == [True] + [False] * 1000
    store.answers[1].callback(None)
    assert all(each.called for each in noted)


def test_the_database_is_waited_for(
    store: SlowStore, partings: Partings, clock: Clock
) -> None:
    """Nobody is forgotten while it is away."""
    noted = fire(partings.note(7))
    store.answers[0].errback(DatabaseAway("gone"))
    clock.advance(1)
    assert store.told == [store.told[0]] * 2
    store.answers[1].callback(None)
    result_of(noted)


def test_what_goes_wrong_reaches_those_who_wait_and_nobody_else(
    store: SlowStore, partings: Partings
) -> None:
    """Those who went meanwhile are noted as if nothing had been."""
    noted, later = fire(partings.note(7)), fire(partings.note(8))
    store.answers[0].errback(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        result_of(noted)
    store.answers[1].callback(None)
    result_of(later)
