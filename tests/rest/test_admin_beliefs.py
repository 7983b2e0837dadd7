"""What we believe of a station over HTTP, for its operators."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.beliefs import Beliefs
from flexicharge.errors import ChargerOffline
from flexicharge.model.commands import RawAnswer
from flexicharge.model.id_tag import IdTag
from flexicharge.model.requests import JobKind
from flexicharge.model.site import Station
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.storage.memory import MemoryChargers, MemoryIdTags, MemoryWorld
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW

WHAT = (
    "configuration",
    "localList",
    "chargingProfiles",
    "compositeSchedules",
    "jobs",
    "certificates",
    "features",
    "securityEvents",
)
SINCE = "2027-01-15T08:00:00.000Z"
COMMAND_ID = "00000000-0000-0000-0000-00000000004d"
PROFILE = {
    "chargingProfileId": 7,
    "stackLevel": 0,
    "chargingProfilePurpose": "ChargePointMaxProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {
        "startSchedule": "2027-01-01T00:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
    },
}
JsonObject = dict[str, Any]


@pytest.fixture(autouse=True)
def station(chargers: MemoryChargers) -> Station:
    """A station of OCPP 1.6 with two connectors."""
    made, _ = result_of(chargers.put_station("CP-1", {"connectors": 2}, NOW))
    return made


def get(api: HttpClient, what: str, serial: str = "CP-1") -> Response:
    """Ask for what is believed."""
    return api.request("GET", f"/admin/chargers/{serial}/{what}", token="admin")


def command(action: str, **parts: Any) -> StationCommand:
    """Return a command that was given."""
    known: JsonObject = {
        "command_id": COMMAND_ID,
        "station_id": 1,
        "serial_number": "CP-1",
        "action": action,
        "payload": {},
        "asked_at": NOW,
        "deadline_at": NOW + 30,
    }
    return StationCommand(**known | parts)


def learn(
    beliefs: Beliefs, station: Station, action: str, asked: JsonObject, said: JsonObject
) -> None:
    """Have a command answered."""
    result_of(beliefs.before_sending(station, action, asked))
    answer = RawAnswer(payload=said)
    result_of(beliefs.answered(station, command(action), asked, answer, late=False))


def test_keys_are_shown_by_name(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """As they were told, and what they will be; secrets are not."""
    told = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "AuthorizationKey", "readonly": False, "value": "0123456789abcdef"},
        ],
        "unknownKey": ["Nothing"],
    }
    learn(beliefs, station, "GetConfiguration", {}, told)
    asked = {"key": "HeartbeatInterval", "value": "60"}
    learn(beliefs, station, "ChangeConfiguration", asked, {"status": "RebootRequired"})
    secret, interval, unknown = get(api, "configuration").json
    assert interval == {
        "key": "HeartbeatInterval",
        "value": "300",
        "readonly": False,
        "pending": "60",
        "unknown": False,
        "since": SINCE,
    }
    assert secret["value"] == "***"
    assert (unknown["key"], unknown["unknown"]) == ("Nothing", True)


def test_a_local_list_is_shown(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """With what each tag is good for, and how sure we are."""
    assert get(api, "localList").json == {
        "listVersion": None,
        "toldVersion": None,
        "doubt": "it was never sent in full",
        "since": None,
        "localAuthorizationList": [],
    }
    info = {
        "status": "Blocked",
        "expiryDate": "2027-02-01T00:00:00Z",
        "parentIdTag": "FAMILY",
    }
    entries = [{"idTag": "04A2B3", "idTagInfo": info}]
    asked = {
        "listVersion": 3,
        "updateType": "Full",
        "localAuthorizationList": entries,
    }
    learn(beliefs, station, "SendLocalList", asked, {"status": "Accepted"})
    assert get(api, "localList").json == {
        "listVersion": 3,
        "toldVersion": None,
        "doubt": None,
        "since": SINCE,
        "localAuthorizationList": [
            {
                "idTag": "04A2B3",
                "idTagInfo": {**info, "expiryDate": "2027-02-01T00:00:00.000Z"},
            }
        ],
    }


def test_a_push_says_what_was_sent(
    api: HttpClient, world: MemoryWorld, beliefs: Beliefs, station: Station
) -> None:
    """And whether that was enough; a second one sends nothing."""
    result_of(MemoryIdTags(world).put_tag(IdTag(id_tag="04A2B3"), NOW))

    async def give(
        serial_number: str, action: str, payload: JsonObject, timeout_s: float
    ) -> StationCommand:
        learn(beliefs, station, action, payload, {"status": "Accepted"})
        return command(
            action,
            payload=payload,
            state=CommandState.RESULT,
            sent=True,
            response={"status": "Accepted"},
        )

    beliefs.give = give
    path = "/admin/chargers/CP-1/localList"
    pushed = api.request("POST", path, token="admin").json
    (sent,) = pushed["commands"]
    assert (pushed["upToDate"], pushed["leftOut"]) == (True, 0)
    assert (sent["action"], sent["commandId"]) == ("SendLocalList", COMMAND_ID)
    assert sent["payload"]["updateType"] == "Full"
    assert api.request("POST", path, token="admin").json == {
        "upToDate": True,
        "leftOut": 0,
        "commands": [],
    }


def test_nothing_is_pushed_to_who_is_away(api: HttpClient, beliefs: Beliefs) -> None:
    """409, as for commands."""

    async def give(*_: object) -> StationCommand:
        raise ChargerOffline("CP-1")

    beliefs.give = give
    answer = api.request("POST", "/admin/chargers/CP-1/localList", token="admin")
    assert (answer.status, answer.json) == (409, ["chargerOffline"])


def test_profiles_and_what_they_come_to_are_shown(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """Ours, computed without asking the station."""
    asked = {"connectorId": 0, "csChargingProfiles": PROFILE}
    learn(beliefs, station, "SetChargingProfile", asked, {"status": "Accepted"})
    assert get(api, "chargingProfiles").json == [
        {
            "connectorId": 0,
            "csChargingProfiles": PROFILE,
            "transactionId": None,
            "doubt": None,
            "since": SINCE,
        }
    ]
    query = "chargingProfiles/composite?connectorId=1&duration=600"
    found = get(api, query).json
    schedule = found.pop("chargingSchedule")
    assert found == {"connectorId": 1, "duration": 600, "scheduleStart": SINCE}
    (period,) = schedule["chargingSchedulePeriod"]
    assert (schedule["chargingRateUnit"], period["limit"]) == ("A", 16.0)
    watts = get(api, f"{query}&unit=W").json["chargingSchedule"]
    assert watts["chargingRateUnit"] == "W"
    assert watts["chargingSchedulePeriod"][0]["limit"] == 3 * 230 * 16


def test_nothing_limits_a_station_without_profiles(api: HttpClient) -> None:
    """Then there is no schedule; and no connector that is not on record has one."""
    query = "chargingProfiles/composite?duration=600&connectorId="
    assert get(api, f"{query}0").json["chargingSchedule"] is None
    assert get(api, f"{query}3").status == 404


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["invalidConnectorId", "invalidDuration"]),
        ("connectorId=65&duration=1", ["invalidConnectorId"]),
        ("connectorId=1&duration=0", ["invalidDuration"]),
        ("connectorId=1&duration=604801", ["invalidDuration"]),
        ("connectorId=1&duration=60&unit=kW", ["invalidUnit"]),
    ],
)
def test_a_schedule_is_of_some_length(
    api: HttpClient, query: str, codes: list[str]
) -> None:
    """A week at most, of a connector."""
    answer = get(api, f"chargingProfiles/composite?{query}")
    assert (answer.status, answer.json) == (400, codes)


def test_what_a_station_computes_is_beside_ours(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """As it came, and whether they agree."""
    asked = {"connectorId": 0, "csChargingProfiles": PROFILE}
    learn(beliefs, station, "SetChargingProfile", asked, {"status": "Accepted"})
    said = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": "2027-01-15T08:00:00Z",
        "chargingSchedule": {
            "duration": 60,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
        },
    }
    asked = {"connectorId": 1, "duration": 60}
    learn(beliefs, station, "GetCompositeSchedule", asked, said)
    (told,) = get(api, "compositeSchedules").json
    assert told.pop("computed")["chargingSchedulePeriod"][0]["limit"] == 16.0
    assert told == {
        "connectorId": 1,
        "duration": 60,
        "status": "Accepted",
        "response": said,
        "agrees": False,
        "time": SINCE,
    }


def test_jobs_are_shown_with_their_statuses(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """In the order they came, until what they ended as."""
    asked = {
        "logType": "SecurityLog",
        "requestId": 7,
        "log": {"remoteLocation": "ftp://x"},
    }
    said = {"status": "Accepted", "filename": "log.txt"}
    learn(beliefs, station, "GetLog", asked, said)
    for status in ("Uploading", "Uploaded"):
        result_of(beliefs.job_reported(station, JobKind.LOG, status, 7, NOW))
    (job,) = get(api, "jobs").json
    assert job == {
        "kind": "log",
        "requestId": 7,
        "asked": True,
        "commandId": COMMAND_ID,
        "answer": "Accepted",
        "answeredAt": SINCE,
        "fileName": "log.txt",
        "begunAt": SINCE,
        "statuses": [
            {"status": "Uploading", "time": SINCE},
            {"status": "Uploaded", "time": SINCE},
        ],
        "leftOut": 0,
        "endedAs": "Uploaded",
        "endedAt": SINCE,
        "reopened": 0,
        "firmwareBefore": None,
        "bootedWith": None,
        "bootedAt": None,
    }


def test_certificates_are_shown_with_what_is_trusted(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """Those that we issued, and the roots that the station lists."""
    assert get(api, "certificates").json == {"issued": [], "trusted": []}
    csr = signing_request("CP-1", known_key(7))
    assert result_of(beliefs.certificate_wanted(station, csr, NOW))
    named = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "aa",
        "issuerKeyHash": "bb",
        "serialNumber": "01",
    }
    kind = "CentralSystemRootCertificate"
    said = {"status": "Accepted", "certificateHashData": [named]}
    asked = {"certificateType": kind}
    learn(beliefs, station, "GetInstalledCertificateIds", asked, said)
    found = get(api, "certificates").json
    (issued,) = found["issued"]
    assert (issued["commonName"], issued["status"]) == ("CP-1", "issued")
    assert (issued["issuedAt"], issued["seenAt"]) == (SINCE, None)
    assert int(issued["serialNumber"], 16)
    assert found["trusted"] == [
        {
            "certificateType": kind,
            "certificateHashData": named,
            "certificate": None,
            "status": "installed",
            "differs": False,
            "since": SINCE,
        }
    ]
    result_of(beliefs.certificate_seen(station, issued["serialNumber"], NOW))
    (seen,) = get(api, "certificates").json["issued"]
    assert (seen["status"], seen["seenAt"]) == ("inUse", SINCE)


def test_features_are_shown_by_action(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """With what they were about, where that matters."""
    learn(beliefs, station, "ClearCache", {}, {"status": "Accepted"})
    asked = {"requestedMessage": "MeterValues"}
    learn(beliefs, station, "TriggerMessage", asked, {"status": "NotImplemented"})
    cache, trigger, values = get(api, "features").json
    assert cache == {
        "action": "ClearCache",
        "subject": None,
        "supported": True,
        "status": "Accepted",
        "time": SINCE,
    }
    assert (trigger["subject"], trigger["supported"]) == (None, True)
    assert (values["subject"], values["supported"]) == ("MeterValues", False)


def test_security_events_are_summed_up(
    api: HttpClient, beliefs: Beliefs, station: Station
) -> None:
    """By type and text."""
    for at in (NOW, NOW + 5):
        result_of(
            beliefs.security_event(station, "InvalidTLSVersion", NOW - 60, "", at)
        )
    assert get(api, "securityEvents").json == [
        {
            "type": "InvalidTLSVersion",
            "techInfo": None,
            "count": 2,
            "firstAt": SINCE,
            "lastAt": "2027-01-15T08:00:05.000Z",
            "timestamp": "2027-01-15T07:59:00.000Z",
        }
    ]


@pytest.mark.parametrize("what", WHAT)
def test_an_unknown_station_is_believed_nothing_of(
    api: HttpClient, world: MemoryWorld, what: str
) -> None:
    """404 and no body; 503 while the database is away."""
    answer = get(api, what, "nobody")
    assert (answer.status, answer.body) == (404, b"")
    assert get(api, what).status == 200
    world.faults.away = True
    answer = get(api, what)
    assert (answer.status, answer.json) == (503, ["dbError"])
