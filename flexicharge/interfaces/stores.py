"""Seams to what is remembered. One method is one commit.

Every method raises `DatabaseAway` if the database cannot be reached; a write may then
have taken effect, so every write is made to be repeated safely. Times are POSIX seconds
and always parameters; rows come back in the order stated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Unpack

from attrs import frozen
from zope.interface import Interface

from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import (
    EndFact,
    EndReason,
    Said,
    Session,
    StartFact,
    StationFact,
    TaggedStart,
)
from flexicharge.model.site import (
    BootFact,
    Connector,
    Protocol,
    Site,
    SiteChanges,
    Station,
    StationChanges,
    StationOnRecord,
)
from flexicharge.model.status import ConnectorStatus
from flexicharge.model.tariff import HourPrice

Row = tuple[Any, ...]
Params = Sequence[object] | Mapping[str, object]


class IDatabase(Interface):
    """A PostgreSQL database, one transaction at a time."""

    async def query(sql: str, params: Params = ()) -> list[Row]:
        """Run SQL in its own transaction; return its last statement's rows, if any.

        Several statements, joined by semicolons, are committed together; each sees what
        was committed before it began. Raise `DatabaseAway`, or psycopg2's
        `IntegrityError` with its diagnostics.
        """


class IChargerStore(Interface):
    """Sites, stations and connectors ("chargers" in the API).

    Whatever is asked for or changed by a connector's number or by listing, the
    connector of the self tests (see `ISelfTestStore`) is not there, but for
    `get_charger_for`; its station is there for whoever connects as it.
    """

    async def is_untouched() -> bool:
        """Tell whether there never was a site or a station, but that of self tests."""

    async def get_charge_points() -> tuple[Site, ...]:
        """Return all sites that are not retired, by number."""

    async def get_charge_point(site_id: int) -> Site:
        """Return one site; raise `SiteUnknown`, also if it is retired."""

    async def add_charge_point(
        name: str,
        address: str,
        location: tuple[float, float],
        *,
        sek_per_kwh: Decimal | None = None,
        klarna_reservation_ore: int = 50_000,
    ) -> Site:
        """Make a site at (latitude, longitude); raise `AlreadyTaken("name")`.

        A retired site's name can be used anew.
        """

    async def update_charge_point(site_id: int, **changes: Unpack[SiteChanges]) -> Site:
        """Change what is given of a site and return it.

        Sessions that are open keep the price they were opened with. Raise
        `SiteUnknown` or `AlreadyTaken("name")`.
        """

    async def remove_charge_point(site_id: int, at: float) -> tuple[str, ...]:
        """Retire a site with all its connectors; return their stations' serial numbers.

        They come in the order of their lowest connectors, and can be used anew. Raise
        `SiteUnknown`, or `ConnectorBusy` if a session is open on one of its connectors:
        then nothing is retired.
        """

    async def add_charger(
        charge_point_id: int | None,
        serial_number: str,
        location: tuple[float, float],
        *,
        protocol: Protocol = Protocol.DIALECT,
    ) -> Connector:
        """Make a station with one connector, `Available`, under the next number.

        A serial number whose connectors are all retired can be used anew. Raise
        `SiteUnknown`, also for a retired one, `AlreadyTaken("serialNumber")` or
        `NumbersExhausted`.
        """

    async def get_charger(connector_id: int) -> Connector:
        """Return a connector in service; raise `ConnectorUnknown`."""

    async def get_charger_for(connector_id: int, user_id: str | None) -> Connector:
        """Return a connector in service that a user may charge at.

        That of the self tests is there for their accounts alone, and no other one is.
        Raise `ConnectorUnknown`.
        """

    async def get_chargers() -> tuple[Connector, ...]:
        """Return all connectors in service, by number."""

    async def get_available_chargers(at: float) -> tuple[Connector, ...]:
        """Return those that are shown `Available` at a time, by number."""

    async def get_charger_by_serial_number(serial_number: str) -> Connector:
        """Return the lowest connector of a station; raise `ConnectorUnknown`."""

    async def remove_charger(connector_id: int, at: float) -> bool:
        """Retire a connector: False if there is none, `ConnectorBusy` in a session."""

    async def update_charger_status(
        connector_id: int, status: str | int, at: float
    ) -> Connector:
        """Store a connector's word; raise `ConnectorUnknown` or `Invalid`."""

    async def update_statuses(
        words: Iterable[tuple[int, ConnectorStatus, float]],
    ) -> None:
        """Store many connectors' words (connector, word, time) in one commit."""

    async def get_station(serial_number: str) -> Station:
        """Return a station with its connectors in service.

        Raise `StationUnknown`, also if it has none.
        """

    async def station_connected(station_id: int, at: float) -> None:
        """Note that a station is here.

        On a dialect station connectors without a session become `Available`: it sends
        no status after it booted.
        """

    async def stations_gone(gone: Iterable[tuple[int, float]]) -> None:
        """Note when stations' connections were lost (station, time), in one commit.

        One that was noted as gone already stays so.
        """

    async def all_stations_gone(at: float) -> None:
        """Note at start-up that whoever was here when we stopped is not any more."""

    async def station_booted(station_id: int, boot: BootFact) -> None:
        """Note what a station said of itself."""

    async def set_credential(serial_number: str, credential: bytes | None) -> None:
        """Set or clear the HMAC of a station's password; raise `StationUnknown`.

        One that it was told meanwhile is forgotten.
        """

    async def put_station(
        serial_number: str, changes: StationChanges, at: float
    ) -> tuple[Station, bool]:
        """Make a station, or change what is given of it; return it, True if it is new.

        A new one speaks OCPP 1.6, has one connector, `Available`, no site, and is
        accepted, unless `changes` say otherwise; it is where its site is, if not told.
        One that was retired is made anew. A demanded security profile that is no lower
        than the one it was told to rise to is waited for no more. Raise `SiteUnknown`,
        `NumbersExhausted`, `AlreadyTaken("serialNumber")` for that of the self tests,
        `UnusableValue` for a number of connectors that no station has, or
        `ConnectorBusy` if a connector that is to go has an open session, or the
        protocol changes while any is open: then nothing is changed.
        """

    async def retire_station(serial_number: str, at: float) -> None:
        """Retire a station with its connectors; its record keeps nothing secret.

        Raise `StationUnknown`, or `ConnectorBusy` if a session is open there.
        """

    async def station_on_record(serial_number: str) -> StationOnRecord:
        """Return a station as operators see it; raise `StationUnknown`."""

    async def stations_on_record(
        *, after: str = "", limit: int
    ) -> tuple[StationOnRecord, ...]:
        """Return stations in service by serial number, from after a given one.

        Those of self tests are in no such list.
        """

    async def expect_credential(serial_number: str, credential: bytes) -> None:
        """Note a password that a station was told: until it is shown both are good.

        Raise `StationUnknown`.
        """

    async def credential_shown(serial_number: str, credential: bytes) -> None:
        """Make the expected credential the only one, if it is this one."""

    async def expect_profile(serial_number: str, profile: int | None) -> None:
        """Note the security profile that a station was told to rise to, or none.

        As in `profile_shown`, nothing happens if there is no such station.
        """

    async def profile_shown(serial_number: str, profile: int) -> None:
        """Demand a security profile from now on; what is demanded never falls here."""


