"""What an empty database is given: the demo network, and for old apps a past."""

from __future__ import annotations

from decimal import Decimal

from flexicharge.billing.pricing import TariffPricing
from flexicharge.charging.ending import brackets_of
from flexicharge.config import Settings
from flexicharge.interfaces import (
    IChargerStore,
    IDatabase,
    IPricing,
    ITransactionStore,
)
from flexicharge.model.account import GUEST
from flexicharge.model.demo import DEMO_CHARGES, DemoCharge
from flexicharge.model.money import ORE_PER_SEK
from flexicharge.model.session import (
    RESERVED_FOR_S,
    EndFact,
    EndReason,
    Session,
    StartFact,
)
from flexicharge.model.tariff import HOUR_S, hour_of
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.seed import all_or_nothing, seed_demo
from flexicharge.storage.tariffs import PostgresTariffs
from flexicharge.storage.transactions import PostgresTransactions


async def seed(database: IDatabase, settings: Settings, now: float) -> bool:
    """Write the demo network into an empty database; return whether it was empty.

    Where guests are let in (LEGACY_OPEN=1) they have charged already: the old test
    suites read transaction 3 of a server that has only just started (contract §2.3).
    All of it is one commit, on the one connection that `database` has.
    """
    async with all_or_nothing(database):
        return await _seed(database, settings, now)


async def _seed(database: IDatabase, settings: Settings, now: float) -> bool:
    chargers, tariffs = PostgresChargers(database), PostgresTariffs(database)
    was_empty = await seed_demo(chargers, tariffs, now)
    if was_empty and settings.legacy_open:
        fallback = Decimal(settings.fallback_price_ore_per_kwh) / ORE_PER_SEK
        transactions = PostgresTransactions(database)
        pricing = TariffPricing(tariffs, transactions, fallback)
        await seed_guest_charges(chargers, transactions, pricing, now)
    return was_empty


async def seed_guest_charges(
    chargers: IChargerStore,
    transactions: ITransactionStore,
    pricing: IPricing,
    now: float,
) -> None:
    """Write three charges of guests, finished and paid, at what their hours cost."""
    for charge in DEMO_CHARGES:
        began_at = hour_of(now) - charge.hours_ago * HOUR_S
        session = await _begin(charge, chargers, transactions, began_at)
        ended_at = began_at + charge.lasted_s
        price = await pricing.price(session, charge.energy_wh, ended_at)
        await transactions.end(
            EndFact(
                session_id=session.session_id,
                meter_stop_wh=charge.energy_wh,
                energy_wh=charge.energy_wh,
                price_ore=price.total_ore,
                ended_at=ended_at,
                reason=EndReason.DRIVER,
                percent=charge.percent,
                brackets=brackets_of(price),
            )
        )
        await transactions.mark_paid(session.session_id, ended_at)


async def _begin(
    charge: DemoCharge,
    chargers: IChargerStore,
    transactions: ITransactionStore,
    began_at: float,
) -> Session:
    connector = await chargers.get_charger_by_serial_number(charge.serial_number)
    await transactions.add_transaction(
        GUEST,
        connector.connector_id,
        at=began_at,
        reserved_until=began_at + RESERVED_FOR_S,
    )
    return await transactions.start(
        StartFact(
            station_id=connector.station_id,
            connector_id=connector.connector_id,
            meter_start_wh=0,
            started_at=began_at,
            claimed="",
        )
    )
