"""Section 11, and 043_2: the list of tags that lies on a charger."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from flexicharge.testing.http import Connection

from .scene import TAG, CallError, JsonObject, Reply, Scene

GET = "GetLocalListVersion"
SEND = "SendLocalList"
Asked = list[Any]


@frozen
class Push:
    """A list that is on its way to the charger, in as many parts as it takes."""

    scene: Scene
    _reply: Connection

    @classmethod
    def of(cls, scene: Scene) -> Push:
        """Have the charger's list brought up to the tags on record."""
        path, token = f"{scene.at}/localList", scene.token
        return cls(scene, scene.town.http.begin("POST", path, token=token))

    def part(self, action: str, reply: Reply) -> JsonObject:
        """Answer the only thing that is asked now; return what it was."""
        [call] = self.scene.charger.asked()
        assert call[2] == action
        if isinstance(reply, CallError):
            self.scene.charger.refuse(call, reply.code)
        else:
            self.scene.charger.answer(call, reply)
        self.scene.town.flush()
        asked: JsonObject = call[3]
        return asked

    def is_up_to_date(self) -> bool:
        """Tell how it ended; nothing more was asked."""
        assert self.scene.charger.asked() == []
        reply = self._reply.response()
        assert reply.status == 200
        return bool(reply.json["upToDate"])


def pushed(scene: Scene, reply: Reply = "Accepted") -> JsonObject:
    """Push a list that goes in one part; return what was sent."""
    push = Push.of(scene)
    sent = push.part(SEND, reply)
    assert push.is_up_to_date() is (reply == "Accepted")
    return sent


def believed(scene: Scene) -> JsonObject:
    """Return the list that we believe to be on the charger."""
    known: JsonObject = scene.read("localList")
    return known


def tags_of(sent: JsonObject) -> list[str]:
    """Return the tags of a list, sent or believed."""
    return [entry["idTag"] for entry in sent["localAuthorizationList"]]


def send(scene: Scene, version: int, kind: str, reply: Reply, *tags: str) -> JsonObject:
    """Send a list as an operator writes it; return the command as it is on record."""
    entries = [{"idTag": tag, "idTagInfo": {"status": "Accepted"}} for tag in tags]
    payload = {
        "listVersion": version,
        "localAuthorizationList": entries,
        "updateType": kind,
    }
    return scene.tell(SEND, payload, reply)


def test_042_1_list_version_not_supported(scene: Scene) -> None:
    """There is no local list here, and -1 is no version."""
    command = scene.tell(GET, {}, {"listVersion": -1})
    assert command["response"] == {"listVersion": -1}
    known = believed(scene)
    assert (known["listVersion"], known["toldVersion"]) == (None, None)
    [feature] = scene.read("features")
    assert (feature["action"], feature["supported"]) == (GET, False)


@pytest.mark.parametrize("reply", [CallError("NotSupported"), {"listVersion": -1}])
def test_042_1_twin_an_error_means_the_same(scene: Scene, reply: Reply) -> None:
    """Either way nothing is ever sent to it by a push."""
    scene.tell(GET, {}, reply)
    [feature] = scene.read("features")
    assert (feature["action"], feature["supported"]) == (GET, False)
    assert Push.of(scene).is_up_to_date() is False


def test_042_2_list_version_empty(scene: Scene) -> None:
    """Version 0 is an empty list."""
    scene.tell(GET, {}, {"listVersion": 0})
    known = believed(scene)
    assert (known["listVersion"], known["localAuthorizationList"]) == (0, [])


def test_042_2_twin_another_version_than_ours(scene: Scene) -> None:
    """It says 7 where we believe 5: the next list is a full one, of a newer version."""
    send(scene, 5, "Full", "Accepted", TAG)
    scene.tell(GET, {}, {"listVersion": 7})
    assert believed(scene)["toldVersion"] == 7
    sent = pushed(scene)
    assert sent["updateType"] == "Full"
    assert sent["listVersion"] > 7


def test_043_1_send_list_not_supported(scene: Scene) -> None:
    """The refusal is on record, and no version is believed."""
    command = send(scene, 1, "Full", "NotSupported")
    assert command["payload"]["updateType"] == "Full"
    assert command["response"] == {"status": "NotSupported"}
    assert believed(scene)["listVersion"] is None


def test_043_1_twin_an_error_means_the_same(scene: Scene) -> None:
    """Tags that change later are pushed to nobody."""
    command = send(scene, 1, "Full", CallError("NotSupported"))
    assert command["response"]["errorCode"] == "NotSupported"
    assert believed(scene)["listVersion"] is None
    scene.put_tag("NEW")
    assert Push.of(scene).is_up_to_date() is False
    assert len(scene.commands(SEND)) == 1


def test_043_2_list_version_mismatch(scene: Scene) -> None:
    """Versions 2 and 5 are taken, 4 is not: 5 is believed, and a full list follows."""
    send(scene, 2, "Full", "Accepted", TAG)
    scene.tell(GET, {}, {"listVersion": 2})
    send(scene, 5, "Differential", "Accepted", TAG)
    scene.tell(GET, {}, {"listVersion": 5})
    command = send(scene, 4, "Differential", "VersionMismatch", TAG)
    assert command["response"] == {"status": "VersionMismatch"}
    scene.tell(GET, {}, {"listVersion": 5})
    assert believed(scene)["listVersion"] == 5
    sent = pushed(scene)
    assert (sent["updateType"], sent["listVersion"]) == ("Full", 6)


