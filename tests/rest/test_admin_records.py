"""What is on record of a station over HTTP, for its operators."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.model.frame_record import Direction, FrameRecord, FrameVerdict
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryJournal,
    MemoryStationBook,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW

WHAT = ("messages", "facts", "events")


@pytest.fixture
def station_id(chargers: MemoryChargers) -> int:
    """The number of a station."""
    made, _ = result_of(chargers.put_station("CP-1", {}, NOW))
    return made.station_id


def get(api: HttpClient, what: str, serial: str = "CP-1") -> Response:
    """Ask for what is on record."""
    return api.request("GET", f"/admin/chargers/{serial}/{what}", token="admin")


def note(world: MemoryWorld, station_id: int, **parts: Any) -> None:
    """Let a frame be on record."""
    known: dict[str, Any] = {
        "station_id": station_id,
        "at": NOW,
        "direction": Direction.IN,
        "text": '[2,"7","Heartbeat",{}]',
    }
    MemoryJournal(world).note(FrameRecord(**known | parts))


def test_frames_are_shown_newest_first(
    api: HttpClient, world: MemoryWorld, station_id: int
) -> None:
    """Raw, with what we made of them."""
    repair = {"rule": "empty-payload", "raw": None, "repaired": {}}
    note(
        world,
        station_id,
        action="Heartbeat",
        message_id="7",
        verdict=FrameVerdict.REPAIRED,
        repairs=(repair,),
    )
    note(
        world,
        station_id,
        direction=Direction.OUT,
        text='[3,"7",{}]',
        at=NOW + 1,
        latency_s=0.0123456,
        why="late",
    )
    newest, oldest = get(api, "messages").json
    assert oldest == {
        "number": oldest["number"],
        "time": "2027-01-15T08:00:00.000Z",
        "direction": "in",
        "raw": '[2,"7","Heartbeat",{}]',
        "verdict": "repaired",
        "action": "Heartbeat",
        "messageId": "7",
        "why": None,
        "repairs": [repair],
        "latencyMs": None,
    }
    assert (newest["direction"], newest["verdict"]) == ("out", "ok")
    assert (newest["action"], newest["messageId"]) == (None, None)
    assert (newest["why"], newest["latencyMs"]) == ("late", 12.346)
    assert newest["number"] > oldest["number"]


def test_facts_are_shown_newest_first(
    api: HttpClient, world: MemoryWorld, chargers: MemoryChargers, station_id: int
) -> None:
    """Of the station, or of one charge there."""
    sessions = MemoryTransactions(world)
    (connector,) = result_of(chargers.get_station("CP-1")).connectors
    session, _ = result_of(
        sessions.add_transaction(
            "user-1", connector.connector_id, at=NOW, reserved_until=NOW + 300
        )
    )
    number = session.session_id
    result_of(sessions.keep_fact(station_id, None, "odd", NOW, "[1]"))
    result_of(sessions.keep_fact(station_id, number, "stop", NOW + 1, '{"b":1}'))
    newest, oldest = get(api, "facts").json
    assert oldest == {
        "factId": oldest["factId"],
        "kind": "odd",
        "transactionId": None,
        "time": "2027-01-15T08:00:00.000Z",
        "claimed": "[1]",
    }
    assert (newest["transactionId"], newest["claimed"]) == (number, '{"b":1}')
    assert get(api, f"facts?transactionId={number}").json == [newest]
    assert get(api, "facts?transactionId=77").json == []
    assert get(api, "facts?limit=1").json == [newest]


def test_events_are_shown_newest_first(
    api: HttpClient, world: MemoryWorld, station_id: int
) -> None:
    """All of them, or those of a kind."""
    book = MemoryStationBook(world)
    result_of(book.note(station_id, "security", {"b": 1, "a": 2}, NOW))
    result_of(book.note(station_id, "firmware", {}, NOW + 1))
    newest, oldest = get(api, "events").json
    assert oldest == {
        "eventId": oldest["eventId"],
        "kind": "security",
        "time": "2027-01-15T08:00:00.000Z",
        "body": {"b": 1, "a": 2},
    }
    assert newest["kind"] == "firmware"
    assert get(api, "events?kind=security").json == [oldest]
    assert get(api, "events?kind=").json == [newest, oldest]


@pytest.mark.parametrize(
    ("what", "key"), [("messages", "number"), ("events", "eventId")]
)
def test_a_list_goes_on_before_a_number(
    api: HttpClient, world: MemoryWorld, station_id: int, what: str, key: str
) -> None:
    """Whatever comes meanwhile, nothing is shown twice."""
    for _ in range(3):
        note(world, station_id)
        result_of(MemoryStationBook(world).note(station_id, "boot", {}, NOW))
    numbers = [each[key] for each in get(api, what).json]
    first = [each[key] for each in get(api, f"{what}?limit=2").json]
    rest = [each[key] for each in get(api, f"{what}?before={first[-1]}").json]
    assert first + rest == numbers


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("messages?limit=0", "invalidLimit"),
        ("messages?before=0", "invalidBefore"),
        ("messages?before=x", "invalidBefore"),
        ("facts?transactionId=0", "invalidTransactionId"),
        (f"events?before={10**18}", "invalidBefore"),
        ("events?kind=" + "x" * 65, "invalidKind"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    api: HttpClient, station_id: int, query: str, code: str
) -> None:
    """With its code."""
    answer = get(api, query)
    assert (answer.status, answer.json) == (400, [code])


@pytest.mark.parametrize("what", WHAT)
def test_an_unknown_station_has_no_record(api: HttpClient, what: str) -> None:
    """404 and no body."""
    answer = get(api, what)
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("what", WHAT)
def test_a_new_station_has_an_empty_record(
    api: HttpClient, world: MemoryWorld, station_id: int, what: str
) -> None:
    """And none to show while the database is away."""
    assert get(api, what).json == []
    world.faults.away = True
    answer = get(api, what)
    assert (answer.status, answer.json) == (503, ["dbError"])
