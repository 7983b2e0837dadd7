"""A station's local list: what was taken is believed, what is missing is sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from flexicharge.charging.beliefs.list_push import ListPush
from flexicharge.charging.beliefs.local_list import LocalList
from flexicharge.model.id_tag import IdTag, TagStatus
from flexicharge.model.station_command import CommandState
from flexicharge.ocpp.v16.payloads import payload_of
from flexicharge.testing.deferreds import result_of

from .stage import Stage


def believed(stage: Stage) -> LocalList:
    return result_of(stage.known.local_list(stage.station))


def names(stage: Stage) -> list[str]:
    return sorted(entry.id_tag for entry in believed(stage).entries)


def entry(id_tag: str, status: str = "Accepted", **more: str) -> dict[str, Any]:
    return {"idTag": id_tag, "idTagInfo": {"status": status, **more}}


def send(
    stage: Stage,
    version: int,
    *entries: dict[str, Any],
    kind: str = "Differential",
    answer: dict[str, Any] | str = "",
) -> None:
    payload = {
        "listVersion": version,
        "localAuthorizationList": list(entries),
        "updateType": kind,
    }
    stage.command("SendLocalList", payload, answer or {"status": "Accepted"})


def tell_version(stage: Stage, version: object) -> None:
    stage.command("GetLocalListVersion", {}, {"listVersion": version})


def put(stage: Stage, *tags: IdTag) -> None:
    for tag in tags:
        result_of(stage.tags.put_tag(tag, stage.now))


def push(stage: Stage) -> ListPush:
    stage.given.clear()
    return result_of(stage.beliefs.push_list(stage.station))


def sent(stage: Stage) -> list[tuple[str, int, list[str]]]:
    return [
        (
            payload["updateType"],
            payload["listVersion"],
            [one["idTag"] for one in payload["localAuthorizationList"]],
        )
        for action, payload in stage.given
        if action == "SendLocalList"
    ]


# what is believed


def test_a_full_list_is_believed_with_its_content(stage: Stage) -> None:
    """043_4: version, tags, and what each is good for."""
    send(
        stage,
        3,
        entry("A", expiryDate="2030-01-01T00:00:00Z", parentIdTag="P"),
        entry("B", "Blocked"),
        kind="Full",
    )
    known = believed(stage)
    assert (known.version, known.doubt) == (3, "")
    first, second = known.entries
    assert first.verdict is not None
    assert second.verdict is not None
    assert (first.verdict.parent_id_tag, first.verdict.expires_at) == (
        "P",
        1_893_456_000.0,
    )
    assert second.verdict.status is TagStatus.BLOCKED


def test_a_differential_list_is_merged(stage: Stage) -> None:
    """043_5: tags come, change and go, in any letter case; no tag is there twice."""
    send(stage, 1, entry("A"), entry("B"), kind="Full")
    send(stage, 2, entry("a", "Blocked"), {"idTag": "b"}, entry("C"))
    assert names(stage) == ["C", "a"]
    assert believed(stage).version == 2


def test_an_empty_differential_list_changes_no_tag(stage: Stage) -> None:
    """043_5: and needs no list at all."""
    send(stage, 1, entry("A"), kind="Full")
    stage.command(
        "SendLocalList",
        {"listVersion": 2, "updateType": "Differential"},
        {"status": "Accepted"},
    )
    assert names(stage) == ["A"]


def test_a_tag_whose_expiry_makes_no_sense_is_not_believed(stage: Stage) -> None:
    """It was sent as it was given; the next push makes sure."""
    endless = "2027-02-01T00:00:00." + "0" * 60 + "Z"
    send(stage, 1, entry("A", expiryDate=endless), entry("B"), kind="Full")
    assert names(stage) == ["B"]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "Failed"},
        {"status": "NotSupported"},
        {"status": "VersionMismatch"},
        {"status": 7},
        "NotSupported",
        "InternalError",
    ],
)
def test_a_list_that_was_not_taken_is_not_believed(
    stage: Stage, answer: dict[str, Any] | str
) -> None:
    """043_1, 043_3: the version is not advanced."""
    send(stage, 1, entry("A"), kind="Full")
    send(stage, 2, entry("B"), kind="Full", answer=answer)
    assert (believed(stage).version, names(stage)) == (1, ["A"])


def test_a_version_is_no_version_if_there_is_no_list(stage: Stage) -> None:
    """042_1: -1 is "no local list here", and so is the CALLERROR."""
    for answer in ({"listVersion": -1}, "NotSupported"):
        stage.command("GetLocalListVersion", {}, answer)
        assert believed(stage).version is None
    put(stage, IdTag(id_tag="A"))
    outcome = push(stage)
    assert stage.given == []
    assert (outcome.is_up_to_date, outcome.left_out) == (False, 1)


def test_version_0_is_an_empty_list(stage: Stage) -> None:
    """042_2: whatever was believed to be there is gone."""
    send(stage, 5, entry("A"), kind="Full")
    tell_version(stage, 0)
    assert (believed(stage).version, names(stage)) == (0, [])


@pytest.mark.parametrize("junk", [None, "7", 1.5, True, 1 << 40, [7], -2])
def test_a_version_that_is_none_teaches_nothing(stage: Stage, junk: object) -> None:
    """Numbers beyond the schema's are not believed either."""
    send(stage, 5, entry("A"), kind="Full")
    tell_version(stage, junk)
    assert (believed(stage).version, believed(stage).told) == (5, None)