def test_043_2_twin_the_version_contradicts_an_accepted(scene: Scene) -> None:
    """Then nobody knows what is there, and a full list makes sure."""
    send(scene, 2, "Full", "Accepted", TAG)
    send(scene, 3, "Differential", "Accepted", TAG)
    scene.tell(GET, {}, {"listVersion": 2})
    assert pushed(scene)["updateType"] == "Full"
    assert believed(scene)["doubt"] is None


def test_043_3_send_list_failed(scene: Scene) -> None:
    """What was believed still is."""
    send(scene, 1, "Full", "Accepted", TAG)
    command = send(scene, 2, "Full", "Failed", TAG, "OTHER")
    assert command["response"] == {"status": "Failed"}
    assert believed(scene)["listVersion"] == 1
    assert tags_of(believed(scene)) == [TAG]


@pytest.mark.parametrize("last", ["Accepted", "Failed"])
def test_043_3_twin_failed_for_a_differential(scene: Scene, last: str) -> None:
    """A full list follows, once: if that fails too it is left at that."""
    pushed(scene)
    scene.put_tag("NEW")
    push = Push.of(scene)
    assert push.part(SEND, "Failed")["updateType"] == "Differential"
    assert push.part(SEND, last)["updateType"] == "Full"
    assert push.is_up_to_date() is (last == "Accepted")


def test_043_4_send_list_full(scene: Scene) -> None:
    """Every entry has its `idTagInfo`; version and content are believed."""
    scene.put_tag("CHILD", parentIdTag="PARENT", expiryDate="2030-01-01T00:00:00Z")
    sent = pushed(scene)
    assert sent["updateType"] == "Full"
    assert sorted(tags_of(sent)) == [TAG, "CHILD"]
    infos = {one["idTag"]: one["idTagInfo"] for one in sent["localAuthorizationList"]}
    assert infos[TAG] == {"status": "Accepted"}
    assert infos["CHILD"]["parentIdTag"] == "PARENT"
    assert infos["CHILD"]["expiryDate"].startswith("2030-01-01T00:00:00")
    assert believed(scene)["listVersion"] == sent["listVersion"]
    assert sorted(tags_of(believed(scene))) == [TAG, "CHILD"]


def test_043_4_twin_more_entries_than_it_takes_at_once(scene: Scene) -> None:
    """Full, then differentials; no tag twice, and blocked ones are `Blocked`."""
    limit = {"key": "SendLocalListMaxLength", "readonly": True, "value": "3"}
    scene.tell("GetConfiguration", {}, {"configurationKey": [limit]})
    for number in range(6):
        scene.put_tag(f"TAG{number}", status="Blocked" if number % 2 else "Accepted")
    push = Push.of(scene)
    parts = [push.part(SEND, "Accepted") for _ in range(3)]
    assert push.is_up_to_date()
    kinds = [part["updateType"] for part in parts]
    assert kinds == ["Full", "Differential", "Differential"]
    versions = [part["listVersion"] for part in parts]
    assert versions == sorted(set(versions))
    tags = [tag for part in parts for tag in tags_of(part)]
    assert len(tags) == len(set(tags)) == 7
    entries = [entry for part in parts for entry in part["localAuthorizationList"]]
    blocked = {
        entry["idTag"] for entry in entries if entry["idTagInfo"]["status"] == "Blocked"
    }
    assert blocked == {"TAG1", "TAG3", "TAG5"}


def test_043_5_send_list_differential(scene: Scene) -> None:
    """The one new tag goes out, under a newer version; the content is merged."""
    first = pushed(scene)["listVersion"]
    scene.tell(GET, {}, {"listVersion": first})
    scene.put_tag("NEW")
    sent = pushed(scene)
    assert sent["updateType"] == "Differential"
    assert sent["localAuthorizationList"] == [
        {"idTag": "NEW", "idTagInfo": {"status": "Accepted"}}
    ]
    assert sent["listVersion"] > first
    assert believed(scene)["listVersion"] == sent["listVersion"]
    assert sorted(tags_of(believed(scene))) == [TAG, "NEW"]


def test_043_5_twin_version_mismatch(scene: Scene) -> None:
    """The version is asked for, then a full list follows."""
    pushed(scene)
    scene.put_tag("NEW")
    push = Push.of(scene)
    push.part(SEND, "VersionMismatch")
    push.part(GET, {"listVersion": 9})
    sent = push.part(SEND, "Accepted")
    assert push.is_up_to_date()
    assert (sent["updateType"], sent["listVersion"]) == ("Full", 10)


def test_043_5_twin_a_removed_tag(scene: Scene) -> None:
    """It goes as an entry without `idTagInfo`."""
    scene.put_tag("GONE")
    pushed(scene)
    scene.remove_tag("GONE")
    assert pushed(scene)["localAuthorizationList"] == [{"idTag": "GONE"}]
    assert tags_of(believed(scene)) == [TAG]


def test_043_5_twin_an_empty_differential(scene: Scene) -> None:
    """Nothing changes but the version."""
    version = pushed(scene)["listVersion"]
    before = believed(scene)["localAuthorizationList"]
    send(scene, version + 1, "Differential", "Accepted")
    assert believed(scene)["localAuthorizationList"] == before
    assert believed(scene)["listVersion"] == version + 1
