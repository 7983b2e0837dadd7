"""What every `IStationBook` does."""

from __future__ import annotations

import pytest

from flexicharge.errors import StationUnknown
from flexicharge.interfaces.station_book import Belief

from .stores import T0, Stores, charger, is_refused

KEYS = "configuration"
NAME_OF_FULL_LENGTH = "".join(map(chr, range(0x10000, 0x10000 + 500)))
MIB = 1024 * 1024


async def station(stores: Stores, serial_number: str = "abc111") -> int:
    """Return the number of a new station."""
    return (await charger(stores, serial_number)).station_id


async def names(stores: Stores, station_id: int, kind: str = KEYS) -> list[str]:
    """Return the names of a station's beliefs of a kind, in their order."""
    return list(await stores.book.beliefs(station_id, kind))


async def test_nothing_is_believed_at_first(stores: Stores) -> None:
    """Nor of a station that is not there."""
    for station_id in (await station(stores), 10**6):
        assert await stores.book.beliefs(station_id, KEYS) == {}
        assert await stores.book.events(station_id, limit=9) == ()


async def test_beliefs_are_found_by_kind_and_name(stores: Stores) -> None:
    """Each station has its own, and each kind; the newest of a name counts."""
    one, other = await station(stores), await station(stores, "other")
    await stores.book.believe(one, KEYS, {"a": {"value": "1"}}, T0)
    await stores.book.believe(one, "profiles", {"a": {"id": 7}}, T0)
    await stores.book.believe(other, KEYS, {"a": {"value": "9"}}, T0)
    await stores.book.believe(one, KEYS, {"a": {"x": 2}, "b": {}}, T0 + 1.5)
    found = await stores.book.beliefs(one, KEYS)
    assert found == {"a": Belief({"x": 2}, T0 + 1.5), "b": Belief({}, T0 + 1.5)}
    assert await stores.book.beliefs(one, "profiles") == {"a": Belief({"id": 7}, T0)}
    assert (await stores.book.beliefs(other, KEYS))["a"].body == {"value": "9"}


async def test_beliefs_are_in_the_order_of_their_names(stores: Stores) -> None:
    """By the numbers of their signs, not as any language sorts them."""
    number = await station(stores)
    given = ["å", "b", "Z", "10", "2", "", "\U0001f600", "￿"]
    await stores.book.believe(number, KEYS, {name: {} for name in given}, T0)
    assert await names(stores, number) == sorted(given)


async def test_what_was_told_instead_is_all_there_is(stores: Stores) -> None:
    """Others of the kind are dropped; with nothing told, all of them."""
    number = await station(stores)
    await stores.book.believe(number, KEYS, {"a": {}, "b": {}}, T0)
    await stores.book.believe(number, "other", {"a": {}}, T0)
    await stores.book.believe(number, KEYS, {"b": {}, "c": {}}, T0, instead=True)
    assert await names(stores, number) == ["b", "c"]
    await stores.book.believe(number, KEYS, {}, T0)
    assert await names(stores, number) == ["b", "c"]
    await stores.book.believe(number, KEYS, {}, T0, instead=True)
    assert await names(stores, number) == []
    assert await names(stores, number, "other") == ["a"]


async def test_beliefs_are_forgotten_by_name_or_all(stores: Stores) -> None:
    """What is not there is forgotten already."""
    number = await station(stores)
    await stores.book.believe(number, KEYS, {n: {} for n in "abcd"}, T0)
    await stores.book.believe(number, "other", {"a": {}}, T0)
    await stores.book.forget(number, KEYS, ["a", "x"])
    await stores.book.forget(number, KEYS, [])
    assert await names(stores, number) == ["b", "c", "d"]
    await stores.book.forget(number, KEYS)
    await stores.book.forget(number, KEYS)
    await stores.book.forget(10**6, KEYS)
    assert await names(stores, number) == []
    assert await names(stores, number, "other") == ["a"]


async def test_what_is_counted_begins_at_nothing(stores: Stores) -> None:
    """It is added up by name, and believed since never."""
    number = await station(stores)
    await stores.book.count(number, "score", {"late": 2, "odd": 1})
    await stores.book.count(number, "score", {"late": 3})
    await stores.book.count(number, "score", {})
    found = await stores.book.beliefs(number, "score")
    assert found == {"late": Belief({"count": 5}, 0), "odd": Belief({"count": 1}, 0)}


