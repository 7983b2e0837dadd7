"""The charges of a station over HTTP, for its operators."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.interfaces.stores import KeptMeterValue, NewMeterValues
from flexicharge.model.session import EndFact, EndReason, TaggedStart
from flexicharge.model.site import Station
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryReadings,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW
from tests.rest.operators import FakeClosing

AT = "/admin/chargers/CP-1/transactions"
SAMPLES = [{"value": "1.5", "unit": "kWh", "odd": {"b": 1, "a": 2}}]


@pytest.fixture
def sessions(world: MemoryWorld) -> MemoryTransactions:
    """The sessions of a world."""
    return MemoryTransactions(world)


@pytest.fixture
def station(chargers: MemoryChargers) -> Station:
    """A station of OCPP 1.6 with two connectors."""
    made, _ = result_of(chargers.put_station("CP-1", {"connectors": 2}, NOW - 900))
    return made


def start(
    sessions: MemoryTransactions, station: Station, number: int = 1, **more: Any
) -> int:
    """Let a charge begin ten minutes ago; return its number."""
    known: dict[str, Any] = {
        "station_id": station.station_id,
        "connector_id": station.connectors[number - 1].connector_id,
        "meter_start_wh": 1000,
        "started_at": NOW - 600,
        "arrived_at": NOW - 599,
        "claimed": "{}",
        "id_tag": "04A2B3",
        "user_id": "user-1",
    }
    session, _ = result_of(sessions.start_tagged(TaggedStart(**known | more)))
    return session.session_id


def end(sessions: MemoryTransactions, session_id: int) -> None:
    """Let a charge of 500 Wh end now, by the tag of somebody of the family."""
    fact = EndFact(
        session_id=session_id,
        meter_stop_wh=1500,
        energy_wh=500,
        price_ore=125,
        ended_at=NOW,
        reason=EndReason.STATION,
        id_tag="FAMILY",
        stop_reason="EVDisconnected",
    )
    result_of(sessions.end(fact))


def get(api: HttpClient, rest: str = "") -> Response:
    """Ask for charges."""
    return api.request("GET", AT + rest, token="admin")


def close(api: HttpClient, number: object, body: object = None) -> Response:
    """Ask for the end of a charge."""
    said = {"reason": "Replaced"} if body is None else body
    return api.request("POST", f"{AT}/{number}/close", json=said, token="admin")


def test_a_running_charge_has_no_end(
    api: HttpClient, sessions: MemoryTransactions, station: Station
) -> None:
    """Its connector is under both numbers."""
    number = start(sessions, station, 2)
    assert get(api).json == [
        {
            "transactionId": number,
            "connectorId": 2,
            "connectorID": station.connectors[1].connector_id,
            "idTag": "04A2B3",
            "userID": "user-1",
            "state": "charging",
            "meterStart": 1000,
            "startTimestamp": "2027-01-15T07:50:00.000Z",
            "meterStop": None,
            "stopTimestamp": None,
            "stopIdTag": None,
            "stopReason": None,
            "endReason": None,
            "energyWh": 0,
            "priceOre": None,
            "flags": [],
        }
    ]


def test_a_charge_that_ended_says_how(
    api: HttpClient, sessions: MemoryTransactions, station: Station
) -> None:
    """In the station's word and in ours."""
    end(sessions, start(sessions, station))
    (found,) = get(api).json
    assert found["state"] == "ended"
    assert (found["meterStop"], found["energyWh"], found["priceOre"]) == (
        1500,
        500,
        125,
    )
    assert found["stopTimestamp"] == "2027-01-15T08:00:00.000Z"
    assert found["stopIdTag"] == "FAMILY"
    assert found["stopReason"] == "EVDisconnected"
    assert found["endReason"] == "station"


def test_charges_are_found_by_tag_and_by_whether_they_run(
    api: HttpClient, sessions: MemoryTransactions, station: Station
) -> None:
    """Newest first, as many as are asked for."""
    first = start(sessions, station, started_at=NOW - 900)
    end(sessions, first)
    second = start(sessions, station, started_at=NOW - 800, id_tag="other")
    end(sessions, second)
    third = start(sessions, station)

    def numbers(query: str) -> list[int]:
        return [each["transactionId"] for each in get(api, query).json]

    assert numbers("") == [third, second, first]
    assert numbers("?limit=2") == [third, second]
    assert numbers("?idTag=04a2b3") == [third, first]
    assert numbers("?active=true") == [third]
    assert numbers("?active=false&idTag=OTHER") == [second]
    assert numbers("?idTag=nobody") == []


