"""How well a charger keeps to its protocol, over HTTP, for its operators."""

from __future__ import annotations

import pytest
from attrs import evolve
from twisted.internet.defer import Deferred

from flexicharge.charging.beliefs import Beliefs
from flexicharge.charging.conformance.probe import Verdict
from flexicharge.charging.conformance.report import (
    Report,
    Run,
    RunState,
    SeenFrame,
    Tried,
)
from flexicharge.charging.conformance.required_keys import (
    CheckedKeys,
    KeyType,
    WrongKey,
)
from flexicharge.errors import ChargerOffline, ConformanceUnderWay, StationUnknown
from flexicharge.model.frame_record import Direction, FrameVerdict
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.quirks.table import QUIRKS
from flexicharge.storage.memory import MemoryChargers, MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW
from tests.rest.operators import FakeTries

PATH = "/admin/chargers/CP%2F1/conformance"
RUNNING = Report(run=Run(started_at=NOW))
DONE = Report(
    run=Run(
        started_at=NOW,
        ended_at=NOW + 9,
        state=RunState.ABORTED,
        why="the connection was lost",
        keys=CheckedKeys(
            announced=("Core",),
            missing=("ResetRetries",),
            wrong=(WrongKey(key="A", value=None, expected=KeyType.INTEGER),),
        ),
    ),
    tries=(
        Tried(
            probe="GetLocalListVersion",
            action="GetLocalListVersion",
            harmless="it only tells",
            verdict=Verdict.WRONG,
            why="listVersion breaks 'required'",
            command_id="00000000-0000-0000-0000-000000000001",
            latency_s=0.0123456,
            frames=(
                SeenFrame(
                    at=NOW + 1,
                    direction=Direction.IN,
                    text='[3,"1",{}]',
                    left_out=3,
                    verdict=FrameVerdict.OFF_SCHEMA,
                    why="listVersion breaks 'required'",
                ),
            ),
            at=NOW + 1,
        ),
    ),
)


@pytest.fixture(autouse=True)
def station(chargers: MemoryChargers) -> Station:
    """A station of OCPP 1.6."""
    made, _ = result_of(chargers.put_station("CP/1", {}, NOW))
    return made


def get(api: HttpClient, path: str = PATH) -> Response:
    """Ask for what is known."""
    return api.request("GET", path, token="admin")


def test_a_report_shows_features_and_frames(api: HttpClient, tries: FakeTries) -> None:
    """With the score, and what the configuration lacks."""
    tries.report = DONE
    found = get(api).json
    feature, *rest = found.pop("features")
    assert found == {
        "serialNumber": "CP/1",
        "status": "aborted",
        "why": "the connection was lost",
        "startedAt": "2027-01-15T08:00:00.000Z",
        "endedAt": "2027-01-15T08:00:09.000Z",
        "score": {
            "percent": 0,
            "supported": 0,
            "refused": 0,
            "wrong": 1,
            "skipped": len(rest),
        },
        "configuration": {
            "supportedFeatureProfiles": ["Core"],
            "missing": ["ResetRetries"],
            "wrong": [{"key": "A", "value": None, "expected": "integer"}],
        },
    }
    assert feature == {
        "profile": "LocalAuthListManagement",
        "action": "GetLocalListVersion",
        "verdict": "wrong",
        "announced": False,
        "probes": [
            {
                "name": "GetLocalListVersion",
                "verdict": "wrong",
                "why": "listVersion breaks 'required'",
                "harmless": "it only tells",
                "commandId": "00000000-0000-0000-0000-000000000001",
                "latencyMs": 12.346,
                "time": "2027-01-15T08:00:01.000Z",
                "frames": [
                    {
                        "time": "2027-01-15T08:00:01.000Z",
                        "direction": "in",
                        "raw": '[3,"1",{}]',
                        "leftOut": 3,
                        "verdict": "offSchema",
                        "why": "listVersion breaks 'required'",
                    }
                ],
            }
        ],
    }
    assert {each["verdict"] for each in rest} == {"skipped"}
    assert rest[0]["probes"][0]["commandId"] is None


