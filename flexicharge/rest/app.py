"""The HTTP side put together."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from flexicharge.interfaces import (
    IBus,
    IChargerStore,
    IInvoices,
    IPricing,
    ISelfTests,
)
from flexicharge.rest.admin import AdminsApi
from flexicharge.rest.admin_passwords import PasswordsApi
from flexicharge.rest.admin_sign_in import AdminSignInApi
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