async def test_what_was_believed_is_counted_on(stores: Stores) -> None:
    """From its own count, at its own time; from nothing if that is none."""
    number = await station(stores)
    bodies = {
        "on": {"count": 40, "why": "x"},
        "word": {"count": "40"},
        "yes": {"count": True},
        "below": {"count": -1},
        "beyond": {"count": 2**63},
        "none": {},
    }
    await stores.book.believe(number, "score", bodies, T0)
    await stores.book.count(number, "score", dict.fromkeys(bodies, 2))
    found = await stores.book.beliefs(number, "score")
    assert found.pop("on") == Belief({"count": 42}, T0)
    assert set(found) == set(bodies) - {"on"}
    assert all(belief == Belief({"count": 2}, T0) for belief in found.values())


async def test_a_count_that_no_column_holds_is_refused(stores: Stores) -> None:
    """Below nothing, or beyond an int8; then none of them is counted."""
    number = await station(stores)
    await stores.book.believe(number, "score", {"full": {"count": 2**63 - 1}}, T0)
    for counts in ({"a": 1, "b": -1}, {"a": 1, "full": 1}):
        await is_refused(stores.book.count(number, "score", counts))
    assert await names(stores, number, "score") == ["full"]


async def test_events_are_found_newest_first(stores: Stores) -> None:
    """All of them or those of some kinds, from before a number, nobody else's."""
    one, other = await station(stores), await station(stores, "other")
    for number, kind in enumerate(("boot", "status", "boot", "security")):
        await stores.book.note(one, kind, {"number": number}, T0 - number)
        await stores.book.note(other, kind, {}, T0)
    events = await stores.book.events(one, limit=9)
    assert [event.body["number"] for event in events] == [3, 2, 1, 0]
    assert [event.at for event in events] == [T0 - 3, T0 - 2, T0 - 1, T0]
    get = stores.book.events
    assert await get(one, limit=2) == events[:2]
    assert await get(one, before=events[1].event_id, limit=9) == events[2:]
    boots = (events[1], events[3])
    assert await get(one, kinds=["boot"], limit=9) == boots
    assert await get(one, kinds={"boot", "none"}, limit=9) == boots
    assert await get(one, kinds=("none",), limit=9) == ()
    both = await get(one, kinds=("boot", "status"), limit=2)
    assert both == events[1:3]
    assert (
        await get(one, kinds=["boot"], before=boots[0].event_id, limit=9) == boots[1:]
    )
    assert await get(one, before=0, limit=9) == ()


async def test_nothing_is_written_of_a_station_that_is_not_there(
    stores: Stores,
) -> None:
    """Neither beliefs, nor counts, nor events."""
    for writing in (
        stores.book.believe(10**6, KEYS, {"a": {}}, T0),
        stores.book.believe(10**6, KEYS, {"a": {}}, T0, instead=True),
        stores.book.count(10**6, KEYS, {"a": 1}),
        stores.book.note(10**6, "boot", {}, T0),
    ):
        with pytest.raises(StationUnknown):
            await writing


async def test_a_books_keys_keep_their_order(stores: Stores) -> None:
    """In beliefs and in events."""
    number = await station(stores)
    body = {"b": 1, "a": {"z": [1.5, None], "y": "å"}}
    await stores.book.believe(number, KEYS, {"a": body}, T0)
    await stores.book.note(number, "told", body, T0)
    believed = (await stores.book.beliefs(number, KEYS))["a"].body
    (event,) = await stores.book.events(number, limit=1)
    for found in (believed, event.body):
        assert found == body
        assert list(found) == ["b", "a"]
        assert list(found["a"]) == ["z", "y"]


async def test_a_nul_in_a_name_is_left_out(stores: Stores) -> None:
    """It is found without; in a body it is kept as JSON writes it."""
    number = await station(stores)
    await stores.book.believe(number, KEYS, {"a\0": {"v\0": "\0"}, "a": {}}, T0)
    await stores.book.believe(number, KEYS, {"b\0": {"v\0": "\0"}}, T0)
    await stores.book.count(number, "score", {"c\0": 1, "c": 2})
    assert await names(stores, number) == ["a", "b"]
    assert (await stores.book.beliefs(number, KEYS))["b"].body == {"v\0": "\0"}
    assert (await stores.book.beliefs(number, "score"))["c"].body == {"count": 3}
    await stores.book.forget(number, KEYS, ["a\0"])
    assert await names(stores, number) == ["b"]


