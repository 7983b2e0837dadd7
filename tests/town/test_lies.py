"""What a client says of money, energy and owners is never taken."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.testing.charge import CONNECTOR, Charge

LIES = {
    "userID": "somebody-else",
    "user_id": "somebody-else",
    "isPaid": True,
    "paymentConfirmed": True,
    "paidDate": "2020-01-01",
    "paymentID": "an order",
    "price": 0,
    "totalPrice": 0,
    "pricePerKwh": 0,
    "kwhTransfered": 0,
    "kWhTransferred": 0,
    "meterStart": 10**6,
    "currentChargePercentage": 100,
    "transactionID": 1,
    "state": "ended",
}
ROUTES = [
    "/transaction/start/{}",
    "/transaction/stop/{}",
    "/transactions/start/:{}",
    "/transactions/payment/{}",
    "/transactions/chargingStatus/{}",
]


@pytest.mark.parametrize(
    "path", ["/transaction", "/transactions", "/transactions/session"]
)
def test_whoever_opens_a_charge_owes_it(charge: Charge, path: str) -> None:
    """At the site's price, unpaid, under a number of ours."""
    charge.reserve()
    honest = charge.stored
    posted = charge.ask("POST", path, {"connectorID": CONNECTOR, **LIES})
    charge.town.advance(1.0)
    assert posted.response().status == 201
    held = charge.stored
    assert held == evolve(honest, reserved_until=held.reserved_until)
    assert (held.user_id, held.is_paid) == (charge.caller.user_id, False)


@pytest.mark.parametrize("path", ROUTES)
def test_a_running_charge_is_what_the_charger_says(charge: Charge, path: str) -> None:
    """Whatever stands in the body of any call."""
    charge.start(meter_start=1000)
    running = charge.stored
    charge.ask("PUT", path.format(charge.session_id), LIES)
    charge.town.advance(1.5)
    after = charge.stored
    told = {"state": running.state, "stop_requested_at": None}
    assert evolve(after, **told) == running
