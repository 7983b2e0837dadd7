"""The shapes of a charge, read as strictly as the apps' own parsers do."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from flexicharge.charging.views import SessionView
from flexicharge.model.session import SessionState
from flexicharge.rest.transaction_shapes import charge_of, charge_row_of
from tests.rest.fakes import DRIVER, NOW, charging_view, encoded, ended_view, view

HISTORIC = {"endTimestamp", "endTimstamp", "price", "discount", "final"}
STOPPING = view(
    state=SessionState.STOPPING,
    started_at=NOW - 60,
    stop_requested_at=NOW,
    energy_wh=1,
    price_ore=1,
)
CANCELLED = view(state=SessionState.CANCELLED, ended_at=NOW)
HUGE = ended_view(energy_wh=10**12, price_ore=2**53 - 1)
STARTED = [
    charging_view(),
    charging_view(energy_wh=0, percent=None),
    charging_view(energy_wh=999, sek_per_kwh="-0.123"),
    ended_view(),
    ended_view(energy_wh=0, price_ore=0, percent=None),
    STOPPING,
    CANCELLED,
    HUGE,
]


def on_the_wire(shown: SessionView, *, integers: bool) -> dict[str, Any]:
    """What a client reads: numbers with a point or an exponent are floats."""
    shape = charge_of(shown, integers=integers)
    read: dict[str, Any] = json.loads(msgspec.json.encode(shape))
    return read


def dart_int(shape: dict[str, Any], key: str) -> int:
    """Read a Dart `int`: no null, no decimal point, no exponent, within 64 bits."""
    value = shape[key]
    assert type(value) is int, key
    assert -(2**63) <= value < 2**63, key
    return value


def gson_int(shape: dict[str, Any], key: str, bits: int) -> int:
    """Read a Kotlin Int or Long that must be there: 50 and 50.0, but not 50.5."""
    value = shape[key]
    assert type(value) in (int, float), key
    assert value == int(value), key
    assert -(2 ** (bits - 1)) <= value < 2 ** (bits - 1), key
    return int(value)


def gson_text(shape: dict[str, Any], key: str) -> str:
    """Read a Kotlin String: Gson takes numbers for it, but not objects."""
    assert type(shape[key]) in (int, float, str), key
    return str(shape[key])


@pytest.mark.parametrize("shown", STARTED, ids=lambda shown: shown.session.state)
def test_flutter_reads_integers_only(shown: SessionView) -> None:
    """FLU loses the whole response over one number that is no `int`."""
    shape = on_the_wire(shown, integers=True)
    numbers = {key for key, value in shape.items() if type(value) in (int, float)}
    for key in numbers:
        dart_int(shape, key)
    for key in (
        "transactionID",
        "connectorID",
        "startTimestamp",
        "kwhTransferred",
        "currentChargePercentage",
        "pricePerKWh",
    ):
        dart_int(shape, key)
    if "endTimestamp" in shape:
        for key in ("endTimestamp", "price", "discount"):
            dart_int(shape, key)
    assert type(shape["userID"]) is str


@pytest.mark.parametrize("shown", STARTED, ids=lambda shown: shown.session.state)
def test_android_finds_all_it_dereferences(shown: SessionView) -> None:
    """AND crashes on a null percentage, and after a stop on a null time or energy."""
    shape = on_the_wire(shown, integers=False)
    assert 0 <= gson_int(shape, "currentChargePercentage", 32) <= 100
    gson_int(shape, "connectorID", 32)
    gson_int(shape, "startTimestamp", 64)
    gson_text(shape, "pricePerKwh")
    assert type(shape["kwhTransferred"]) in (int, float)
    assert float(shape["transactionID"]) == 17.0
    if "endTimestamp" in shape:
        gson_int(shape, "endTimestamp", 64)
        gson_text(shape, "discount")
        assert type(shape["price"]) is int


def test_an_ongoing_charge_in_full() -> None:
    """Every spelling of every client; nothing that would make AND call stop."""
    assert on_the_wire(charging_view(), integers=False) == {
        "transactionID": 17,
        "connectorID": 100007,
        "chargerID": 100007,
        "userID": DRIVER.user_id,
        "startTimestamp": 1_799_996_400,
        "startTimstamp": 1_799_996_400,
        "kwhTransferred": 1.5,
        "kwhTransfered": 1.5,
        "energyWh": 1500,
        "currentChargePercentage": 40,
        "pricePerKwh": 250,
        "pricePerKWh": 250,
    }


def test_a_historic_charge_has_the_ongoing_keys_and_its_end() -> None:
    """A restarted AND reads the percentage of a finished charge."""
    shape = on_the_wire(ended_view(), integers=False)
    ongoing = on_the_wire(charging_view(), integers=False)
    assert shape == ongoing | {
        "endTimestamp": 1_800_000_000,
        "endTimstamp": 1_800_000_000,
        "price": 375,
        "discount": 0,
        "final": True,
    }


def test_an_unstarted_charge_has_no_start() -> None:
    """Until somebody asked to start, the time is null, as S23 had it."""
    shape = on_the_wire(view(), integers=False)
    assert shape["startTimestamp"] is shape["startTimstamp"] is None
    assert not HISTORIC & set(shape)


def test_a_start_under_way_carries_the_time_of_the_request() -> None:
    """An answer that did not wait for the station says when it was asked."""
    starting = view(state=SessionState.STARTING, start_requested_at=NOW - 0.5)
    assert on_the_wire(starting, integers=True)["startTimestamp"] == 1_799_999_999


def test_a_stop_under_way_is_historic_but_not_final() -> None:
    """The price is that of the last reading until the station's word seals it."""
    shape = on_the_wire(STOPPING, integers=False)
    assert (shape["final"], shape["price"]) == (False, 1)
    assert shape["endTimestamp"] == 1_800_000_000


