"""What people are shown, and what they are billed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.billing.pricing import SHOWN_FOR_S, TariffPricing
from flexicharge.interfaces import IPricing
from flexicharge.model.tariff import HOUR_S, HourPrice
from flexicharge.storage.memory import MemoryTariffs, MemoryTransactions, MemoryWorld
from flexicharge.testing.deferreds import result_of

NOON = 1_800_000_000
FALLBACK = Decimal("2.50")


@pytest.fixture
def world(clock: Clock) -> MemoryWorld:
    return MemoryWorld(clock)


@pytest.fixture
def pricing(world: MemoryWorld) -> TariffPricing:
    return TariffPricing(MemoryTariffs(world), MemoryTransactions(world), FALLBACK)


def test_it_prices(pricing: TariffPricing) -> None:
    """The seam's promises by name."""
    assert verifyObject(IPricing, pricing)


def test_a_sites_own_price_comes_first(pricing: TariffPricing) -> None:
    """Whatever the hour costs."""
    assert result_of(pricing.advertised(Decimal(3), NOON)) == 3


def test_the_hour_decides(world: MemoryWorld, pricing: TariffPricing) -> None:
    """The next one has its own price, and one without any the fallback."""
    hours = [HourPrice(NOON, Decimal(1)), HourPrice(NOON + HOUR_S, Decimal(2))]
    result_of(MemoryTariffs(world).put_tariffs(hours))
    for at, price in ((NOON, 1), (NOON + HOUR_S - 1, 1), (NOON + HOUR_S, 2)):
        assert result_of(pricing.advertised(None, at)) == price
    assert result_of(pricing.advertised(None, NOON + 2 * HOUR_S)) == FALLBACK


def test_the_price_that_is_shown_is_read_now_and_then(
    world: MemoryWorld, pricing: TariffPricing
) -> None:
    """Not for every charger that boots; a new one shows within ten seconds."""
    assert result_of(pricing.advertised(None, NOON)) == FALLBACK
    result_of(MemoryTariffs(world).put_tariffs([HourPrice(NOON, Decimal(1))]))
    assert result_of(pricing.advertised(None, NOON + SHOWN_FOR_S - 1)) == FALLBACK
    assert result_of(pricing.advertised(None, NOON + SHOWN_FOR_S)) == 1
