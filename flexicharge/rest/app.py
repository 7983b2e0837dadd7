"""The HTTP side put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import frozen
from klein import Klein

from flexicharge.charging.beliefs import Beliefs
from flexicharge.interfaces import (
    IBus,
    IChargerStore,
    ICommandStore,
    IFrameJournal,
    IIdTagStore,
    IInvoices,
    IPricing,
    ISelfTests,
    IStationBook,
    ITransactionStore,
)
from flexicharge.rest.admin import AdminsApi
from flexicharge.rest.admin_beliefs import BeliefsApi
from flexicharge.rest.admin_commands import Commands, CommandsApi
from flexicharge.rest.admin_conformance import ConformanceApi, Tries
from flexicharge.rest.admin_passwords import PasswordsApi
from flexicharge.rest.admin_records import StationRecordsApi
from flexicharge.rest.admin_reservations import Knows, StationReservationsApi
from flexicharge.rest.admin_sessions import Closes, StationSessionsApi
from flexicharge.rest.admin_sign_in import AdminSignInApi
from flexicharge.rest.admin_stations import StationsApi
from flexicharge.rest.admin_tags import TagsApi
from flexicharge.rest.admin_users import UsersApi
from flexicharge.rest.auth import AuthApi
from flexicharge.rest.auth_own import OwnAccountApi
from flexicharge.rest.charge_points import ChargePointsApi
from flexicharge.rest.chargers import ChargersApi
from flexicharge.rest.desk import Desk
from flexicharge.rest.docs import DocsApi
from flexicharge.rest.door import Door
from flexicharge.rest.health import HealthApi, Probe
from flexicharge.rest.invoices import InvoicesApi
from flexicharge.rest.old_transactions import OldTransactionsApi
from flexicharge.rest.openapi import openapi_of
from flexicharge.rest.people_attempts import Attempts
from flexicharge.rest.reservations import Held, ReservationsApi
from flexicharge.rest.selftests import SelfTestsApi
from flexicharge.rest.transactions import Charging, TransactionsApi
from flexicharge.rest.wellknown import WellKnownApi


@frozen(kw_only=True)
class ForOperators:
    """What stands behind the routes for those who run stations.

    `credential_of` returns what is stored of a station's password.
    """

    tags: IIdTagStore
    sessions: ITransactionStore
    closing: Closes
    commands: Commands
    commands_on_record: ICommandStore
    journal: IFrameJournal
    book: IStationBook
    known: Knows
    beliefs: Beliefs
    conformance: Tries
    credential_of: Callable[[str], bytes]


@frozen(kw_only=True)
class Behind:
    """What stands behind the HTTP side, besides the desk.

    `probe` asks the database something cheap. A server that cannot reach itself has no
    `self_tests`. `assets` are Swagger UI's files, by name.
    """

    chargers: IChargerStore
    bus: IBus
    pricing: IPricing
    charging: Charging
    reservations: Held
    invoices: IInvoices
    probe: Probe
    assets: Mapping[str, bytes]
    operators: ForOperators
    self_tests: ISelfTests | None = None


def build_door(desk: Desk, behind: Behind) -> Door:
    """Return the root resource, with the document of all that it leads to."""
    docs, attempts = DocsApi(desk, behind.assets), Attempts(desk.clock)
    apps = [
        AuthApi(desk, attempts).app,
        OwnAccountApi(desk).app,
        AdminSignInApi(desk, attempts).app,
        AdminsApi(desk).app,
        UsersApi(desk).app,
        PasswordsApi(desk).app,
        *_for_operators(desk, behind),
        WellKnownApi(desk).app,
        ChargersApi(desk, behind.chargers, behind.bus).app,
        ChargePointsApi(desk, behind.chargers, behind.pricing, behind.bus).app,
        TransactionsApi(desk, behind.charging).app,
        OldTransactionsApi(desk, behind.charging).app,
        ReservationsApi(desk, behind.reservations, behind.charging).app,
        InvoicesApi(desk, behind.invoices).app,
        HealthApi(desk, behind.probe).app,
        docs.app,
    ]
    if behind.self_tests is not None:
        apps.append(SelfTestsApi(desk, behind.self_tests).app)
    docs.document = openapi_of(apps, desk)
    return Door(apps)


def _for_operators(desk: Desk, behind: Behind) -> Iterator[Klein]:
    """Yield the apps for those who run stations."""
    stations, its = behind.chargers, behind.operators
    yield StationsApi(desk, stations, behind.bus, its.known, its.credential_of).app
    yield TagsApi(desk, its.tags).app
    yield StationSessionsApi(desk, stations, its.sessions, its.closing).app
    yield StationReservationsApi(desk, stations, its.sessions, its.known).app
    yield StationRecordsApi(desk, stations, its.sessions, its.journal, its.book).app
    yield CommandsApi(desk, stations, its.commands, its.commands_on_record).app
    yield BeliefsApi(desk, stations, its.beliefs).app
    yield ConformanceApi(desk, stations, its.beliefs.known, its.conformance).app
