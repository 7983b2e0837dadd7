"""The stores of one provider, and short ways to bring them to where a case begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import pytest
from attrs import frozen

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import (
    IAccountStore,
    IChargerStore,
    ICommandStore,
    IFrameJournal,
    IIdTagStore,
    IInvoiceStore,
    IReadingStore,
    IReservationStore,
    ISelfTestStore,
    IStationBook,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.interfaces.stores import NewReading
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import (
    EndFact,
    EndReason,
    Session,
    SessionState,
    StartFact,
)
from flexicharge.model.site import Connector
from flexicharge.model.site import Protocol as Speech
from flexicharge.model.status import ConnectorStatus

T0 = 1_800_000_000.0  # the start of an hour
HOUR = 3600.0
HERE = (57.78, 14.16)
NOT_ON_EARTH = ((90.1, 0.0), (0.0, -180.1), (float("nan"), 0.0))
NOWHERE = (0, -1, 2**31, 10**30)  # numbers that nothing has


class Arrangement(Protocol):
    """What no store can do, or tell, but a case needs; each provider has its own."""

    async def add_connector(self, station_id: int, number: int) -> int:
        """Give a station one more connector and return its public number."""

    async def draw_sessions_from(self, number: int) -> None:
        """Let the next session be given a number."""

    async def draw_connectors_from(self, number: int) -> None:
        """Let the next connector be given a public number."""

    async def charges(self, session_id: int) -> list[int]:
        """Return the amounts in the ledger for a session, in öre."""

    async def facts(self, station_id: int) -> list[tuple[str, int | None, str]]:
        """Return what a station said, as (kind, session, words), oldest first."""

    async def self_test_rows(self) -> dict[str, int]:
        """Return how many rows of each table belong to self tests, where any do."""

    async def self_test_station(self) -> tuple[str, bytes | None, bool]:
        """Return what their station is called, its credential, and if it is in use."""

    async def secrets_of(self, serial_number: str) -> tuple[bytes | None, bytes | None]:
        """Return the credentials in a station's row, in service or not."""

    async def add_ledger_entry(
        self, session_id: int, kind: str = "correction", amount_ore: int = 1
    ) -> None:
        """Write what no store writes: for a self test anything, else after a charge."""


@frozen(kw_only=True)
class Stores:
    """The stores of one provider, over one set of tables that were empty at first."""

    chargers: IChargerStore
    transactions: ITransactionStore
    readings: IReadingStore
    tariffs: ITariffStore
    accounts: IAccountStore
    self_tests: ISelfTestStore
    reservations: IReservationStore
    invoices: IInvoiceStore
    commands: ICommandStore
    book: IStationBook
    tags: IIdTagStore
    journal: IFrameJournal
    arrange: Arrangement


Case = Callable[[Stores], Coroutine[Any, Any, None]]


async def charger(
    stores: Stores,
    serial_number: str = "abc111",
    *,
    site_id: int | None = None,
    protocol: Speech = Speech.DIALECT,
) -> Connector:
    """Return a new charger."""
    return await stores.chargers.add_charger(
        site_id, serial_number, HERE, protocol=protocol
    )


async def opened(
    stores: Stores, connector_id: int, user_id: str | None = "ida"
) -> Session:
    """Return a session opened on a connector at T0, held for 300 s."""
    session, _ = await stores.transactions.add_transaction(
        user_id, connector_id, at=T0, reserved_until=T0 + 300
    )
    return session


async def charging(
    stores: Stores,
    connector: Connector,
    user_id: str | None = "ida",
    *,
    at: float = T0 + 60,
) -> Session:
    """Return a session that began to charge at register 1000."""
    await opened(stores, connector.connector_id, user_id)
    return await stores.transactions.start(started(connector, at=at))


async def ended(
    stores: Stores, connector: Connector, user_id: str | None = "ida"
) -> Session:
    """Return a session that charged 4 kWh for 10 kronor."""
    session = await charging(stores, connector, user_id)
    return (await stores.transactions.end(sealed(session)))[0]


async def in_state(
    stores: Stores, connector: Connector, state: SessionState
) -> Session:
    """Return a session of Ida's that was brought to a state as apps and chargers do."""
    session = await opened(stores, connector.connector_id)
    number, store = session.session_id, stores.transactions
    if state is SessionState.RESERVED:
        await store.mark_reserved(number)
    elif state is SessionState.STARTING:
        await store.mark_reserved(number)
        await store.begin_start(number, T0 + 30, T0 + 330)
    elif state is SessionState.CANCELLED:
        await store.cancel(number, T0 + 30, EndReason.REFUSED)
    elif state is not SessionState.OPENED:
        await store.begin_start(number, T0 + 30, T0 + 330)
        await store.start(started(connector))
    if state in (SessionState.STOPPING, SessionState.ENDED):
        await store.begin_stop(number, T0 + 1200)
    if state is SessionState.ENDED:
        await store.end(sealed(session))
    return await store.get_transaction(number)


async def word_of(stores: Stores, connector_id: int) -> ConnectorStatus:
    """Return a connector's own last word."""
    return (await stores.chargers.get_charger(connector_id)).status


def started(
    connector: Connector, *, meter_start_wh: int = 1000, at: float = T0 + 60
) -> StartFact:
    """Return what a connector's station says when energy flows."""
    return StartFact(
        station_id=connector.station_id,
        connector_id=connector.connector_id,
        meter_start_wh=meter_start_wh,
        started_at=at,
        claimed='{"meterStart":1000}',
    )


def sealed(
    session: Session, *, price_ore: int = 1000, at: float = T0 + 1260
) -> EndFact:
    """Return what is sealed of a session that charged 4 kWh."""
    return EndFact(
        session_id=session.session_id,
        meter_stop_wh=5000,
        energy_wh=4000,
        price_ore=price_ore,
        ended_at=at,
        reason=EndReason.DRIVER,
        claimed='{"meterStop":5000}',
    )


def at(seconds: float, energy_wh: int, percent: int | None = None) -> MeterReading:
    """Return a reading some seconds after T0."""
    return MeterReading(energy_wh=energy_wh, taken_at=T0 + seconds, percent=percent)


async def write(
    stores: Stores, session_id: int, *readings: MeterReading, refresh: bool = True
) -> list[Exception | None]:
    """Write readings of a session; return what their askers were told."""
    told: list[Exception | None] = []
    for reading in readings:
        stores.readings.add(NewReading(session_id, reading, refresh), told.append)
    await stores.readings.drained()
    return told


async def is_refused(asked: Awaitable[object]) -> None:
    """Check that something is refused for good, not because the database is away."""
    with pytest.raises(Exception) as refusal:  # each engine says it its own way
        await asked
    assert not isinstance(refusal.value, DatabaseAway | AssertionError)