def test_whoever_begins_a_run_waits_for_its_end(
    api: HttpClient, tries: FakeTries
) -> None:
    """As long as they say, two minutes if they say nothing."""
    tries.report = RUNNING
    connection = api.begin("POST", PATH, json={"timeout": 5}, token="admin")
    assert not connection.received
    tries.over.callback(DONE)
    answer = connection.response()
    assert (answer.status, answer.json["status"]) == (200, "aborted")
    tries.over = Deferred()
    assert not api.begin("POST", PATH, token="admin").received
    assert tries.begun == ["CP/1", "CP/1"]
    assert tries.waits_s == [5, 120]


def test_whoever_has_waited_long_enough_is_told_where_to_look(
    api: HttpClient, tries: FakeTries
) -> None:
    """202, and what is known by then."""
    tries.report = RUNNING
    tries.over.callback(evolve(RUNNING, tries=DONE.tries))
    answer = api.request("POST", PATH, token="admin")
    assert answer.status == 202
    assert answer.header("Location") == PATH
    assert answer.header("Preference-Applied") is None
    assert answer.json["status"] == "running"
    assert answer.json["configuration"] is None
    assert len(answer.json["features"]) == 1


def test_whoever_would_rather_not_wait_is_answered_at_once(
    api: HttpClient, tries: FakeTries
) -> None:
    """Whatever becomes of the run."""
    tries.report = RUNNING
    answer = api.request("POST", PATH, token="admin", prefer="respond-async")
    assert (answer.status, answer.json["score"]["percent"]) == (202, None)
    assert answer.header("Preference-Applied") == "respond-async"
    assert tries.waits_s == []


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (ChargerOffline("CP/1"), "chargerOffline"),
        (ConformanceUnderWay("CP/1"), "conformanceUnderWay"),
    ],
)
def test_what_stands_against_a_run_is_said(
    api: HttpClient, tries: FakeTries, refusal: BaseException, code: str
) -> None:
    """409: it is not there, or somebody tries it already."""
    tries.refusal = refusal
    answer = api.request("POST", PATH, token="admin")
    assert (answer.status, answer.json) == (409, [code])


def test_what_was_never_tried_has_no_report(api: HttpClient, tries: FakeTries) -> None:
    """404 and no body; likewise for what is not there."""
    answer = get(api)
    assert (answer.status, answer.body) == (404, b"")
    tries.refusal = StationUnknown("nobody")
    path = "/admin/chargers/nobody/conformance"
    assert api.request("POST", path, token="admin").status == 404
    assert get(api, "/admin/chargers/nobody/violations").status == 404


def test_nobody_waits_for_ever(api: HttpClient, tries: FakeTries) -> None:
    """Ten minutes at most."""
    tries.report = RUNNING
    answer = api.request("POST", PATH, json={"timeout": 601}, token="admin")
    assert (answer.status, answer.json) == (400, ["invalidTimeout"])
    assert tries.begun == []


def test_violations_say_what_they_are(
    api: HttpClient, station: Station, beliefs: Beliefs, world: MemoryWorld
) -> None:
    """The most frequent first, with where chargers are known for it."""
    path = "/admin/chargers/CP%2F1/violations"
    assert get(api, path).json == {"total": 0, "rules": []}
    counts = {
        "no-payload": 2,
        "refused": 3,
        "off-schema answer to Reset": 2,
        "of a version to come": 1,
    }
    assert "no-payload" in QUIRKS
    result_of(beliefs.repaired(station, counts))
    quirk = QUIRKS["no-payload"]
    assert get(api, path).json == {
        "total": 8,
        "rules": [
            {
                "rule": "refused",
                "count": 3,
                "about": "a message that no rule could mend, answered with an error",
                "source": None,
            },
            {
                "rule": "no-payload",
                "count": 2,
                "about": quirk.about,
                "source": quirk.source,
            },
            {
                "rule": "off-schema answer to Reset",
                "count": 2,
                "about": "an answer that is not as its action's schema wants it",
                "source": None,
            },
            {
                "rule": "of a version to come",
                "count": 1,
                "about": None,
                "source": None,
            },
        ],
    }
    world.faults.away = True
    assert get(api, path).status == 503
