"""Stations over HTTP, for those who run them."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.actors.bus import LocalBus
from flexicharge.charging.beliefs.availability import (
    Agreement,
    ConnectorState,
    Reported,
    Wanted,
)
from flexicharge.model.events import (
    RETIREMENTS,
    STATIONS,
    StationChanged,
    StationRetired,
)
from flexicharge.model.session import Session
from flexicharge.model.site import LAST_CONNECTOR, BootFact, Site
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.v16.commands import Availability
from flexicharge.storage.memory import MemoryChargers, MemoryTransactions, MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import NOW
from tests.rest.operators import SERVER_KEY, FakeKnown

HERE = [57.75, 14.07]
GOOD = "kJ8!vQ2#mZ5&xW9r"
ODD_SERIALS = {
    "a%2Fb": "a/b",
    "..%2F..%2Fetc": "../../etc",
    "50%25": "50%",
    "50%252F": "50%2F",
    "%C3%A5": "å",
    "a%CC%8A": "å",
    "%20x%20": "x",
    "EVB+1": "EVB+1",
    "a?b": "a",
    "enable": "enable",
    "x" * 48: "x" * 48,
}
UNUSABLE_SERIALS = ("x" * 49, "a%0Ab", "%20%20", "a%E2%80%AEb", "%09", "a%C2%85")


@pytest.fixture
def site(chargers: MemoryChargers) -> Site:
    """A site without chargers."""
    return result_of(chargers.add_charge_point("Airport", "Flygplansvägen", (57, 14)))


def put(api: HttpClient, serial: str, **fields: Any) -> Response:
    """Ask for a station to be as it is said."""
    path = f"/admin/chargers/{serial}"
    return api.request("PUT", path, json=fields, token="admin")


def get(api: HttpClient, serial: str) -> Response:
    """Ask for a station."""
    return api.request("GET", f"/admin/chargers/{serial}", token="admin")


def delete(api: HttpClient, serial: str) -> Response:
    """Ask for the end of a station."""
    return api.request("DELETE", f"/admin/chargers/{serial}", token="admin")


def every(api: HttpClient, query: str = "") -> Response:
    """Ask for all stations."""
    return api.request("GET", f"/admin/chargers{query}", token="admin")


def test_a_new_station_is_shown_as_it_is(api: HttpClient) -> None:
    """201 for one of OCPP 1.6 with one connector, of which nobody has heard."""
    answer = put(api, "CP-1")
    assert answer.status == 201
    assert answer.json == {
        "serialNumber": "CP-1",
        "protocol": "ocpp1.6",
        "ocppVersion": "1.6",
        "connected": False,
        "connectedSince": None,
        "lastSeen": None,
        "registrationStatus": "Accepted",
        "securityProfile": 0,
        "hasPassword": False,
        "vendor": "",
        "model": "",
        "firmwareVersion": "",
        "lastBoot": None,
        "chargePointID": None,
        "location": [0, 0],
        "connectors": [
            {"connectorId": 1, "connectorID": 100000, "status": "Available"}
        ],
    }
    assert get(api, "CP-1").json == answer.json
    assert every(api).json == [answer.json]


def test_everything_can_be_said_at_once(api: HttpClient, site: Site) -> None:
    """And is there from the first answer on."""
    answer = put(
        api,
        "CP-1",
        protocol="flexicharge",
        registrationStatus="Pending",
        securityProfile=2,
        chargePointID=site.site_id,
        location=HERE,
        connectors=3,
        password=GOOD,
    )
    assert answer.status == 201
    station = answer.json
    assert station["protocol"] == "flexicharge"
    assert station["ocppVersion"] is None
    assert station["registrationStatus"] == "Pending"
    assert station["securityProfile"] == 2
    assert station["chargePointID"] == site.site_id
    assert station["location"] == HERE
    assert [each["connectorId"] for each in station["connectors"]] == [1, 2, 3]
    assert station["hasPassword"] is True
    assert "password" not in station


def test_what_is_not_said_stays_as_it_is(api: HttpClient, site: Site) -> None:
    """200, with one thing changed; null says nothing, but of the site."""
    made = put(
        api, "CP-1", chargePointID=site.site_id, connectors=2, password=GOOD
    ).json
    changed = put(api, "CP-1", registrationStatus="Rejected")
    assert changed.status == 200
    assert changed.json == {**made, "registrationStatus": "Rejected"}
    nothing = dict.fromkeys(
        ("protocol", "securityProfile", "location", "connectors", "password")
    )
    assert put(api, "CP-1", **nothing).json == changed.json
    assert put(api, "CP-1", chargePointID=None).json["chargePointID"] is None
    assert get(api, "CP-1").json["chargePointID"] is None


def test_connectors_come_and_go(api: HttpClient) -> None:
    """Numbers of the public are never given again."""
    put(api, "CP-1", connectors=2)
    assert len(put(api, "CP-1", connectors=1).json["connectors"]) == 1
    again = put(api, "CP-1", connectors=2).json["connectors"]
    assert [each["connectorID"] for each in again] == [100000, 100002]


@pytest.mark.parametrize(("path", "serial"), ODD_SERIALS.items())
def test_a_station_is_found_under_its_name(
    api: HttpClient, path: str, serial: str
) -> None:
    """However odd; percent-encoded, in composed form, without blanks around it."""
    assert put(api, path).json["serialNumber"] == serial
    assert get(api, path).json["serialNumber"] == serial
    assert every(api).json[0]["serialNumber"] == serial
    assert delete(api, path).status == 204


@pytest.mark.parametrize("path", UNUSABLE_SERIALS)
def test_what_is_no_name_names_nothing(api: HttpClient, path: str) -> None:
    """Too long, or what no log can show."""
    answer = put(api, path)
    assert (answer.status, answer.json) == (400, ["invalidSerialNumber"])
    assert (get(api, path).status, delete(api, path).status) == (404, 404)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"protocol": "ocpp1.5"}, ["invalidProtocol"]),
        ({"protocol": "ocpp2.0.1"}, ["invalidProtocol"]),
        ({"protocol": 1.6}, ["invalidProtocol"]),
        ({"registrationStatus": "accepted"}, ["invalidRegistrationStatus"]),
        ({"securityProfile": 4}, ["invalidSecurityProfile"]),
        ({"securityProfile": True}, ["invalidSecurityProfile"]),
        ({"chargePointID": 0}, ["invalidChargePointID"]),
        ({"chargePointID": "1"}, ["invalidChargePointID"]),
        ({"chargePointID": 77}, ["unknownChargePointID"]),
        ({"location": [91, 14]}, ["invalidLatitude"]),
        ({"location": "here"}, ["invalidCoordinates", "invalidDataType"]),
        ({"connectors": 0}, ["invalidConnectors"]),
        ({"connectors": 65}, ["invalidConnectors"]),
        ({"connectors": [1]}, ["invalidConnectors"]),
        ({"password": "short"}, ["invalidPassword"]),
        ({"password": "x" * 21}, ["invalidPassword"]),
        ({"password": GOOD + "\n"}, ["invalidPassword"]),
        ({"password": "å" * 16}, ["invalidPassword"]),
        ({"password": True}, ["invalidPassword"]),
        ({"password": "a" * 16}, ["weakPassword"]),
        ({"generatePassword": 1}, ["invalidGeneratePassword"]),
        ({"generatePassword": True, "password": GOOD}, ["twoPasswords"]),
        (
            {"protocol": "x", "connectors": -1, "password": ""},
            ["invalidProtocol", "invalidConnectors", "invalidPassword"],
        ),
    ],
)
def test_what_a_station_cannot_be_is_refused(
    api: HttpClient, fields: dict[str, Any], codes: list[str]
) -> None:
    """With all codes that apply, in order; then no station is made."""
    answer = put(api, "CP-1", **fields)
    assert (answer.status, answer.json) == (400, codes)
    assert every(api).json == []


def test_a_password_is_kept_as_its_code_alone(
    api: HttpClient, chargers: MemoryChargers
) -> None:
    """Whether it comes as bytes or as the digits that a station is handed."""
    for spelled in (GOOD, GOOD.encode().hex().upper()):
        answer = put(api, "CP-1", password=spelled)
        assert answer.json["hasPassword"] is True
        assert spelled.encode() not in answer.body
        station = result_of(chargers.get_station("CP-1"))
        assert station.credential == SERVER_KEY.station_credential(GOOD)


def test_a_password_that_we_make_is_shown_once(
    api: HttpClient, chargers: MemoryChargers
) -> None:
    """Forty hexadecimal digits, for whoever asked; nobody sees it again."""
    first = put(api, "CP-1", generatePassword=True).json["password"]
    assert len(bytes.fromhex(first)) == 20
    station = result_of(chargers.get_station("CP-1"))
    assert station.credential == SERVER_KEY.station_credential(first)
    assert "password" not in get(api, "CP-1").json
    assert "password" not in put(api, "CP-1", generatePassword=False).json
    assert put(api, "CP-1", generatePassword=True).json["password"] != first


def test_what_a_station_said_of_itself_is_shown(
    api: HttpClient, chargers: MemoryChargers
) -> None:
    """While it is here, and after it was lost."""
    put(api, "CP-1")
    number = result_of(chargers.get_station("CP-1")).station_id
    boot = BootFact(vendor="ABB", model="Terra", firmware="1.2", booted_at=NOW - 60.25)
    result_of(chargers.station_booted(number, boot))
    result_of(chargers.station_connected(number, NOW - 90))
    here = get(api, "CP-1").json
    assert (here["vendor"], here["model"]) == ("ABB", "Terra")
    assert here["firmwareVersion"] == "1.2"
    assert here["lastBoot"] == "2027-01-15T07:58:59.750Z"
    assert here["connected"] is True
    assert (here["connectedSince"], here["lastSeen"]) == (
        "2027-01-15T07:58:30.000Z",
        None,
    )
    result_of(chargers.stations_gone([(number, NOW - 61)]))
    gone = get(api, "CP-1").json
    assert gone["connected"] is False
    assert (gone["connectedSince"], gone["lastSeen"]) == (
        None,
        "2027-01-15T07:58:59.000Z",
    )
    assert gone["connectors"][0]["status"] == "Unavailable"


def test_what_a_connector_complains_of_is_shown(
    api: HttpClient, known: FakeKnown
) -> None:
    """Where one station is asked for; what nobody has said is left out."""
    put(api, "CP-1", connectors=3)
    known.states = (
        state(0, "InternalError"),
        state(1, "GroundFailure"),
        state(2, ""),
        ConnectorState(connector_id=3, reported=None),
    )
    codes = [each.get("errorCode") for each in get(api, "CP-1").json["connectors"]]
    assert codes == ["GroundFailure", None, None]
    assert "errorCode" not in every(api).json[0]["connectors"][0]


def test_what_a_connector_is_to_be_is_shown(api: HttpClient, known: FakeKnown) -> None:
    """Beside what it says, and with all of that; where one station is asked for."""
    put(api, "CP-1")
    wanted = Wanted(
        connector_id=1, availability=Availability.INOPERATIVE, scheduled=False, at=NOW
    )
    said = Reported(
        connector_id=1,
        status=ConnectorStatus.AVAILABLE,
        info="latch",
        vendor_id="Volta",
        vendor_error_code="E17",
        at=NOW,
    )
    known.states = (
        ConnectorState(
            connector_id=1, reported=said, wanted=wanted, agreement=Agreement.DIFFERS
        ),
    )
    [shown] = get(api, "CP-1").json["connectors"]
    assert (shown["availability"], shown["agreement"]) == ("Inoperative", "differs")
    assert (shown["info"], shown["vendorId"]) == ("latch", "Volta")
    assert shown["vendorErrorCode"] == "E17"
    assert set(every(api).json[0]["connectors"][0]) == {
        "connectorId",
        "connectorID",
        "status",
    }


def state(connector_id: int, error_code: str) -> ConnectorState:
    """Return what a connector said of itself."""
    reported = Reported(
        connector_id=connector_id,
        status=ConnectorStatus.FAULTED,
        error_code=error_code,
        at=NOW,
    )
    return ConnectorState(connector_id=connector_id, reported=reported)


def test_a_retired_station_is_gone(api: HttpClient, bus: LocalBus) -> None:
    """204 and hung up on; made anew it has new connectors and no password."""
    heard: list[Any] = []
    bus.subscribe(RETIREMENTS, heard.append)
    put(api, "CP-1", password=GOOD)
    assert delete(api, "CP-1").status == 204
    assert heard == [StationRetired("CP-1")]
    assert get(api, "CP-1").status == 404
    assert delete(api, "CP-1").status == 404
    assert every(api).json == []
    anew = put(api, "CP-1")
    assert anew.status == 201
    assert anew.json["hasPassword"] is False
    assert anew.json["connectors"][0]["connectorID"] == 100001


def test_whoever_is_connected_is_told_of_a_change(
    api: HttpClient, bus: LocalBus
) -> None:
    """Once a change, under the name on record; not of one that was refused."""
    heard: list[Any] = []
    bus.subscribe(STATIONS, heard.append)
    put(api, "a%CC%8A")
    put(api, "CP-1", connectors=0)
    assert heard == [StationChanged("å")]


def charging(world: MemoryWorld, serial: str) -> Session:
    """Let somebody reserve the last connector of a station."""
    station = result_of(MemoryChargers(world).get_station(serial))
    session, _ = result_of(
        MemoryTransactions(world).add_transaction(
            "user-1",
            station.connectors[-1].connector_id,
            at=NOW,
            reserved_until=NOW + 300,
        )
    )
    return session


def test_a_station_in_use_stays(api: HttpClient, world: MemoryWorld) -> None:
    """409: its connector cannot be taken away, nor its protocol, nor the whole."""
    before = put(api, "CP-1", connectors=2).json
    charging(world, "CP-1")
    for answer in (
        put(api, "CP-1", connectors=1, password=GOOD),
        put(api, "CP-1", protocol="flexicharge"),
        delete(api, "CP-1"),
    ):
        assert (answer.status, answer.json) == (409, ["chargerInUse"])
    after = get(api, "CP-1").json
    assert after["hasPassword"] is False
    assert len(after["connectors"]) == len(before["connectors"])


def test_numbers_may_be_exhausted(api: HttpClient, world: MemoryWorld) -> None:
    """409, and no station without connectors is left behind."""
    world.network.next_connector_number = LAST_CONNECTOR
    answer = put(api, "CP-1")
    assert (answer.status, answer.json) == (409, ["noConnectorIDsLeft"])
    assert every(api).json == []


def test_stations_are_listed_page_by_page(api: HttpClient) -> None:
    """By serial number, from after the one that another page ended with."""
    for serial in ("b", "A", "c", "%C3%A5"):
        put(api, serial)

    def names(query: str) -> list[str]:
        return [each["serialNumber"] for each in every(api, query).json]

    assert names("") == ["A", "b", "c", "å"]
    assert names("?limit=2") == ["A", "b"]
    assert names("?limit=2&after=b") == ["c", "å"]
    assert names("?after=%C3%A5") == []


@pytest.mark.parametrize("limit", ["0", "1001", "x", "", "-1", "1.5", "9" * 19])
def test_a_page_has_a_sound_size(api: HttpClient, limit: str) -> None:
    """From 1 to 1,000."""
    answer = every(api, f"?limit={limit}")
    assert (answer.status, answer.json) == (400, ["invalidLimit"])


def test_a_page_begins_after_a_text_of_some_length(api: HttpClient) -> None:
    """Nothing has a longer name."""
    answer = every(api, f"?after={'x' * 2049}")
    assert (answer.status, answer.json) == (400, ["invalidAfter"])


def test_without_the_database_nothing_changes(
    api: HttpClient, world: MemoryWorld
) -> None:
    """503 in the form that all clients know."""
    world.faults.away = True
    for answer in (every(api), get(api, "x"), put(api, "x"), delete(api, "x")):
        assert (answer.status, answer.json) == (503, ["dbError"])