def test_a_connector_that_is_gone_has_no_number(
    api: HttpClient,
    sessions: MemoryTransactions,
    chargers: MemoryChargers,
    station: Station,
) -> None:
    """Its public one stays."""
    end(sessions, start(sessions, station, 2))
    result_of(chargers.put_station("CP-1", {"connectors": 1}, NOW))
    (found,) = get(api).json
    assert found["connectorId"] is None
    assert found["connectorID"] == station.connectors[1].connector_id


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?active=1", "invalidActive"),
        ("?active=True", "invalidActive"),
        ("?limit=0", "invalidLimit"),
        (f"?idTag={'x' * 256}", "invalidIdTag"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    api: HttpClient, station: Station, query: str, code: str
) -> None:
    """With its code."""
    answer = get(api, query)
    assert (answer.status, answer.json) == (400, [code])


def test_a_charge_is_shown_with_what_was_measured(
    api: HttpClient,
    world: MemoryWorld,
    sessions: MemoryTransactions,
    station: Station,
) -> None:
    """The newest values, oldest first, and as they came."""
    number = start(sessions, station)
    readings, told = MemoryReadings(world), []
    for seconds in (1, 2, 3):
        value = KeptMeterValue(
            connector_number=1,
            session_id=number,
            claimed_at=None if seconds == 3 else NOW - 500 + seconds,
            received_at=NOW - 400 + seconds,
            samples=json.dumps(SAMPLES),
        )
        new = NewMeterValues(station_id=station.station_id, values=(value,))
        readings.add_values(new, told.append)
    result_of(readings.drained())
    assert told == [None] * 3
    found = get(api, f"/{number}?limit=2").json
    assert found["transactionId"] == number
    values = found["meterValues"]
    assert [each["timestamp"] for each in values] == ["2027-01-15T07:51:42.000Z", None]
    assert values[0]["receivedAt"] == "2027-01-15T07:53:22.000Z"
    assert values[0]["connectorId"] == 1
    assert json.dumps(values[0]["sampledValue"]) == json.dumps(SAMPLES)
    assert len(get(api, f"/{number}").json["meterValues"]) == 3


def test_what_is_not_a_charge_of_the_station_is_not_there(
    api: HttpClient,
    sessions: MemoryTransactions,
    chargers: MemoryChargers,
    station: Station,
) -> None:
    """Of another station, never started, or no number at all: 404 alike."""
    other, _ = result_of(chargers.put_station("CP-2", {}, NOW))
    elsewhere = start(sessions, other)
    unstarted, _ = result_of(
        sessions.add_transaction(
            "user-1",
            station.connectors[0].connector_id,
            at=NOW,
            reserved_until=NOW + 300,
        )
    )
    for number in (elsewhere, unstarted.session_id, 77, "x", "-1", "9" * 30):
        for answer in (get(api, f"/{number}"), close(api, number)):
            assert (answer.status, answer.body) == (404, b"")
    unknown = "/admin/chargers/unknown/transactions"
    assert api.request("GET", unknown, token="admin").status == 404
    assert sessions_of(api, "CP-2") == [elsewhere]


def sessions_of(api: HttpClient, serial: str) -> list[int]:
    """Return the numbers of the charges of a station."""
    path = f"/admin/chargers/{serial}/transactions?active=true"
    answer = api.request("GET", path, token="admin")
    return [each["transactionId"] for each in answer.json]


def test_an_operator_closes_a_charge(
    api: HttpClient,
    sessions: MemoryTransactions,
    station: Station,
    closing: FakeClosing,
) -> None:
    """200 with how it ended; closed again it is as it was."""
    number = start(sessions, station)
    answer = close(api, number)
    assert answer.status == 200
    assert answer.json["transactionId"] == number
    assert answer.json["state"] == "ended"
    assert answer.json["endReason"] == "operator"
    assert answer.json["stopReason"] == "Replaced"
    assert close(api, number, {}).json == answer.json
    assert closing.reasons == ["Replaced", ""]


@pytest.mark.parametrize("reason", ["x" * 201, 7, ["x"]])
def test_a_reason_is_a_text_of_some_length(
    api: HttpClient, sessions: MemoryTransactions, station: Station, reason: object
) -> None:
    """Anything else closes nothing."""
    number = start(sessions, station)
    answer = close(api, number, {"reason": reason})
    assert (answer.status, answer.json) == (400, ["invalidReason"])
    assert get(api, f"/{number}").json["state"] == "charging"


def test_without_the_database_nothing_is_found(
    api: HttpClient, world: MemoryWorld, clock: Clock
) -> None:
    """503 in the form that all clients know."""
    world.faults.away = True
    for answer in (get(api), get(api, "/1"), close(api, 1)):
        assert (answer.status, answer.json) == (503, ["dbError"])
