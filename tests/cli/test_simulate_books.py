"""Bills held against charges."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.cli.simulate_books import Books, check_books
from flexicharge.simulator.phone import Bill
from flexicharge.simulator.truth import Charge


def charge(**more: Any) -> Charge:
    """A charge of 1500 Wh that was stopped, and the server took the stop."""
    known: dict[str, Any] = {
        "serial_number": "abc117",
        "meter_start_wh": 100,
        "began_at": 0.0,
        "transaction_id": 7,
        "charged_wh": 1500.0,
        "kept_wh": 1400,
        "stop_wh": 1600,
        "stop_kept": True,
        "ended_at": 60.0,
    }
    return Charge(**known | more)


def bill(energy_wh: int = 1500, *, is_final: bool = True) -> Bill:
    """What the driver saw of transaction 7."""
    return Bill(transaction_id=7, energy_wh=energy_wh, price_ore=375, is_final=is_final)


def check(*charges: Charge, bill: Bill | None = None, faultless: bool = True) -> Books:
    """Check charges against the one bill there is."""
    return check_books(charges, {7: bill}, faultless=faultless)


def test_a_bill_of_what_the_charger_said_fits() -> None:
    """To the Wh."""
    books = check(charge(), bill=bill())
    assert (books.fitting, books.misfits, books.without_payer) == (1, (), 0)


@pytest.mark.parametrize("energy_wh", [0, 1400, 1499, 1501, 3000])
def test_any_other_bill_is_named(energy_wh: int) -> None:
    """With charger, transaction and both figures."""
    books = check(charge(), bill=bill(energy_wh))
    assert books.fitting == 0
    assert str(books.misfits[0]) == (
        f"abc117, transaction 7: billed {energy_wh} Wh, the charger said 1500 Wh"
    )


def test_a_bill_that_never_came_is_named() -> None:
    """The driver asked, and saw nothing, or nothing final."""
    [unseen] = check(charge(), bill=None).misfits
    assert unseen.what == "its driver never saw a bill"
    [open_] = check(charge(), bill=bill(is_final=False)).misfits
    assert open_.what == "its bill never became final"


def test_a_charge_that_no_driver_has_is_counted_apart() -> None:
    """One that the server never numbered, and one of a driver who had left."""
    books = check(charge(transaction_id=None), charge(transaction_id=8), bill=bill())
    assert (books.fitting, books.misfits, books.without_payer) == (0, (), 2)


@pytest.mark.parametrize(
    ("energy_wh", "fits"), [(1399, False), (1400, True), (1501, True), (1502, False)]
)
def test_without_a_stop_the_last_reading_or_more_is_billed(
    energy_wh: int, fits: bool
) -> None:
    """More, if the answer to a later reading was lost; never more than flowed."""
    silent = charge(stop_wh=None, stop_kept=False, charged_wh=1500.4)
    assert (check(silent, bill=bill(energy_wh)).misfits == ()) is fits


def test_with_faults_a_stop_may_come_too_late() -> None:
    """The charge was closed by its last reading then."""
    assert check(charge(), bill=bill(1400), faultless=False).misfits == ()
    [misfit] = check(charge(), bill=bill(1399), faultless=False).misfits
    assert misfit.what == "billed 1399 Wh, the charger said 1400 to 1500 Wh"


def test_a_register_that_ran_backwards_bills_the_reading_at_most() -> None:
    """The lower one that is not negative."""
    backwards = charge(stop_wh=50)
    assert check(backwards, bill=bill(1400)).misfits == ()
    assert check(backwards, bill=bill(1401)).misfits


def test_parts_of_one_transaction_are_held_against_it_together() -> None:
    """A charger that lost its power goes on with the transaction it had."""
    parts = charge(stop_wh=None, stop_kept=False, kept_wh=None), charge()
    assert check(*parts, bill=bill(1600)).misfits == ()
    assert check(*parts, bill=bill(3001)).misfits
