"""The Android app of 2022: a socket without a token, and the old rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.android_2022 import FULL, Android2022
from tests.clients.charger import FieldedCharger, powered
from tests.clients.wire import Wire
from tests.integration.server import ServerProcess

CHARGER = 100008
SERIAL = "abc118"
USER = "5f3c1a52-94c4-4f0e-8f2a-6a7d1c1f0a11"


@pytest.fixture
def app(old_server: ServerProcess) -> Android2022:
    """The app."""
    return Android2022(Wire(old_server.ports[0]), old_server.ws)


@pytest.fixture
def charger(old_server: ServerProcess) -> Iterator[FieldedCharger]:
    """A charger with its available screen on."""
    with powered(old_server.ws, SERIAL) as charger:
        yield charger


def test_a_charge_that_is_watched(app: Android2022, charger: FieldedCharger) -> None:
    """The charger's own frames arrive; when the car is full the app stops by itself."""
    assert app.reserve(CHARGER) == "Accepted"
    transaction = app.open_payment(CHARGER, USER)
    row = app.look(transaction)
    assert (row.number, row.charger) == (transaction, CHARGER)
    app.start(transaction)
    with app.live(row.user_id) as live:
        sent = charger.meter(percent=99, charged_wh=1500)
        assert live.next_frame() == sent
        looked = app.look(transaction)
        assert (looked.percent, looked.kwh) == (99, 1.5)
        charger.meter(percent=100, charged_wh=1700)
        assert live.next_percent() == FULL
    stopped = app.stop(transaction)
    assert (stopped.number, stopped.percent, stopped.kwh) == (transaction, FULL, 1.7)
    assert app.stop(transaction) == stopped