async def test_the_longest_name_and_body_are_kept(stores: Stores) -> None:
    """Of 500 signs that take four bytes each, and 4 MiB."""
    number = await station(stores)
    body = {"x": "y" * (4 * MIB - 8)}
    await stores.book.believe(number, "k" * 64, {NAME_OF_FULL_LENGTH: body}, T0)
    found = await stores.book.beliefs(number, "k" * 64)
    assert found == {NAME_OF_FULL_LENGTH: Belief(body, T0)}


async def test_what_is_too_long_is_refused(stores: Stores) -> None:
    """Nothing of what came with it is kept either."""
    number, body = await station(stores), {"x": "y" * (4 * MIB - 7)}
    book = stores.book
    for writing in (
        book.believe(number, "k" * 65, {"a": {}}, T0),
        book.believe(number, KEYS, {"a": {}, "n" * 501: {}}, T0),
        book.believe(number, KEYS, {"a": {}, "b": body}, T0),
        book.believe(number, KEYS, {"a": {"x": float("nan")}}, T0),
        book.believe(number, KEYS, {"a": {}}, float("inf")),
        book.count(number, KEYS, {"a": 1, "n" * 501: 1}),
        book.count(number, "k" * 65, {"a": 1}),
        book.note(number, "k" * 65, {}, T0),
        book.note(number, "boot", body, T0),
        book.note(number, "boot", {}, float("nan")),
    ):
        await is_refused(writing)
    assert await names(stores, number) == []
    assert await book.events(number, limit=9) == ()


async def test_old_events_of_some_kinds_are_dropped_the_oldest_first(
    stores: Stores,
) -> None:
    """Of all stations, only so many at once; others stay, and so do younger ones."""
    one, other = await station(stores), await station(stores, "other")
    for number in range(4):
        await stores.book.note(one, "passing", {"n": number}, T0 + number)
        await stores.book.note(one, "lasting", {"n": number}, T0 + number)
        await stores.book.note(other, "passing", {"n": number}, T0 + number)

    async def left(station_id: int, kind: str) -> list[int]:
        found = await stores.book.events(station_id, kinds=(kind,), limit=9)
        return [event.body["n"] for event in reversed(found)]

    prune, kinds = stores.book.prune, ("passing", "other")
    assert await prune(kinds, T0, limit=9) == 0
    assert await prune((), T0 + 9, limit=9) == 0
    assert await prune(kinds, T0 + 3, limit=4) == 4
    assert await left(one, "passing") == await left(other, "passing") == [2, 3]
    assert await prune(kinds, T0 + 3, limit=4) == 2
    assert await left(one, "passing") == await left(other, "passing") == [3]
    assert await left(one, "lasting") == [0, 1, 2, 3]
    await is_refused(prune(kinds, float("nan"), limit=4))


async def test_a_failed_change_leaves_what_was_believed(stores: Stores) -> None:
    """Also where it was to take the place of everything."""
    number = await station(stores)
    await stores.book.believe(number, KEYS, {"a": {}}, T0)
    told = {"b": {}, "n" * 501: {}}
    await is_refused(stores.book.believe(number, KEYS, told, T0, instead=True))
    assert await names(stores, number) == ["a"]


async def test_a_self_tests_book_ends_with_it(stores: Stores) -> None:
    """What was believed of its station, and what happened there, is deleted."""
    tested = await stores.self_tests.prepare("selftest-0001", b"", (), T0)
    number, other = tested.station_id, await station(stores)
    for each in (number, other):
        await stores.book.believe(each, KEYS, {"a": {}}, T0)
        await stores.book.note(each, "boot", {}, T0)
    await stores.self_tests.purge(T0)
    assert await names(stores, number) == []
    assert await stores.book.events(number, limit=9) == ()
    assert await names(stores, other) == ["a"]
    assert len(await stores.book.events(other, limit=9)) == 1
