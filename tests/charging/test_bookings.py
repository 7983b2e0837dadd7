"""Bookings that are due, where the store cannot begin one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import define, evolve, field
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from flexicharge.charging.bookings import Bookings
from flexicharge.errors import DatabaseAway
from flexicharge.testing.town import Town


@define
class Picky:
    """A store that begins no batch, and one by one all but some."""

    why: BaseException
    broken: tuple[int, ...] = ()
    begun: list[int] = field(factory=list, init=False)
    asked: list[int] = field(factory=list, init=False)

    async def get_due(self, at: float) -> tuple[int, ...]:
        """Three connectors have one."""
        return (100001, 100002, 100003)

    async def get_unheld(self) -> tuple[Any, ...]:
        """None has to be seen to."""
        return ()

    async def open_all_due(self, connector_ids: Sequence[int], at: float) -> None:
        """Fail."""
        raise self.why

    async def open_due(self, connector_id: int, at: float) -> None:
        """Begin it, unless it is broken."""
        self.asked.append(connector_id)
        if connector_id in self.broken:
            raise self.why
        self.begun.append(connector_id)


def bookings(clock: Clock, store: Picky) -> Bookings:
    """Return the work on a store's bookings."""
    charging = Town(clock).back_end.charging
    seams: Any = evolve(charging.seams, reservations=store)
    return Bookings(seams, charging._reserving)


def test_one_that_cannot_begin_keeps_no_other_from_it(clock: Clock) -> None:
    """It is told as a failure, of the batch and of itself."""
    failures: list[Any] = []

    def hear(event: Any) -> None:
        if "log_failure" in event:
            failures.append(event["log_failure"].value)

    globalLogPublisher.addObserver(hear)
    store = Picky(ValueError("odd"), broken=(100002,))
    work = bookings(clock, store).begin()
    with pytest.raises(StopIteration):
        work.send(None)
    globalLogPublisher.removeObserver(hear)
    assert store.begun == [100001, 100003]
    assert failures == [store.why, store.why]


@pytest.mark.parametrize("why", [CancelledError(), DatabaseAway()])
def test_what_is_about_none_of_them_ends_the_round(
    clock: Clock, why: BaseException
) -> None:
    """A server that stops, or a database that is away, begins none one by one."""
    store = Picky(why)
    work = bookings(clock, store).begin()
    with pytest.raises(type(why)):
        work.send(None)
    assert store.asked == []