# what is sent


def test_the_first_push_is_full(stage: Stage) -> None:
    """043_4: every entry says what its tag is good for, and blocked ones that."""
    put(
        stage,
        IdTag(id_tag="A", parent_id_tag="P", expires_at=stage.now + 0.5),
        IdTag(id_tag="B", status=TagStatus.BLOCKED),
        IdTag(id_tag="C", expires_at=stage.now - 1),
        IdTag(id_tag="X" * 21),
    )
    outcome = push(stage)
    assert sent(stage) == [("Full", 1, ["A", "B", "C"])]
    infos = [one["idTagInfo"] for one in stage.given[0][1]["localAuthorizationList"]]
    assert [info["status"] for info in infos] == ["Accepted", "Blocked", "Expired"]
    assert infos[0]["parentIdTag"] == "P"
    assert (outcome.is_up_to_date, outcome.left_out) == (True, 1)
    assert push(stage).commands == ()
    assert stage.given == []


def test_later_pushes_carry_what_differs(stage: Stage) -> None:
    """043_5: only the new tag; one that is removed goes without idTagInfo."""
    put(stage, IdTag(id_tag="A"), IdTag(id_tag="B"), IdTag(id_tag="C"))
    push(stage)
    put(stage, IdTag(id_tag="D"), IdTag(id_tag="b", status=TagStatus.BLOCKED))
    result_of(stage.tags.remove_tag("a"))
    push(stage)
    assert sent(stage) == [("Differential", 2, ["A", "b", "D"])]
    assert stage.given[0][1]["localAuthorizationList"][0] == {"idTag": "A"}
    assert names(stage) == ["C", "D", "b"]


def test_a_long_list_goes_in_parts(stage: Stage) -> None:
    """043_4: as many entries as the charger takes at once; no tag twice."""
    stage.command(
        "GetConfiguration",
        {},
        {"configurationKey": [{"key": "SendLocalListMaxLength", "value": "3"}]},
    )
    put(stage, *(IdTag(id_tag=f"T{n}") for n in range(8)))
    assert push(stage).is_up_to_date
    assert sent(stage) == [
        ("Full", 1, ["T0", "T1", "T2"]),
        ("Differential", 2, ["T3", "T4", "T5"]),
        ("Differential", 3, ["T6", "T7"]),
    ]
    assert len(names(stage)) == 8


def test_more_tags_than_the_charger_holds_are_left_out(stage: Stage) -> None:
    """LocalAuthListMaxLength is kept; the operator sees how many are not there."""
    stage.command(
        "GetConfiguration",
        {},
        {"configurationKey": [{"key": "LocalAuthListMaxLength", "value": "2"}]},
    )
    put(stage, *(IdTag(id_tag=f"T{n}") for n in range(5)))
    assert push(stage).left_out == 3
    assert names(stage) == ["T0", "T1"]


def test_a_thousand_tags_are_read_page_by_page(stage: Stage) -> None:
    """All tags on record are sent, in parts of a size that any charger may take."""
    put(stage, *(IdTag(id_tag=f"T{n:04d}") for n in range(1001)))
    push(stage)
    assert [len(tags) for _, _, tags in sent(stage)] == [250, 250, 250, 250, 1]


def test_no_tags_make_an_empty_full_list(stage: Stage) -> None:
    """A charger with a list of somebody else's has it taken away."""
    tell_version(stage, 7)
    assert push(stage).is_up_to_date
    assert sent(stage) == [("Full", 8, [])]


