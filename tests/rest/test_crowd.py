"""Who has to go when there are too many, whatever happened before."""

from __future__ import annotations

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.rest.crowd import Crowd

MOST, MOST_OF_ONE, MOST_BYTES = 4, 2, 10
ACTS = st.tuples(
    st.sampled_from(["arrive", "leave", "ask", "answered", "bring"]), st.integers(0, 9)
)


@define(eq=False)
class Visitor:
    """A guest that knows whether it is here, and what it is doing."""

    client: str | None = None
    is_here: bool = True
    is_asking: bool = False
    brought: int = 0

    def turn_out(self) -> None:
        """Leave; nobody who waits for an answer may have to."""
        assert not self.is_asking
        self.is_here = False


@define
class House:
    """A crowd, and all who ever came."""

    crowd: Crowd = field(factory=lambda: Crowd(MOST, MOST_OF_ONE, MOST_BYTES))
    visitors: list[Visitor] = field(factory=list)

    def here(self, client: str | None = None) -> list[Visitor]:
        """Return who is here, of one client or in all."""
        return [
            one for one in self.visitors if one.is_here and client in (None, one.client)
        ]

    def act(self, what: str, number: int) -> None:
        """Let somebody do something, if anybody can."""
        able = [
            one for one in self.here() if one.is_asking is (what == "answered")
        ] or self.here()
        if what == "arrive":
            self.arrive([None, "ida", "bo"][number % 3])
        elif what == "leave" and able:
            self.leave(able[number % len(able)])
        elif able and able[0].is_asking is (what == "answered"):
            self.go_on(able[number % len(able)], what, number)

    def arrive(self, client: str | None) -> None:
        """Let somebody come; it may be sent away if all others wait for answers."""
        visitor = Visitor(client)
        visitor.is_here = self.crowd.arrive(visitor, client)
        self.visitors.append(visitor)
        if not visitor.is_here:
            own = self.here(client) if client else []
            full = own if len(own) == MOST_OF_ONE else self.here()
            assert all(one.is_asking for one in full)

    def leave(self, visitor: Visitor) -> None:
        """Let somebody go, and say so twice."""
        visitor.is_here = False
        self.crowd.leave(visitor)
        self.crowd.leave(visitor)

    def go_on(self, visitor: Visitor, what: str, number: int) -> None:
        """Let a request come along, be complete, or be answered."""
        if what == "bring":
            visitor.brought += number
            self.crowd.bring(visitor, number)
        else:
            visitor.is_asking, visitor.brought = what == "ask", 0
            (self.crowd.ask if what == "ask" else self.crowd.answered)(visitor)


@given(st.lists(ACTS, max_size=60))
def test_there_are_never_more_than_may_be(acts: list[tuple[str, int]]) -> None:
    """Not in all, not of one client, not in bytes; and who asked is never turned out.

    Nobody is sent away either while there is somebody who only waits.
    """
    house = House()
    for act in acts:
        house.act(*act)
        assert len(house.crowd) == len(house.here()) <= MOST
        assert all(len(house.here(client)) <= MOST_OF_ONE for client in ("ida", "bo"))
        assert sum(one.brought for one in house.here()) <= MOST_BYTES


def test_who_waited_longest_goes_first() -> None:
    """An answer counts as an arrival does."""
    crowd = Crowd(most=3)
    first, second, third, fourth, fifth = (Visitor() for _ in range(5))
    for visitor in (first, second, third):
        crowd.arrive(visitor, None)
    crowd.ask(first)
    crowd.answered(first)
    for visitor in (fourth, fifth):
        assert crowd.arrive(visitor, None)
    assert [v.is_here for v in (first, second, third)] == [True, False, False]


def test_who_began_its_body_first_goes_first() -> None:
    """Even if it is the very one that brings too much now."""
    crowd = Crowd(most_bytes=10)
    first, second, third = (Visitor() for _ in range(3))
    for visitor in (first, second, third):
        crowd.arrive(visitor, None)
    crowd.bring(second, 4)
    crowd.bring(first, 6)
    crowd.bring(third, 1)
    assert [v.is_here for v in (first, second, third)] == [True, False, True]
    crowd.bring(first, 4)
    assert [v.is_here for v in (first, second, third)] == [False, False, True]
