"""Holding the bills that drivers saw against what the chargers really did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil

from attrs import frozen

from flexicharge.simulator.phone import Bill
from flexicharge.simulator.truth import Charge


@frozen(kw_only=True)
class Misfit:
    """A charge whose bill is not what it should be."""

    serial_number: str
    transaction_id: int
    what: str

    def __str__(self) -> str:
        return f"{self.serial_number}, transaction {self.transaction_id}: {self.what}"


@frozen(kw_only=True)
class Books:
    """How many charges fit their bills, which do not, and how many nobody pays.

    A charge without a payer is one that no driver asked for, or asked for no more: its
    start came after the driver had left, or the server never answered it.
    """

    fitting: int
    misfits: tuple[Misfit, ...]
    without_payer: int


def check_books(
    charges: Iterable[Charge], bills: Mapping[int, Bill | None], *, faultless: bool
) -> Books:
    """Return what comes of holding charges against bills.

    `bills` are the last that drivers saw of their transactions, None where they saw
    none. In a `faultless` scenario a stop that the server took decides; with faults it
    may come after the charge was closed by its last reading.
    """
    by_number: dict[int, list[Charge]] = {}
    without_payer = 0
    for charge in charges:
        number = charge.transaction_id
        if number is None or number not in bills:
            without_payer += 1
        else:
            by_number.setdefault(number, []).append(charge)
    misfits = tuple(_misfits(by_number, bills, faultless))
    return Books(
        fitting=len(by_number) - len(misfits),
        misfits=misfits,
        without_payer=without_payer,
    )


def _misfits(
    by_number: Mapping[int, list[Charge]],
    bills: Mapping[int, Bill | None],
    faultless: bool,
) -> Iterator[Misfit]:
    for number, charges in by_number.items():
        if what := _fault(charges, bills[number], faultless):
            serial_number = charges[0].serial_number
            yield Misfit(serial_number=serial_number, transaction_id=number, what=what)


def _fault(charges: list[Charge], bill: Bill | None, faultless: bool) -> str:
    """Return what is wrong with the bill of one transaction; nothing if it fits."""
    if bill is None:
        return "its driver never saw a bill"
    if not bill.is_final:
        return "its bill never became final"
    least_wh = max(_bounds(each, faultless)[0] for each in charges)
    most_wh = sum(_bounds(each, faultless)[1] for each in charges)
    if least_wh <= bill.energy_wh <= most_wh:
        return ""
    said = f"{least_wh} to {most_wh} Wh" if least_wh < most_wh else f"{most_wh} Wh"
    return f"billed {bill.energy_wh} Wh, the charger said {said}"


def _bounds(charge: Charge, faultless: bool) -> tuple[int, int]:
    """Return the least and the most energy that a charge can be billed for, in Wh."""
    kept_wh = charge.kept_wh or 0
    if charge.stop_wh is None:
        return kept_wh, max(ceil(charge.charged_wh), kept_wh)
    told_wh = charge.stop_wh - charge.meter_start_wh
    if told_wh < 0:  # the lower one that is not negative is billed
        return 0, kept_wh
    if charge.stop_kept and faultless:
        return told_wh, told_wh
    return min(kept_wh, told_wh), max(kept_wh, told_wh)