def test_a_cancelled_charge_has_both_times_and_costs_nothing() -> None:
    """AND dereferences both times of whatever it stopped."""
    shape = on_the_wire(CANCELLED, integers=False)
    assert shape["startTimestamp"] == shape["endTimestamp"] == 1_800_000_000
    assert (shape["price"], shape["final"]) == (0, True)


@pytest.mark.parametrize(
    ("energy_wh", "exact", "rounded"),
    [(0, 0, 0), (1, 0.001, 0), (499, 0.499, 0), (500, 0.5, 1), (2000, 2, 2)],
)
def test_energy_is_exact_but_for_flutter(
    energy_wh: int, exact: float, rounded: int
) -> None:
    """Three decimals for people, half up for Dart, and the Wh for everybody."""
    shown = charging_view(energy_wh=energy_wh)
    for integers, kwh in ((False, exact), (True, rounded)):
        shape = on_the_wire(shown, integers=integers)
        assert shape["kwhTransferred"] == shape["kwhTransfered"] == kwh
        assert shape["energyWh"] == energy_wh


def test_a_row_has_the_keys_of_the_original_table() -> None:
    """Dates are days; what is not known yet is null."""
    paid = ended_view(price_ore=375, is_paid=True, paid_at=NOW + 86_400)
    row = encoded(charge_row_of(paid, integers=False))
    charge = encoded(charge_of(paid, integers=False))
    assert row == charge | {
        "transactionID": 17,
        "userID": DRIVER.user_id,
        "paymentMethod": "Klarna",
        "isPaid": True,
        "payNow": True,
        "transactionDate": "2027-01-15",
        "paymentDueDate": None,
        "paidDate": "2027-01-16",
        "totalPrice": 375,
        "chargeSessionID": 17,
    }
    going_on = encoded(charge_row_of(charging_view(), integers=False))
    assert going_on["paidDate"] is going_on["totalPrice"] is None
