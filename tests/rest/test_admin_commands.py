"""Commands to stations over HTTP, for their operators."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.errors import ChargerOffline, UnusableValue
from flexicharge.model.station_command import CommandState
from flexicharge.storage.memory import MemoryChargers, MemoryCommands, MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import Connection, HttpClient, Response
from tests.rest.fakes import NOW
from tests.rest.operators import FakeCommands

UNKNOWN = "00000000-0000-0000-0000-00000000004d"


@pytest.fixture(autouse=True)
def station_id(chargers: MemoryChargers) -> int:
    """The number of a station of OCPP 1.6."""
    made, _ = result_of(chargers.put_station("CP/1", {}, NOW))
    return made.station_id


def begin(
    api: HttpClient, body: object, action: str = "Reset", **headers: str
) -> Connection:
    """Give a command."""
    path = f"/admin/chargers/CP%2F1/commands/{action}"
    return api.begin("POST", path, json=body, token="admin", **headers)


def give(
    api: HttpClient, body: object, action: str = "Reset", **headers: str
) -> Response:
    """Give a command; return what is said of it."""
    path = f"/admin/chargers/CP%2F1/commands/{action}"
    return api.request("POST", path, json=body, token="admin", **headers)


def get(api: HttpClient, path: str) -> Response:
    """Ask for commands."""
    return api.request("GET", path, token="admin")


@pytest.mark.parametrize(
    ("state", "response"),
    [
        (CommandState.RESULT, {"status": "Accepted", "b": 1, "a": 2}),
        (
            CommandState.ERROR,
            {"errorCode": "NotSupported", "errorDescription": "", "errorDetails": {}},
        ),
        (CommandState.TIMEOUT, None),
        (CommandState.LOST, None),
    ],
)
def test_a_command_is_answered_with_what_became_of_it(
    api: HttpClient, commands: FakeCommands, state: CommandState, response: Any
) -> None:
    """Once that is known, with 200, whatever it is."""
    connection = begin(api, {"payload": {"type": "Soft"}, "timeout": 5})
    assert not connection.received
    assert commands.given == [("CP/1", "Reset", {"type": "Soft"}, 5)]
    commands.known.callback((state, response))
    answer = connection.response()
    assert answer.status == 200
    (listed,) = get(api, "/admin/chargers/CP%2F1/commands").json
    assert answer.json == {
        "commandId": listed["commandId"],
        "status": state,
        "response": response,
    }


def test_a_payload_is_handed_on_as_it_is(
    api: HttpClient, commands: FakeCommands
) -> None:
    """Its keys keep their order; an answer is waited for as long as usual."""
    body = b'{"payload":{"z":1,"a":{"y":2.0,"b":[null,"\xc3\xa5"]}}}'
    path = "/admin/chargers/CP%2F1/commands/DataTransfer"
    api.begin("POST", path, body=body, token="admin")
    ((_, action, payload, timeout_s),) = commands.given
    assert (action, timeout_s) == ("DataTransfer", 30)
    assert repr(payload) == "{'z': 1, 'a': {'y': 2.0, 'b': [None, 'å']}}"


@pytest.mark.parametrize(
    "prefer", ["respond-async", "wait=5, Respond-Async", "respond-async; x=1"]
)
def test_whoever_would_rather_not_wait_is_told_where_to_look(
    api: HttpClient, commands: FakeCommands, prefer: str
) -> None:
    """202 at once, and the outcome under its own address at any time."""
    answer = give(api, {"payload": {}}, prefer=prefer)
    assert answer.status == 202
    assert answer.header("Preference-Applied") == "respond-async"
    assert answer.json["status"] == "queued"
    assert answer.json["response"] is None
    where = answer.header("Location")
    assert where == f"/admin/commands/{answer.json['commandId']}"
    assert get(api, where).json == {
        "commandId": answer.json["commandId"],
        "status": "queued",
        "response": None,
        "serialNumber": "CP/1",
        "action": "Reset",
        "payload": {},
        "sent": False,
        "askedAt": "2027-01-15T08:00:00.000Z",
        "deadline": "2027-01-15T08:00:30.000Z",
        "settledAt": None,
        "transactionId": None,
    }


def test_what_becomes_of_a_command_is_on_record(
    api: HttpClient, world: MemoryWorld
) -> None:
    """Also an answer after its time."""
    answer = give(api, {"payload": {}}, prefer="respond-async")
    command_id = answer.json["commandId"]
    store = MemoryCommands(world)
    result_of(store.mark_sent(command_id))
    late = CommandState.LATE
    result_of(store.settle(command_id, late, NOW + 40, {"status": "Accepted"}))
    found = get(api, f"/admin/commands/{command_id.upper()}").json
    assert found["status"] == "late"
    assert found["sent"] is True
    assert found["response"] == {"status": "Accepted"}
    assert found["settledAt"] == "2027-01-15T08:00:40.000Z"


def test_commands_of_a_station_are_listed_newest_first(api: HttpClient) -> None:
    """All of them or those of an action."""
    for action in ("Reset", "ClearCache", "Reset"):
        give(api, {"payload": {}}, action, prefer="respond-async")

    def actions(query: str) -> list[str]:
        found = get(api, f"/admin/chargers/CP%2F1/commands{query}").json
        return [each["action"] for each in found]

    assert actions("") == ["Reset", "ClearCache", "Reset"]
    assert actions("?limit=2") == ["Reset", "ClearCache"]
    assert actions("?action=ClearCache") == ["ClearCache"]
    assert actions("?action=None") == []


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_a_station_that_is_away_is_sent_nothing(
    api: HttpClient, commands: FakeCommands, prefer: str
) -> None:
    """409, whether anybody waits or not."""
    commands.refusal = ChargerOffline("CP/1")
    answer = give(api, {"payload": {}}, prefer=prefer)
    assert (answer.status, answer.json) == (409, ["chargerOffline"])
    assert get(api, "/admin/chargers/CP%2F1/commands").json == []


def test_what_no_station_can_be_asked_is_refused(
    api: HttpClient, commands: FakeCommands
) -> None:
    """400, with what is wrong with it."""
    commands.refusal = UnusableValue("there is no such action to a station")
    answer = give(api, {"payload": {}}, "Explode")
    assert answer.status == 400
    assert answer.json["message"] == "there is no such action to a station"


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, ["invalidPayload"]),
        ({"payload": []}, ["invalidPayload"]),
        ({"payload": "{}"}, ["invalidPayload"]),
        ({"payload": {}, "timeout": 0}, ["invalidTimeout"]),
        ({"payload": {}, "timeout": -1}, ["invalidTimeout"]),
        ({"payload": {}, "timeout": 600.1}, ["invalidTimeout"]),
        ({"payload": {}, "timeout": True}, ["invalidTimeout"]),
        ({"payload": None, "timeout": "5"}, ["invalidPayload", "invalidTimeout"]),
    ],
)
def test_what_is_no_command_is_refused(
    api: HttpClient, commands: FakeCommands, body: object, codes: list[str]
) -> None:
    """With all codes that apply."""
    answer = give(api, body)
    assert (answer.status, answer.json) == (400, codes)
    assert commands.given == []


def test_what_is_not_there_has_no_commands(api: HttpClient) -> None:
    """404 and no body: a station, a command, and what is no number of one."""
    for path in (
        "/admin/chargers/unknown/commands",
        f"/admin/commands/{UNKNOWN}",
        "/admin/commands/77",
    ):
        answer = get(api, path)
        assert (answer.status, answer.body) == (404, b"")
    path = "/admin/chargers/unknown/commands/Reset"
    answer = api.request("POST", path, json={"payload": {}}, token="admin")
    assert (answer.status, answer.body) == (404, b"")


def test_an_action_asked_for_is_of_some_length(api: HttpClient) -> None:
    """None has a longer name."""
    answer = get(api, f"/admin/chargers/CP%2F1/commands?action={'x' * 65}")
    assert (answer.status, answer.json) == (400, ["invalidAction"])
