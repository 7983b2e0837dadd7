"""Section 13 up to 050: connectors that are held for a tag."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .holding import (
    CANCEL,
    HELD_S,
    NUMBER,
    RESERVE,
    held,
    reservation,
    reserve,
    status,
    wanted,
)
from .scene import TAG, CallError, Order, Reply, Scene, instant


def test_046_reserve_then_charge(scene: Scene) -> None:
    """It is active, then used by the session that names it."""
    command = reserve(scene, "Accepted")
    assert (command["payload"]["connectorId"], command["payload"]["idTag"]) == (1, TAG)
    scene.charger.report(1, "Reserved")
    assert scene.statuses()[0] == "Reserved"
    assert (status(scene), reservation(scene)["reservationId"]) == ("active", NUMBER)
    number = scene.charge(reservationId=NUMBER)
    used = reservation(scene)
    assert (used["status"], used["transactionId"]) == ("used", number)


def test_046_twin_without_the_reservation_id(scene: Scene) -> None:
    """The right tag uses it all the same."""
    held(scene)
    number = scene.charge()
    used = reservation(scene)
    assert (used["status"], used["transactionId"]) == ("used", number)


def test_046_twin_the_wrong_tag_names_it(scene: Scene) -> None:
    """That session is judged by its tag, and does not use the reservation."""
    scene.put_tag("OTHER", userID="driver-8")
    held(scene)
    number = scene.charge("OTHER", reservationId=NUMBER)
    assert scene.session(number)["userID"] == "driver-8"
    stays = reservation(scene)
    assert (stays["status"], stays["transactionId"]) == ("active", None)


def test_047_reserve_expires(scene: Scene) -> None:
    """The time goes out as given, in UTC; then it is expired and the connector free."""
    payload = wanted(scene)
    order = scene.order(RESERVE, payload)
    assert order.payload["expiryDate"] == payload["expiryDate"]
    assert payload["expiryDate"].endswith("Z")
    order.answer("Accepted")
    scene.charger.report(1, "Reserved")
    ends_at = instant(reservation(scene)["expiryDate"])
    assert ends_at == scene.town.clock.seconds() + HELD_S
    scene.town.advance(HELD_S, step=100)
    scene.charger.report(1, "Available")
    assert status(scene) == "expired"
    assert scene.statuses()[0] == "Available"


def test_047_twin_available_never_comes(scene: Scene) -> None:
    """It expires by our clock."""
    held(scene)
    scene.town.advance(HELD_S - 1, step=100)
    assert status(scene) == "active"
    scene.town.advance(1)
    assert status(scene) == "expired"


def test_047_twin_a_start_with_the_expired_reservation(scene: Scene) -> None:
    """It is judged as one without."""
    held(scene)
    scene.town.advance(HELD_S, step=100)
    scene.put_tag("OTHER")
    started = scene.charger.start("OTHER", 1, 100, reservationId=NUMBER)
    assert started["idTagInfo"]["status"] == "Accepted"
    over = reservation(scene)
    assert (over["status"], over["transactionId"]) == ("expired", None)


@pytest.mark.parametrize("reply", ["Faulted"])
def test_048_1_reserve_faulted(scene: Scene, reply: str) -> None:
    """The answer is shown, and there is no reservation."""
    command = reserve(scene, reply)
    assert command["response"] == {"status": reply}
    assert scene.reservations() == []


def unanswered(scene: Scene) -> Order:
    """Order a reservation that is not answered in time."""
    order = scene.order(RESERVE, wanted(scene), timeout=20)
    scene.town.advance(20, step=5)
    assert order.outcome()["status"] == "timeout"
    assert status(scene) == "unknown"
    return order


def test_048_1_twin_accepted_comes_late(scene: Scene) -> None:
    """It is honoured, and not lost; with the switch off nothing else is sent."""
    order = unanswered(scene)
    scene.charger.answer(order.call, "Accepted")
    scene.town.flush()
    [command] = scene.commands(RESERVE)
    assert (command["status"], command["response"]) == ("late", {"status": "Accepted"})
    assert status(scene) == "active"


@pytest.mark.parametrize("reply", ["Accepted", "Rejected"])
@pytest.mark.parametrize("is_lost", [True, False])
def test_048_1_twin_it_is_cancelled_when_the_charger_speaks_again(
    set_up: Callable[..., Scene], reply: str, is_lost: bool
) -> None:
    """Unless that is switched off: nobody would know of what it may hold.

    An `Accepted` that comes after that does not bring it back.
    """
    scene = set_up(SETTLE_DOUBTS="1")
    scene.charger.connect().boot()
    order = unanswered(scene)
    if is_lost:
        scene.reconnect()
    assert scene.charger.asked() == []
    scene.charger.call("Heartbeat", {})
    scene.town.advance(1)
    [call] = scene.charger.asked()
    assert call[2:] == [CANCEL, {"reservationId": NUMBER}]
    scene.charger.answer(call, reply)
    scene.town.flush()
    expected = "cancelled" if reply == "Accepted" else "expired"
    assert status(scene) == expected
    scene.charger.answer(order.call, "Accepted")
    scene.town.flush()
    assert status(scene) == expected
    scene.charger.call("Heartbeat", {})
    scene.town.advance(1)
    assert scene.charger.asked() == []


def test_048_1_twin_nothing_is_cancelled_that_came_late(
    set_up: Callable[..., Scene],
) -> None:
    """It is honoured by then."""
    scene = set_up(SETTLE_DOUBTS="1")
    scene.charger.connect().boot()
    scene.charger.answer(unanswered(scene).call, "Accepted")
    scene.charger.call("Heartbeat", {})
    scene.town.advance(1)
    assert scene.charger.asked() == []
    assert status(scene) == "active"


def test_048_2_reserve_occupied(scene: Scene) -> None:
    """It is sent although the connector is known to be taken."""
    scene.charger.report(1, "Preparing")
    command = reserve(scene, "Occupied")
    assert (command["sent"], command["response"]) == (True, {"status": "Occupied"})
    assert scene.reservations() == []


def test_048_2_twin_reserved_is_reported_all_the_same(scene: Scene) -> None:
    """The state is shown, and no reservation is made of it."""
    scene.charger.report(1, "Preparing")
    reserve(scene, "Occupied")
    scene.charger.report(1, "Reserved")
    assert scene.statuses()[0] == "Reserved"
    assert scene.reservations() == []


def take_out(scene: Scene, reply: Reply) -> None:
    """Take connector 1 out of service."""
    inoperative = {"connectorId": 1, "type": "Inoperative"}
    command = scene.tell("ChangeAvailability", inoperative, reply)
    assert command["payload"]["type"] == "Inoperative"


def test_048_3_reserve_unavailable(scene: Scene) -> None:
    """It is sent although the connector is out of service."""
    take_out(scene, "Accepted")
    scene.charger.report(1, "Unavailable")
    command = reserve(scene, "Unavailable")
    assert (command["sent"], command["response"]) == (True, {"status": "Unavailable"})
    assert scene.statuses()[0] == "Unavailable"
    assert scene.reservations() == []


def test_048_3_twin_the_change_is_scheduled(scene: Scene) -> None:
    """It is pending while the session runs, until the status comes."""

    def agreement() -> str:
        return str(scene.shown()["connectors"][0]["agreement"])

    number = scene.charge()
    take_out(scene, "Scheduled")
    assert agreement() == "pending"
    scene.town.advance(60, step=20)
    scene.charger.report(1, "SuspendedEV")
    assert agreement() == "pending"
    scene.charger.stop(number, 2000)
    scene.charger.report(1, "Unavailable")
    assert agreement() == "asWanted"


def test_048_4_reserve_rejected(scene: Scene) -> None:
    """There is no reservation."""
    command = reserve(scene, "Rejected")
    assert command["response"] == {"status": "Rejected"}
    assert scene.reservations() == []


@pytest.mark.parametrize("code", ["NotSupported", "NotImplemented"])
def test_048_4_twin_the_feature_is_lacking(scene: Scene, code: str) -> None:
    """As good as `Rejected`; and the charger is known to lack it."""
    command = reserve(scene, CallError(code))
    assert command["response"]["errorCode"] == code
    assert scene.reservations() == []
    [feature] = scene.read("features")
    assert (feature["action"], feature["supported"], feature["status"]) == (
        RESERVE,
        False,
        code,
    )


@pytest.mark.parametrize("named", [0, 1])
def test_049_reserve_the_whole_charger(scene: Scene, named: int) -> None:
    """Any connector may use it. Which one the status names is not established."""
    command = reserve(scene, "Accepted", connector=0)
    assert command["payload"]["connectorId"] == 0
    scene.charger.report(named, "Reserved")
    assert (status(scene), reservation(scene)["connectorId"]) == ("active", 0)
    number = scene.charger.start(TAG, 2, 100)["transactionId"]
    assert scene.session(number)["connectorId"] == 2
    used = reservation(scene)
    assert (used["status"], used["transactionId"]) == ("used", number)


def test_049_twin_connector_0_cannot_be_reserved(scene: Scene) -> None:
    """The refusal is shown, and there is no reservation."""
    command = reserve(scene, "Rejected", connector=0)
    assert command["response"] == {"status": "Rejected"}
    assert scene.reservations() == []


def test_049_twin_another_tag_starts(scene: Scene) -> None:
    """Whether it may is the charger's to say: it is recorded as it happened."""
    held(scene, connector=0)
    scene.put_tag("OTHER", userID="driver-8")
    started = scene.charger.start("OTHER", 2, 100)
    session = scene.session(started["transactionId"])
    assert (session["state"], session["connectorId"]) == ("charging", 2)
    assert session["userID"] == "driver-8"
    assert status(scene) == "active"