@pytest.mark.parametrize("version", [7, 3])
def test_a_contradiction_is_mended_by_a_full_list(stage: Stage, version: int) -> None:
    """042_2: it says 7 (or 3) where we believe 5."""
    send(stage, 5, entry("A"), kind="Full")
    put(stage, IdTag(id_tag="A"))
    tell_version(stage, version)
    assert believed(stage).doubt
    push(stage)
    assert sent(stage) == [("Full", max(version, 5) + 1, ["A"])]
    assert not believed(stage).doubt


def test_a_contradiction_that_was_none_is_forgotten(stage: Stage) -> None:
    """It tells the version that we believe after all."""
    send(stage, 5, entry("A"), kind="Full")
    tell_version(stage, 7)
    tell_version(stage, 5)
    assert (believed(stage).version, believed(stage).doubt) == (5, "")


def test_versions_go_as_told_and_a_mismatch_needs_a_full_list(stage: Stage) -> None:
    """043_2: Full 2, Differential 5, Differential 4 mismatched; asked: 2, 5, 5."""
    send(stage, 2, entry("A"), kind="Full")
    tell_version(stage, 2)
    send(stage, 5, entry("B"))
    tell_version(stage, 5)
    send(stage, 4, entry("C"), answer={"status": "VersionMismatch"})
    tell_version(stage, 5)
    assert (believed(stage).version, names(stage)) == (5, ["A", "B"])
    plan = result_of(stage.beliefs.next_list(stage.station, [IdTag(id_tag="A")]))
    assert payload_of(plan.commands[0])["updateType"] == "Full"
    assert plan.commands[0].list_version == 6


def test_a_mismatch_asks_for_the_version_and_sends_a_full_list_once(
    stage: Stage,
) -> None:
    """043_5: and does not begin all over again if that is not taken either."""
    put(stage, IdTag(id_tag="A"))
    push(stage)
    put(stage, IdTag(id_tag="B"))
    mismatch = {"status": "VersionMismatch"}
    stage.answers = [mismatch, {"listVersion": 9}]
    assert push(stage).is_up_to_date
    assert [action for action, _ in stage.given] == [
        "SendLocalList",
        "GetLocalListVersion",
        "SendLocalList",
    ]
    assert sent(stage)[-1] == ("Full", 10, ["A", "B"])
    put(stage, IdTag(id_tag="C"))
    stage.answers = [mismatch, {"listVersion": 9}, mismatch, mismatch]
    assert not push(stage).is_up_to_date
    assert len(stage.given) == 3


def test_a_failed_change_is_followed_by_a_full_list_once(stage: Stage) -> None:
    """043_3: Failed for a Differential."""
    put(stage, IdTag(id_tag="A"))
    push(stage)
    put(stage, IdTag(id_tag="B"))
    stage.answers = [{"status": "Failed"}, {"status": "Failed"}]
    assert not push(stage).is_up_to_date
    assert [kind for kind, _, _ in sent(stage)] == ["Differential", "Full"]


@pytest.mark.parametrize("word", ["Failed", "NotSupported"])
def test_a_full_list_that_was_not_taken_is_not_sent_again(
    stage: Stage, word: str
) -> None:
    """043_1, 043_3: one push, one list."""
    put(stage, IdTag(id_tag="A"))
    stage.answers = [{"status": word}]
    assert not push(stage).is_up_to_date
    assert len(stage.given) == 1


def test_a_charger_without_lists_is_not_pushed_to(stage: Stage) -> None:
    """043_1: later changes of tags cause no push, until it takes one after all."""
    put(stage, IdTag(id_tag="A"))
    stage.answers = [{"status": "NotSupported"}]
    push(stage)
    stage.clock.advance(1)
    assert push(stage).commands == ()
    send(stage, 1, entry("A"), kind="Full")
    put(stage, IdTag(id_tag="B"))
    assert push(stage).is_up_to_date


def test_the_last_version_is_followed_by_the_first(stage: Stage) -> None:
    """A version is a number of 31 bits."""
    tell_version(stage, (1 << 31) - 1)
    put(stage, IdTag(id_tag="A"))
    push(stage)
    assert sent(stage) == [("Full", 1, ["A"])]


def test_a_push_whose_command_fails_stops_there(stage: Stage) -> None:
    """Without an answer nobody knows what is there: nothing more is sent."""
    put(stage, IdTag(id_tag="A"))

    async def unheard(*asked: Any) -> Any:
        command = await stage.give(*asked)
        return evolve(command, state=CommandState.TIMEOUT, response=None)

    stage.answers = [{"status": 7}]
    stage.beliefs.give = unheard
    assert not push(stage).is_up_to_date
    assert len(stage.given) == 1
