"""The past that old apps find in a new database."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest
from twisted.internet.task import Clock

from flexicharge.billing.pricing import TariffPricing
from flexicharge.model.account import GUEST
from flexicharge.model.demo import DEMO_CHARGES
from flexicharge.model.session import SessionState
from flexicharge.startup.seeding import seed_guest_charges
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryTariffs,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.storage.seed import seed_demo
from flexicharge.testing.deferreds import result_of

NOW: Final = 1_800_001_234.5
FALLBACK: Final = Decimal("9999")


@pytest.fixture
def world(clock: Clock) -> MemoryWorld:
    """A network that has just been seeded, with three charges of guests."""
    world = MemoryWorld(clock)
    chargers, tariffs = MemoryChargers(world), MemoryTariffs(world)
    transactions = MemoryTransactions(world)
    result_of(seed_demo(chargers, tariffs, NOW))
    pricing = TariffPricing(tariffs, transactions, FALLBACK)
    result_of(seed_guest_charges(chargers, transactions, pricing, NOW))
    return world


def test_guests_have_charged_three_times(world: MemoryWorld) -> None:
    """Under the numbers 1 to 3, each finished in the past, and paid."""
    found = result_of(MemoryTransactions(world).get_transactions_for_user(GUEST))
    assert [session.session_id for session in found] == [3, 2, 1]
    for session, charge in zip(reversed(found), DEMO_CHARGES, strict=True):
        assert session.state is SessionState.ENDED
        assert session.serial_number == charge.serial_number
        assert session.is_paid
        assert session.energy_wh == charge.energy_wh
        assert (session.ended_at or NOW) < NOW


def test_their_prices_are_those_of_their_hours(world: MemoryWorld) -> None:
    """None of them is guessed, and the ledger says the same."""
    tariffs = world.tariffs
    for row in world.books.ledger:
        session = world.sessions.get(row.session_id)
        kwh = Decimal(session.energy_wh or 0) / 1000
        began_at = int(session.started_at or 0)
        hours = range(began_at, int(session.ended_at or 0), 3600)
        costs = [kwh * tariffs[hour].sek_per_kwh * 100 for hour in hours]
        assert min(costs) - 1 < row.amount_ore < max(costs) + 1
        assert session.price_ore == row.amount_ore
        assert '"guessed":true' not in row.brackets
    assert len(world.books.ledger) == 3


def test_the_chargers_are_free_again(world: MemoryWorld) -> None:
    """As all others are."""
    chargers = MemoryChargers(world)
    assert result_of(chargers.get_available_chargers(NOW)) == result_of(
        chargers.get_chargers()
    )