def refused_as(scene: Scene, word: str) -> None:
    """Have a reservation of the whole charger refused."""
    command = reserve(scene, word, connector=0)
    assert command["payload"]["connectorId"] == 0
    assert command["response"] == {"status": word}
    assert scene.reservations() == []


def test_050_1_reserve_whole_charger_faulted(scene: Scene) -> None:
    """No reservation; the answer is shown."""
    refused_as(scene, "Faulted")


def test_050_2_reserve_whole_charger_occupied(scene: Scene) -> None:
    """No reservation; the answer is shown."""
    scene.charge()
    refused_as(scene, "Occupied")


def test_050_3_reserve_whole_charger_unavailable(scene: Scene) -> None:
    """No reservation; the answer is shown."""
    take_out(scene, "Accepted")
    scene.charger.report(1, "Unavailable")
    refused_as(scene, "Unavailable")


def test_050_4_reserve_whole_charger_rejected(scene: Scene) -> None:
    """No reservation; the answer is shown."""
    refused_as(scene, "Rejected")


def test_050_1_2_3_4_twin_only_connector_1_says_reserved(scene: Scene) -> None:
    """The reservation is of the charger all the same: connector 2 may use it."""
    reserve(scene, "Accepted", connector=0)
    scene.charger.report(1, "Reserved")
    assert scene.statuses() == ["Reserved", "Available"]
    assert (status(scene), reservation(scene)["connectorId"]) == ("active", 0)
    number = scene.charger.start(TAG, 2, 100)["transactionId"]
    assert reservation(scene)["transactionId"] == number
