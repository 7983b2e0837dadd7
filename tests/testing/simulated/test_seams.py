"""Seams with points around them: nothing is reachable but what the interface has."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface, implementer
from zope.interface.verify import verifyObject

from flexicharge.interfaces import (
    IAccountStore,
    IChargerStore,
    IReadingStore,
    ISelfTestStore,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.storage.memory import (
    MemoryAccounts,
    MemoryChargers,
    MemoryReadings,
    MemorySelfTests,
    MemoryTariffs,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.simulated.seams import proxied

STORES = {
    IAccountStore: MemoryAccounts,
    IChargerStore: MemoryChargers,
    IReadingStore: MemoryReadings,
    ISelfTestStore: MemorySelfTests,
    ITariffStore: MemoryTariffs,
    ITransactionStore: MemoryTransactions,
}


class IBase(Interface):
    """What is inherited counts as well."""

    def shown() -> str:
        """Wait for nothing."""


class IThing(IBase):
    """A seam of every sort."""

    name: str = Attribute("What it is called.")

    async def doubled(number: int, *, plus: int = 0) -> int:  # noqa: N805  # no self
        """Wait."""


@implementer(IThing)
class Thing:
    """Provides the seam, and has more."""

    name, secret = "thing", "not in the interface"

    def __init__(self, log: list[Any]) -> None:
        self.log = log

    def shown(self) -> str:
        """Be shown."""
        self.log.append("shown")
        return "me"

    async def doubled(self, number: int, *, plus: int = 0) -> int:
        """Return twice a number that is not zero."""
        self.log.append("doubled")
        if not number:
            raise ZeroDivisionError
        return 2 * number + plus


class Points:
    """Writes down what passes, and waits or raises where the test says so."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.holds: dict[str, Deferred[None]] = {}
        self.errors: dict[str, Exception] = {}

    async def before(self, seam: str, args: tuple[Any, ...]) -> None:
        """Note the arguments."""
        await self._at("before", seam, args)

    async def after(self, seam: str, result: Any) -> None:
        """Note the result."""
        await self._at("after", seam, result)

    def passing(self, seam: str, args: tuple[Any, ...]) -> None:
        """Note that nothing can be done."""
        self.log.append(("passing", seam, args))

    def passed(self, seam: str) -> None:
        self.log.append(("passed", seam))

    async def _at(self, when: str, seam: str, what: Any) -> None:
        self.log.append((when, seam, what))
        if when in self.holds:
            await self.holds[when]
        if when in self.errors:
            raise self.errors[when]


@pytest.fixture
def points() -> Points:
    """Points at which nothing happens yet."""
    return Points()


@pytest.fixture
def thing(points: Points) -> Any:
    """A thing with points around it, and one log for both."""
    return proxied(IThing, Thing(points.log), points)


def test_it_provides_what_the_provider_does(thing: Any) -> None:
    """Its own and what it inherits, waiting or not, and its attributes."""
    assert verifyObject(IThing, thing)
    assert (thing.name, thing.shown()) == ("thing", "me")
    assert result_of(thing.doubled(4, plus=1)) == 9


@pytest.mark.parametrize("name", ["secret", "log", "provider", "_provider"])
def test_nothing_else_can_be_reached(thing: Any, name: str) -> None:
    """Whoever reaches past the interface finds nothing there."""
    with pytest.raises(AttributeError):
        getattr(thing, name)


@pytest.mark.parametrize("interface", STORES)
def test_every_store_can_stand_behind_points(interface: Any, points: Points) -> None:
    """With all methods that its interface has, and no other name."""
    world = MemoryWorld(HeapClock())
    proxy = proxied(interface, STORES[interface](world), points)
    assert verifyObject(interface, proxy)
    assert {*vars(proxy)} - {"__provides__"} == {*interface.names(all=True)}


def test_points_are_before_and_after(thing: Any, points: Points) -> None:
    """With the arguments, and with the result."""
    result_of(thing.doubled(4, plus=1))
    assert points.log == [
        ("before", "IThing.doubled", (4, 1)),
        "doubled",
        ("after", "IThing.doubled", 9),
    ]


def test_what_waits_for_nothing_passes_one_point(thing: Any, points: Points) -> None:
    """Before it is called."""
    thing.shown()
    assert points.log == [
        ("passing", "IThing.shown", ()),
        "shown",
        ("passed", "IThing.shown"),
    ]


def test_a_call_waits_at_its_points(thing: Any, points: Points) -> None:
    """It is not made before the first one is passed, nor told before the second."""
    points.holds = {"before": Deferred(), "after": Deferred()}
    call = fire(thing.doubled(4))
    assert "doubled" not in points.log
    points.holds["before"].callback(None)
    assert "doubled" in points.log
    assert not call.called
    points.holds["after"].callback(None)
    assert result_of(call) == 8


def test_an_error_before_keeps_the_call_from_being_made(
    thing: Any, points: Points
) -> None:
    """Nothing took effect."""
    points.errors["before"] = OSError("away")
    with pytest.raises(OSError, match="away"):
        result_of(thing.doubled(4))
    assert points.log == [("before", "IThing.doubled", (4,))]


def test_an_error_after_loses_the_answer(thing: Any, points: Points) -> None:
    """It took effect, and nobody is told."""
    points.errors["after"] = OSError("away")
    with pytest.raises(OSError, match="away"):
        result_of(thing.doubled(4))
    assert "doubled" in points.log


def test_the_providers_own_errors_pass(thing: Any, points: Points) -> None:
    """There is no result then, and no point after."""
    with pytest.raises(ZeroDivisionError):
        result_of(thing.doubled(0))
    assert points.log == [("before", "IThing.doubled", (0,)), "doubled"]