class ITransactionStore(Interface):
    """Sessions ("transactions" in the API), with their money share and facts."""

    async def add_transaction(
        user_id: str | None,
        connector_id: int,
        meter_start_wh: int | None = None,
        *,
        at: float,
        reserved_until: float,
    ) -> tuple[Session, bool]:
        """Open a session for a user on a connector; return it, and True if it is new.

        A booking that is due there becomes a session first, whoever asks (see
        `IReservationStore`). The same user's unstarted session on that connector is
        returned with its reservation extended, and False. Who may use which connector
        is as in `get_charger_for`. Raise `ConnectorUnknown`, or `ConnectorBusy`
        if any other session is open there. The site's price is copied into it.
        """

    async def get_transaction(transaction_id: int) -> Session:
        """Return a session; raise `SessionUnknown`."""

    async def get_transactions_for_user(user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions except cancelled ones, newest first.

        The newest is the one that was opened last: one that was booked has its number
        since long before.
        """

    async def get_newest_for_user(user_id: str) -> tuple[Session, ...]:
        """Return the newest session of each kind that a user has, newest first.

        The kinds: what runs; what waits for its start because the user asked for that
        or opened it; what waits because it was booked; what has ended; what its driver
        called off; whatever there is.
        """

    async def get_transactions_for_charger(connector_id: int) -> tuple[Session, ...]:
        """Return a connector's sessions except cancelled ones, newest first.

        Those of self tests are in no such list.
        """

    async def get_open_for_station(station_id: int) -> tuple[Session, ...]:
        """Return the sessions of a station that are not final, oldest first."""

    async def get_latest_for_station(station_id: int) -> Session | None:
        """Return the newest session of a station that ever started."""

    async def update_transaction_payment(
        transaction_id: int,
        payment_id: int | None = None,
        *,
        provider: str,
        client_token: str,
        provider_session_id: str,
        at: float,
    ) -> Session:
        """Keep the payment opened for a session, or replace that numbered so.

        Raise `SessionUnknown`.
        """

    async def get_payment(transaction_id: int) -> PaymentSession | None:
        """Return the payment that was opened last for a session, if any was."""

    async def update_transaction_meter(transaction_id: int, meter_wh: int) -> Session:
        """Refresh the row's last register, never downwards; raise `SessionUnknown`."""

    async def mark_reserved(transaction_id: int) -> Session:
        """opened → reserved; any other state is returned as it is."""

    async def begin_start(
        transaction_id: int, at: float, reserved_until: float
    ) -> Session:
        """opened, reserved, starting → starting; running ones are returned as they are.

        Raise `SessionUnknown`, `SessionNotStartable` if it is final.
        """

    async def return_to_reserved(transaction_id: int) -> Session:
        """starting → reserved; any other state is returned as it is."""

    async def start(fact: StartFact) -> Session:
        """Commit that a session of this connector started, and return it.

        opened, reserved, starting → charging. One already running is returned as it
        is. With no open session, one without a payer is opened. The connector's word
        becomes `Charging`. Where the connector has none but its dialect station has
        exactly one open session, that one is meant.

        A booking that is due on the connector becomes a session first. But a start that
        was `given_up` is nobody's: a session that is held there and was not asked to
        start is cancelled, and the time of one that was booked is booked anew.
        """

    async def start_tagged(fact: TaggedStart) -> tuple[Session, tuple[Session, ...]]:
        """Commit that energy flows on a standard station; return the session.

        Also those that had to make way: sessions that were held on its connector for
        somebody else are cancelled (`REFUSED`), and the rest of the time of one that
        was booked is booked anew.

        opened, reserved, starting → charging for `session_id` if that is open on this
        very connector. Otherwise a session of `user_id` is opened and charges at once;
        if `aside`, beside whatever else there is. The connector's word becomes
        `Charging` unless it is `aside`. The same key as that of a running session of
        this station returns that; without a key, the same words of the same moment
        do. What is `aside` is left out wherever it is asked what is open on a
        connector, but one with any is not retired. In the same commit: the fact
        `start`, at `arrived_at`. Raise `ConnectorUnknown`, or `ConnectorBusy` if
        another session is running there.
        """

    async def get_running_with_tag(id_tag: str) -> tuple[Session, ...]:
        """Return running sessions that were started with a tag, in any letter case.

        They come by their numbers.
        """

    async def get_transactions_at_station(
        station_id: int,
        *,
        id_tag: str | None = None,
        active: bool | None = None,
        limit: int,
    ) -> tuple[Session, ...]:
        """Return sessions of a station that ever started, newest first.

        Only those of a tag (in any letter case), only those that run, or only those
        that do not, if so asked.
        """

    async def get_facts(
        station_id: int, *, session_id: int | None = None, limit: int
    ) -> tuple[StationFact, ...]:
        """Return what a station said that is evidence, newest first."""

    async def begin_stop(transaction_id: int, at: float) -> Session:
        """charging → stopping; unstarted ones are cancelled; the rest is unchanged.

        A session cancelled so has both timestamps at `at` and price 0.
        """

    async def cancel(
        transaction_id: int, at: float, reason: EndReason, *, even_starting: bool = True
    ) -> Session:
        """Cancel an unstarted session; any other state is returned as it is.

        With `even_starting` False one that is `starting` is left alone as well. Both
        timestamps become `at`, the price 0. A connector whose word is `Reserved`
        becomes `Available`.
        """

    async def end(fact: EndFact) -> tuple[Session, bool]:
        """Seal a running session; return it, and True if this call sealed it.

        The first one wins: a final session is returned as it is, with False. In the
        same commit: the ledger row of its charge, unless it is a self test's, and the
        connector's word `Available` on a dialect station.
        """

    async def mark_paid(transaction_id: int, at: float) -> Session:
        """Note that a sealed session is paid; once paid it stays so."""

    async def keep_fact(
        station_id: int,
        session_id: int | None,
        kind: str,
        at: float,
        claimed: str,
        *,
        key: str = "",
    ) -> None:
        """Append something a station said that changes no session but is evidence.

        `key`, at most 64 characters, is what makes it the same when it is said again.
        """

    async def said_before(
        station_id: int, kinds: tuple[str, ...], key: str
    ) -> Said | None:
        """Return the newest fact of a station with a key and one of some kinds.

        None if there is none, and always for the key ''. A start is kept as `start`,
        the stop that ended its session as `stop`, others under the kind they were
        given.
        """

    async def expire_reservations(at: float) -> tuple[Session, ...]:
        """Cancel unstarted sessions whose time is up; return them, by number."""

    async def get_silent(since: float) -> tuple[Session, ...]:
        """Return running sessions none of whose frames came after `since`."""

    async def get_last_reading(session_id: int) -> MeterReading | None:
        """Return the newest reading of a session."""

    async def get_first_reading(session_id: int) -> MeterReading | None:
        """Return the oldest reading of a session."""

    async def get_meter_values(
        station_id: int, *, session_id: int | None = None, limit: int
    ) -> tuple[KeptMeterValue, ...]:
        """Return meter values of a station, or of one session there, newest first.

        The newest is the one that came last, and stood last in its frame.
        """

    async def get_hourly_readings(session_id: int) -> tuple[MeterReading, ...]:
        """Return the first and last reading of each hour, in time order."""


@frozen
class NewReading:
    """A meter value on its way to the store; `refresh` also renews the session row."""

    session_id: int
    reading: MeterReading
    refresh: bool


@frozen(kw_only=True)
class KeptMeterValue:
    """Everything that was sampled at one moment, by the station's own word.

    `samples` is a JSON array of the samples as they came. `session_id` is None where
    they are nobody's. Times are POSIX seconds; `claimed_at` is None if it was none.
    """

    connector_number: int
    session_id: int | None
    claimed_at: float | None
    received_at: float
    samples: str


@frozen(kw_only=True)
class NewMeterValues:
    """The meter values of one frame of a standard station, on their way to the store.

    `readings` are what they tell of sessions. Of a session that is over, readings are
    kept and change nothing.
    """

    station_id: int
    values: tuple[KeptMeterValue, ...]
    readings: tuple[NewReading, ...] = ()


class IReadingStore(Interface):
    """The writer of meter readings: many in one commit."""

    def add(new: NewReading, done: Callable[[Exception | None], None]) -> None:
        """Queue a reading; call `done` after its commit, or with what stopped it.

        While the database is away it is held. Raise `MailboxFull` at the bound.
        """

    def add_values(
        new: NewMeterValues, done: Callable[[Exception | None], None]
    ) -> None:
        """Queue a frame of meter values, with what it tells of a session, as one.

        All of it is committed or nothing. As `add` in all else.
        """

    def settled(session_id: int) -> Awaitable[None]:
        """Wait until every reading of a session queued so far is committed."""

    def drained() -> Awaitable[None]:
        """Wait until every reading queued so far is committed."""

    def close() -> None:
        """Take no more; whatever is not committed yet is told `Stopping`."""


class ITariffStore(Interface):
    """What energy costs by the hour."""

    async def get_tariffs(
        first_hour_at: int, last_hour_at: int
    ) -> tuple[HourPrice, ...]:
        """Return the hours between two, both included, in time order."""

    async def put_tariffs(hours: Iterable[HourPrice]) -> None:
        """Store hours that are not there yet; those that are stay as they are."""
