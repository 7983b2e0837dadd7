"""Case 088: which of the subprotocols is chosen that the charger offers."""

from __future__ import annotations

from typing import Final

import pytest
from twisted.logger import capturedLogs, formatEvent

from tests.town.entry.arriving import headers

from .doors import knock
from .scene import Scene

BAD_REQUEST: Final = 400
ANSWERED_WITH: Final = "sec-websocket-protocol"


def chosen(scene: Scene, *offered: str) -> tuple[int, str | None]:
    """Let the charger offer subprotocols; return the HTTP status and the one chosen."""
    answer = knock(scene, protocols=list(offered))
    return answer, headers(scene.charger.peer).get(ANSWERED_WITH)


def test_088_subprotocol_choice(scene: Scene) -> None:
    """Strangers alone are no upgrade; ours beside one is chosen, and both are told.

    OCA's own steps: details not established.
    """
    assert chosen(scene, "ocpp0.1") == (BAD_REQUEST, None)
    with capturedLogs() as logs:
        assert chosen(scene, "ocpp0.1", "ocpp1.6") == (101, "ocpp1.6")
    assert scene.charger.boot()["status"] == "Accepted"
    said = [formatEvent(event) for event in logs]
    assert any("offered 'ocpp0.1, ocpp1.6', agreed 'ocpp1.6'" in line for line in said)


@pytest.mark.parametrize(
    ("offered", "answer"),
    [((), None), (("OCPP1.6",), "OCPP1.6"), (("ocpp2.0.1", "ocpp1.6"), "ocpp1.6")],
)
def test_088_twin_by_rule_and_record(
    scene: Scene, offered: tuple[str, ...], answer: str | None
) -> None:
    """None offered: the record decides, and no answer is given that was not offered."""
    assert chosen(scene, *offered) == (101, answer)
    assert scene.charger.boot()["status"] == "Accepted"
    assert scene.shown()["ocppVersion"] == "1.6"


def test_088_twin_only_others_are_offered(scene: Scene) -> None:
    """Later protocols alone: no upgrade, and nobody is taken for connected."""
    assert chosen(scene, "ocpp2.0.1", "ocpp2.1") == (BAD_REQUEST, None)
    assert not scene.town.back_end.supervisor.present
