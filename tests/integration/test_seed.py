"""The demo network as every client knows it, in a real database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from attrs import frozen

from flexicharge.config import read_settings
from flexicharge.errors import SessionUnknown
from flexicharge.interfaces.stores import Params, Row
from flexicharge.model.account import GUEST
from flexicharge.model.demo import DEMO_SITES, demo_tariffs
from flexicharge.model.session import SessionState
from flexicharge.model.status import ConnectorStatus
from flexicharge.model.tariff import HourPrice
from flexicharge.startup.seeding import seed
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import BlockingDatabase, run_now
from flexicharge.storage.migrate import migrate
from flexicharge.storage.seed import seed_demo
from flexicharge.storage.tariffs import PostgresTariffs
from flexicharge.storage.transactions import PostgresTransactions

NOON = 1_800_000_000.0
DAY_S = 86_400


@pytest.fixture
def database(fresh_dsn: str) -> Iterator[BlockingDatabase]:
    """An empty, migrated database, before any reactor runs."""
    migrate(fresh_dsn)
    with closing(BlockingDatabase(fresh_dsn)) as opened:
        yield opened


def test_demo_network_has_the_contracts_numbers(database: BlockingDatabase) -> None:
    """Sites are 1 to 4 and chargers 100000 to 100009, in the contract's order."""
    chargers, tariffs = PostgresChargers(database), PostgresTariffs(database)
    assert run_now(seed_demo(chargers, tariffs, NOON)) is True
    sites = run_now(chargers.get_charge_points())
    assert [(site.site_id, site.name) for site in sites] == [
        (n, demo.name) for n, demo in enumerate(DEMO_SITES, 1)
    ]
    assert [
        (c.connector_id, c.serial_number, c.site_id, c.status)
        for c in run_now(chargers.get_chargers())
    ] == [
        (number, serial_number, site_id, ConnectorStatus.AVAILABLE)
        for number, (serial_number, site_id) in enumerate(
            [
                ("testchargeralwaysconnected", 1),
                ("abc111", 1),
                ("abc112", 1),
                ("abc113", 1),
                ("abc114", 2),
                ("abc115", 2),
                ("abc116", 3),
                ("abc117", 4),
                ("abc118", 4),
                ("abc119", 4),
            ],
            100_000,
        )
    ]


def test_second_start_adds_only_the_hours_that_are_missing(
    database: BlockingDatabase,
) -> None:
    """Ten days later the network is as it was, and prices reach ten days further."""
    chargers, tariffs = PostgresChargers(database), PostgresTariffs(database)
    run_now(seed_demo(chargers, tariffs, NOON))
    before = run_now(chargers.get_chargers())
    later = NOON + 10 * DAY_S
    assert run_now(seed_demo(chargers, tariffs, later)) is False
    assert run_now(chargers.get_chargers()) == before
    hours = {*demo_tariffs(NOON), *demo_tariffs(later)}
    stored = run_now(tariffs.get_tariffs(0, int(later) + 40 * DAY_S))
    assert stored == tuple(sorted(hours, key=lambda hour: hour.hour_at))


def test_price_that_an_operator_set_is_left_alone(database: BlockingDatabase) -> None:
    """The demo's prices fill gaps; they never replace what is there."""
    chargers, tariffs = PostgresChargers(database), PostgresTariffs(database)
    (first, *_) = demo_tariffs(NOON)
    theirs = HourPrice(first.hour_at, first.sek_per_kwh + 1)
    run_now(tariffs.put_tariffs([theirs]))
    run_now(seed_demo(chargers, tariffs, NOON))
    assert run_now(tariffs.get_tariffs(first.hour_at, first.hour_at)) == (theirs,)


def test_a_network_that_was_taken_away_does_not_return(
    database: BlockingDatabase,
) -> None:
    """Its operator wanted it gone; what was given out once is not given out again."""
    settings = read_settings({"LEGACY_OPEN": "1"})
    run_now(seed(database, settings, NOON))
    chargers = PostgresChargers(database)
    for site in run_now(chargers.get_charge_points()):
        run_now(chargers.remove_charge_point(site.site_id, NOON + 1))
    assert run_now(seed(database, settings, NOON + DAY_S)) is False
    assert run_now(chargers.get_charge_points()) == ()
    assert run_now(chargers.get_chargers()) == ()


def test_an_operators_own_charger_may_be_called_as_a_demo_charger(
    database: BlockingDatabase,
) -> None:
    """Where there is one there is a network: the demo's is not wanted."""
    chargers = PostgresChargers(database)
    own = run_now(chargers.add_charger(None, "abc112", (57.7, 14.1)))
    assert run_now(seed(database, read_settings({}), NOON)) is False
    assert run_now(chargers.get_chargers()) == (own,)


@frozen
class Dying:
    """A database whose server is killed before one of its statements."""

    database: BlockingDatabase
    at: str

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Run a statement, or die."""
        if self.at in sql:
            raise KeyboardInterrupt
        return await self.database.query(sql, params)


@pytest.mark.parametrize(
    "at", ["INSERT INTO stations", "reserved_until, meter_start_wh", "is_paid = true"]
)
def test_a_start_that_is_killed_leaves_nothing_half_done(
    database: BlockingDatabase, at: str
) -> None:
    """The next one writes all of it, under the contract's numbers."""
    settings = read_settings({"LEGACY_OPEN": "1"})
    with pytest.raises(KeyboardInterrupt):
        run_now(seed(Dying(database, at), settings, NOON))
    chargers = PostgresChargers(database)
    assert run_now(chargers.is_untouched()) is True
    assert run_now(seed(database, settings, NOON)) is True
    assert [site.site_id for site in run_now(chargers.get_charge_points())] == [
        *range(1, 5)
    ]
    numbers = [one.connector_id for one in run_now(chargers.get_chargers())]
    assert numbers == [*range(100_000, 100_010)]
    past = run_now(PostgresTransactions(database).get_transactions_for_user(GUEST))
    assert [session.session_id for session in past] == [3, 2, 1]
    assert all(session.is_paid for session in past)


def test_two_servers_that_start_at_once_write_one_network(
    fresh_dsn: str, database: BlockingDatabase
) -> None:
    """Whoever comes second waits, and finds it."""
    settings = read_settings({})
    with closing(BlockingDatabase(fresh_dsn)) as second, ThreadPoolExecutor(2) as pool:
        told = pool.map(
            lambda one: run_now(seed(one, settings, NOON)), (database, second)
        )
        assert sorted(told) == [False, True]


def test_old_apps_find_transaction_3(database: BlockingDatabase) -> None:
    """Where they are let in, an empty database is given charges of guests, once."""
    settings = read_settings({"LEGACY_OPEN": "1"})
    assert run_now(seed(database, settings, NOON)) is True
    assert run_now(seed(database, settings, NOON)) is False
    transactions = PostgresTransactions(database)
    third = run_now(transactions.get_transaction(3))
    assert (third.state, third.is_paid) == (SessionState.ENDED, True)
    assert third.price_ore
    with pytest.raises(SessionUnknown):
        run_now(transactions.get_transaction(4))


def test_nobody_has_charged_where_guests_are_not_let_in(
    database: BlockingDatabase,
) -> None:
    """The demo network is new."""
    assert run_now(seed(database, read_settings({}), NOON)) is True
    with pytest.raises(SessionUnknown):
        run_now(PostgresTransactions(database).get_transaction(1))
