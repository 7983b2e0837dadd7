"""Section 13 from 051 on: reservations that are cancelled, or used by a family."""

from __future__ import annotations

from typing import Final

import pytest

from .holding import CANCEL, NUMBER, held, reservation, reserve, status
from .scene import DRIVER, JsonObject, Scene

UNKNOWN: Final = 424242


def test_051_cancel(scene: Scene) -> None:
    """The ids match; it is cancelled, and the connector free."""
    held(scene)
    command = scene.tell(CANCEL, {"reservationId": NUMBER}, "Accepted")
    assert command["payload"] == {"reservationId": NUMBER}
    scene.charger.report(1, "Available")
    assert status(scene) == "cancelled"
    assert scene.statuses()[0] == "Available"


@pytest.mark.parametrize("reply", ["Accepted", "Rejected"])
def test_051_twin_a_start_crosses_the_cancel(scene: Scene, reply: str) -> None:
    """It is used, not cancelled, whichever answer came."""
    held(scene)
    order = scene.order(CANCEL, {"reservationId": NUMBER})
    number = scene.charge(reservationId=NUMBER)
    order.answer(reply)
    used = reservation(scene)
    assert (used["status"], used["transactionId"]) == ("used", number)


def test_051_twin_the_start_comes_after_the_answer(scene: Scene) -> None:
    """It was on its way: it is used all the same."""
    held(scene)
    scene.tell(CANCEL, {"reservationId": NUMBER}, "Accepted")
    number = scene.charge(reservationId=NUMBER)
    used = reservation(scene)
    assert (used["status"], used["transactionId"]) == ("used", number)


def test_052_cancel_refused(scene: Scene) -> None:
    """An unknown id goes out as given; the real reservation is still active.

    Whether later revisions still want another id is not established.
    """
    held(scene)
    command = scene.tell(CANCEL, {"reservationId": UNKNOWN}, "Rejected")
    assert command["payload"] == {"reservationId": UNKNOWN}
    assert command["response"] == {"status": "Rejected"}
    assert (status(scene), reservation(scene)["reservationId"]) == ("active", NUMBER)


def test_052_twin_refused_for_the_right_id(scene: Scene) -> None:
    """The charger has let it expire by its own clock: ours ends too, and says why."""
    held(scene)
    scene.tell(CANCEL, {"reservationId": NUMBER}, "Rejected")
    assert status(scene) == "expired"
    [known] = scene.now(scene.known.reservations(scene.station))
    assert known.reason == "the station knows it no longer"


def family(scene: Scene) -> None:
    """Put two tags of one parent on record, and one of another's."""
    scene.put_tag("TAG-A", parentIdTag="PARENT", userID=DRIVER)
    scene.put_tag("TAG-B", parentIdTag="PARENT", userID="driver-8")
    scene.put_tag("TAG-C", parentIdTag="STRANGERS", userID="driver-9")
    command = reserve(scene, "Accepted", idTag="TAG-A", parentIdTag="PARENT")
    assert command["payload"]["parentIdTag"] == "PARENT"
    scene.charger.report(1, "Reserved")
    assert reservation(scene)["parentIdTag"] == "PARENT"


def info(scene: Scene, id_tag: str) -> JsonObject:
    """Return what the charger is told about a tag."""
    told: JsonObject = scene.charger.call("Authorize", {"idTag": id_tag})["idTagInfo"]
    return told


def test_053_reserved_by_a_family_of_2024(scene: Scene) -> None:
    """A starts and pays, B ends; B's verdict names the parent."""
    family(scene)
    number = scene.charge("TAG-A", reservationId=NUMBER)
    assert info(scene, "TAG-B") == {"status": "Accepted", "parentIdTag": "PARENT"}
    scene.charger.stop(number, 3000, idTag="TAG-B")
    scene.charger.report(1, "Finishing")
    used, session = reservation(scene), scene.session(number)
    assert (used["status"], used["transactionId"]) == ("used", number)
    assert (session["idTag"], session["stopIdTag"]) == ("TAG-A", "TAG-B")
    assert (session["userID"], session["flags"]) == (DRIVER, [])
    assert session["energyWh"] == 2000


def test_053_reserved_by_a_family_of_2025(scene: Scene) -> None:
    """B itself uses what was reserved for A."""
    family(scene)
    number = scene.charge("TAG-B", reservationId=NUMBER)
    used = reservation(scene)
    assert (used["status"], used["transactionId"]) == ("used", number)
    assert scene.session(number)["userID"] == "driver-8"


def test_053_twin_a_tag_of_another_parent(scene: Scene) -> None:
    """Its verdict names its own parent, and the reservation stays."""
    family(scene)
    assert info(scene, "TAG-C") == {"status": "Accepted", "parentIdTag": "STRANGERS"}
    scene.charge("TAG-C", reservationId=NUMBER)
    stays = reservation(scene)
    assert (stays["status"], stays["transactionId"]) == ("active", None)


def test_053_twin_the_parent_was_removed(scene: Scene) -> None:
    """A tag that was taken out of its family has no parent in its verdict."""
    family(scene)
    scene.put_tag("TAG-B", userID="driver-8")
    assert info(scene, "TAG-B") == {"status": "Accepted"}
    scene.charge("TAG-B", reservationId=NUMBER)
    assert status(scene) == "active"
