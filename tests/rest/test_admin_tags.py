"""Drivers' tags over HTTP, for operators."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.http import HttpClient, Response

ODD_TAGS = {"a%2Fb": "a/b", "50%25": "50%", "%C3%A5": "å", "x" * 36: "x" * 36}
UNUSABLE_TAGS = ("x" * 37, "a%0A", "%20", "%E2%80%AE")


def put(api: HttpClient, id_tag: str, **fields: Any) -> Response:
    """Ask for a tag to be as it is said."""
    path = f"/admin/idtags/{id_tag}"
    return api.request("PUT", path, json=fields, token="admin")


def get(api: HttpClient, id_tag: str) -> Response:
    """Ask for a tag."""
    return api.request("GET", f"/admin/idtags/{id_tag}", token="admin")


def delete(api: HttpClient, id_tag: str) -> Response:
    """Ask for the end of a tag."""
    return api.request("DELETE", f"/admin/idtags/{id_tag}", token="admin")


def every(api: HttpClient, query: str = "") -> Response:
    """Ask for all tags."""
    return api.request("GET", f"/admin/idtags{query}", token="admin")


def test_a_new_tag_may_charge(api: HttpClient) -> None:
    """201; without an end, nobody's, at one connector at a time."""
    answer = put(api, "04A2B3")
    assert answer.status == 201
    assert answer.json == {
        "idTag": "04A2B3",
        "status": "Accepted",
        "expiryDate": None,
        "type": "ISO14443",
        "parentIdTag": None,
        "userID": None,
        "severalAtOnce": False,
    }
    assert get(api, "04A2B3").json == answer.json
    assert every(api).json == [answer.json]


def test_everything_can_be_said_of_a_tag(api: HttpClient) -> None:
    """And nothing of that is left once it is put anew without."""
    said = {
        "status": "Blocked",
        "expiryDate": "2027-02-03T04:05:06.789Z",
        "type": "eMAID",
        "parentIdTag": "FAMILY",
        "userID": "user-1",
        "severalAtOnce": True,
    }
    assert put(api, "04A2B3", **said).json == {"idTag": "04A2B3", **said}
    nothing = dict.fromkeys(said)
    again = put(api, "04A2B3", **nothing)
    assert again.status == 200
    assert again.json["status"] == "Accepted"
    assert get(api, "04A2B3").json["expiryDate"] is None


def test_letter_case_tells_no_tags_apart(api: HttpClient) -> None:
    """The last spelling is shown."""
    assert put(api, "abc").status == 201
    assert put(api, "ABC", status="Invalid").status == 200
    assert get(api, "aBc").json["idTag"] == "ABC"
    assert [tag["idTag"] for tag in every(api).json] == ["ABC"]
    assert delete(api, "abC").status == 204
    assert get(api, "abc").status == 404
    assert delete(api, "abc").status == 404


@pytest.mark.parametrize(("path", "id_tag"), ODD_TAGS.items())
def test_a_tag_is_found_under_its_name(api: HttpClient, path: str, id_tag: str) -> None:
    """However odd, percent-encoded."""
    assert put(api, path).json["idTag"] == id_tag
    assert get(api, path).json["idTag"] == id_tag


@pytest.mark.parametrize("path", UNUSABLE_TAGS)
def test_what_is_no_tag_names_nothing(api: HttpClient, path: str) -> None:
    """More than OCPP 2.x has room for, or what no log can show."""
    answer = put(api, path)
    assert (answer.status, answer.json) == (400, ["invalidIdTag"])
    assert (get(api, path).status, delete(api, path).status) == (404, 404)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"status": "accepted"}, ["invalidStatus"]),
        ({"status": "ConcurrentTx"}, ["invalidStatus"]),
        ({"expiryDate": 1_800_000_000}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-03"}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-03T04:05:06"}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-03T04:05:06+01:00"}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-30T04:05:06Z"}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-29T04:05:06Z"}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-03T24:05:06Z"}, ["invalidExpiryDate"]),
        ({"expiryDate": "2027-02-03T04:05:06Z\n"}, ["invalidExpiryDate"]),
        ({"type": ""}, ["invalidType"]),
        ({"type": "x" * 21}, ["invalidType"]),
        ({"parentIdTag": "x" * 37}, ["invalidParentIdTag"]),
        ({"userID": "x" * 256}, ["invalidUserID"]),
        ({"severalAtOnce": "yes"}, ["invalidSeveralAtOnce"]),
        ({"status": 1, "type": 1}, ["invalidStatus", "invalidType"]),
    ],
)
def test_what_a_tag_cannot_be_is_refused(
    api: HttpClient, fields: dict[str, Any], codes: list[str]
) -> None:
    """With all codes that apply, in order; then no tag is made."""
    answer = put(api, "04A2B3", **fields)
    assert (answer.status, answer.json) == (400, codes)
    assert every(api).json == []


@pytest.mark.parametrize("year", ["2028", "2000", "1972"])
def test_a_leap_day_is_a_day(api: HttpClient, year: str) -> None:
    """In the years that have one."""
    date = f"{year}-02-29T23:59:59.000Z"
    assert put(api, "04A2B3", expiryDate=date).json["expiryDate"] == date


def test_tags_are_listed_page_by_page(api: HttpClient) -> None:
    """In the order of their lower case, from after the last of another page."""
    for id_tag in ("b", "A", "C"):
        put(api, id_tag)

    def names(query: str) -> list[str]:
        return [tag["idTag"] for tag in every(api, query).json]

    assert names("?limit=2") == ["A", "b"]
    assert names("?limit=2&after=B") == ["C"]


def test_without_the_database_nothing_changes(
    api: HttpClient, world: MemoryWorld
) -> None:
    """503 in the form that all clients know."""
    world.faults.away = True
    for answer in (every(api), get(api, "x"), put(api, "x"), delete(api, "x")):
        assert (answer.status, answer.json) == (503, ["dbError"])
