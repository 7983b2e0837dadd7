"""Who may do what: every route there is, for everybody who may knock.

Six callers: nobody, one with a damaged token, one with an expired one, another user,
the owner of what is asked for, and an administrator. A route that is not in the table
fails the test, and so does one that is not served any more.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from attrs import frozen
from twisted.internet.task import Clock

from flexicharge.model.account import ADMINS, Account, AccountStatus
from flexicharge.model.invoice import invoice_id_of
from flexicharge.model.month import Month
from flexicharge.testing.charge import CONNECTOR, Charge
from flexicharge.testing.documented import DocumentedClient
from flexicharge.testing.memory import driver_account
from flexicharge.testing.town import Town

WANTED: Final = {"connectorID": 100006, "chargerID": 100006}
PLACE: Final = [57.7, 14.1]
SITE: Final = {"name": "Torget", "location": PLACE}
CHARGER: Final = {"chargePointID": 1, "serialNumber": "new-1", "location": PLACE}
BOOKING: Final = {"chargerID": 100003, "start": 1_800_100_000e3, "end": 1_800_103_600e3}
PERSON: Final = {"username": "new@example.com", "password": "Passw0rd!"}
RANGE: Final = {"dateFrom": "2027-01", "dateTo": "2027-02"}
NAMED: Final = {"userAttributes": [{"Name": "name", "Value": "Ida"}]}
FORCED: Final = {"username": "new@example.com", "password": "Passw0rd!", "session": "x"}
RESET: Final = {"username": "a@b.se", "password": "Passw0rd!", "confirmationCode": "1"}
STATION: Final = "/admin/chargers/abc113"
CHANGED: Final = {
    "accessToken": "x",
    "previousPassword": "x",
    "newPassword": "Passw0rd!",
}


@frozen
class Door:
    """A route, and its status for nobody, another user, the owner, an administrator.

    `at` is how far the owner's charge has come. {session}, {owner} and {invoice} in a
    path are the owner's.
    """

    what: str
    nobody: int
    other: int
    owner: int
    admin: int
    body: Any = None
    path: str = ""
    at: str = ""


def everybody(what: str, status: int, body: Any = None, path: str = "") -> Door:
    """Return a door that is open."""
    return Door(what, status, status, status, status, body, path)


def admins(what: str, status: int, body: Any = None, path: str = "") -> Door:
    """Return a door for administrators: others are 403."""
    return Door(what, 401, 403, 403, status, body, path)


def charges(what: str, path: str, body: Any = None) -> Door:
    """Return a door for administrators to the owner's charge."""
    return Door(what, 401, 403, 403, 200, body, path, "charging")


def owners(what: str, status: int, path: str, at: str, body: Any = None) -> Door:
    """Return a door to something of the owner's: to others it is not there."""
    return Door(what, 401, 404, status, status, body, path, at)


DOORS: Final = [
    everybody("GET /", 302),
    everybody("GET /swagger", 301),
    everybody("GET /swagger/{asset}", 200, path="/swagger/start.js"),
    everybody("GET /openapi.json", 200),
    everybody("GET /healthz", 200),
    everybody("GET /readyz", 200),
    everybody("GET /.well-known/jwks.json", 200),
    everybody("GET /.well-known/openid-configuration", 200),
    # chargers and charge points
    everybody("GET /chargers", 200),
    everybody("GET /chargers/available", 200),
    everybody(
        "GET /chargers/serial/{serial_number}", 200, path="/chargers/serial/abc1"
    ),
    everybody("GET /chargers/{connector_id}", 200, path="/chargers/100001"),
    admins("POST /chargers", 201, CHARGER),
    admins("PUT /chargers/{connector_id}", 200, {"status": 1}, "/chargers/100001"),
    admins("DELETE /chargers/{connector_id}", 204, path="/chargers/100001"),
    everybody("GET /chargePoints", 200),
    everybody("GET /chargePoints/{site_id}", 200, path="/chargePoints/1"),
    admins("POST /chargePoints", 201, SITE),
    admins("PUT /chargePoints/{site_id}", 200, SITE, "/chargePoints/1"),
    admins("DELETE /chargePoints/{site_id}", 204, path="/chargePoints/1"),
    # accounts, before there is a token
    everybody("POST /auth/sign-up", 200, PERSON),
    everybody("POST /auth/verify", 400, {"username": "a@b.se", "code": "1"}),
    everybody("POST /auth/sign-in", 400, PERSON),
    everybody("POST /auth/force-change-password", 400, FORCED),
    everybody(
        "POST /auth/forgot-password/{username}",
        200,
        path="/auth/forgot-password/a@b.se",
    ),
    everybody("POST /auth/confirm-forgot-password", 400, RESET),
    everybody("POST /auth/change-password", 400, CHANGED),
    everybody("POST /admin/sign-in", 400, PERSON),
    everybody("POST /admin/force-change-password", 400, FORCED),
    # one's own account
    Door("GET /auth/user-information", 401, 200, 200, 200),
    Door("PUT /auth/user-information", 401, 204, 204, 204, {"city": "Nässjö"}),
    Door("POST /auth/delete-user", 401, 200, 200, 200),
    Door("DELETE /auth/delete-user", 401, 200, 200, 200),
    # other people's
    admins("GET /admin", 200),
    admins("POST /admin", 201, PERSON),
    admins("GET /admin/{username}", 200, path="/admin/{owner}"),
    admins("PUT /admin/{username}", 200, NAMED, "/admin/{owner}"),
    admins("DELETE /admin/{username}", 200, path="/admin/{owner}"),
    admins("PUT /admin/{username}/enable", 200, path="/admin/{owner}/enable"),
    admins("PUT /admin/{username}/disable", 200, path="/admin/{owner}/disable"),
    admins("GET /admin/users", 200),
    admins("POST /admin/users", 201, PERSON),
    admins("GET /admin/users/{username}", 200, path="/admin/users/{owner}"),
    admins("PUT /admin/users/{username}", 200, NAMED, "/admin/users/{owner}"),
    admins("DELETE /admin/users/{username}", 200, path="/admin/users/{owner}"),
    admins(
        "PUT /admin/users/{username}/enable", 200, path="/admin/users/{owner}/enable"
    ),
    admins(
        "PUT /admin/users/{username}/disable", 200, path="/admin/users/{owner}/disable"
    ),
    admins(
        "POST /admin/reset-user-password/{username}",
        200,
        path="/admin/reset-user-password/{owner}",
    ),
    admins("POST /admin/set-user-password", 400, PERSON),
    admins("POST /admin/set-admin-password", 400, PERSON),
    # stations and tags
    admins("GET /admin/chargers", 200),
    admins("PUT /admin/chargers/{serial}", 200, {}, "/admin/chargers/abc113"),
    admins("GET /admin/chargers/{serial}", 200, path="/admin/chargers/abc113"),
    admins("DELETE /admin/chargers/{serial}", 204, path="/admin/chargers/abc113"),
    admins(
        "GET /admin/chargers/{serial}/transactions",
        200,
        path="/admin/chargers/abc113/transactions",
    ),
    charges(
        "GET /admin/chargers/{serial}/transactions/{transaction_id}",
        "/admin/chargers/abc117/transactions/{session}",
    ),
    charges(
        "POST /admin/chargers/{serial}/transactions/{transaction_id}/close",
        "/admin/chargers/abc117/transactions/{session}/close",
        {},
    ),
    admins(
        "GET /admin/chargers/{serial}/reservations",
        200,
        path="/admin/chargers/abc113/reservations",
    ),
    admins(
        "GET /admin/chargers/{serial}/messages",
        200,
        path="/admin/chargers/abc113/messages",
    ),
    admins(
        "GET /admin/chargers/{serial}/facts", 200, path="/admin/chargers/abc113/facts"
    ),
    admins(
        "GET /admin/chargers/{serial}/events", 200, path="/admin/chargers/abc113/events"
    ),
    admins(
        "GET /admin/chargers/{serial}/commands",
        200,
        path="/admin/chargers/abc113/commands",
    ),
    admins(
        "POST /admin/chargers/{serial}/commands/{action}",
        400,
        {"payload": {}},
        "/admin/chargers/abc113/commands/ClearCache",
    ),
    admins("GET /admin/commands/{command_id}", 404, path="/admin/commands/x"),
    *(
        admins(f"GET /admin/chargers/{{serial}}/{what}", 200, path=f"{STATION}/{what}")
        for what in (
            "configuration",
            "localList",
            "chargingProfiles",
            "compositeSchedules",
            "jobs",
            "certificates",
            "features",
            "securityEvents",
            "violations",
        )
    ),
    admins(
        "GET /admin/chargers/{serial}/chargingProfiles/composite",
        200,
        path=f"{STATION}/chargingProfiles/composite?connectorId=0&duration=60",
    ),
    admins("POST /admin/chargers/{serial}/localList", 400, path=f"{STATION}/localList"),
    admins(
        "POST /admin/chargers/{serial}/conformance", 400, path=f"{STATION}/conformance"
    ),
    admins(
        "GET /admin/chargers/{serial}/conformance", 404, path=f"{STATION}/conformance"
    ),
    admins("GET /admin/idtags", 200),
    admins("PUT /admin/idtags/{id_tag}", 201, {}, "/admin/idtags/04A2B3"),
    admins("GET /admin/idtags/{id_tag}", 404, path="/admin/idtags/04A2B3"),
    admins("DELETE /admin/idtags/{id_tag}", 404, path="/admin/idtags/04A2B3"),
    # charges
    Door("POST /transaction", 401, 400, 400, 400, WANTED),
    owners(
        "GET /transaction/{transaction_id}", 200, "/transaction/{session}", "reserved"
    ),
    owners(
        "PUT /transaction/start/{transaction_id}",
        200,
        "/transaction/start/{session}",
        "charging",
    ),
    owners(
        "PUT /transaction/stop/{transaction_id}",
        200,
        "/transaction/stop/{session}",
        "reserved",
    ),
    Door(
        "GET /transaction/userTransactions/{user_id}",
        401,
        403,
        200,
        200,
        path="/transaction/userTransactions/{owner}",
        at="charging",
    ),
    owners(
        "GET /transaction/chargerTransactions/{connector_id}",
        200,
        f"/transaction/chargerTransactions/{CONNECTOR}",
        "charging",
    ),
    # charges, as of 2022
    Door("POST /transactions", 401, 201, 201, 201, WANTED),
    Door("POST /transactions/session", 401, 400, 400, 400, WANTED),
    owners(
        "GET /transactions/{transaction_id}", 200, "/transactions/{session}", "reserved"
    ),
    owners(
        "PUT /transactions/start/{transaction_id}",
        201,
        "/transactions/start/:{session}",
        "charging",
    ),
    owners(
        "PUT /transactions/stop/{transaction_id}",
        200,
        "/transactions/stop/{session}",
        "reserved",
    ),
    Door(
        "GET /transactions/userTransactions/{user_id}",
        401,
        403,
        200,
        200,
        path="/transactions//userTransactions/{owner}",
        at="charging",
    ),
    owners(
        "GET /transactions/chargerTransactions/{connector_id}",
        200,
        f"/transactions/chargerTransactions/{CONNECTOR}",
        "charging",
    ),
    owners(
        "PUT /transactions/payment/{transaction_id}",
        201,
        "/transactions/payment/{session}",
        "reserved",
    ),
    owners(
        "PUT /transactions/chargingStatus/{transaction_id}",
        201,
        "/transactions/chargingStatus/{session}",
        "reserved",
    ),
    # reservations
    Door("PUT /reservations/{number}", 401, 404, 404, 404, {}, "/reservations/100006"),
    Door("POST /reservations", 401, 201, 201, 201, BOOKING),
    owners("GET /reservations/{number}", 200, "/reservations/{session}", "reserved"),
    owners("DELETE /reservations/{number}", 204, "/reservations/{session}", "reserved"),
    Door(
        "GET /reservations/userReservation/{user_id}",
        401,
        403,
        200,
        200,
        path="/reservations/userReservation/{owner}",
        at="reserved",
    ),
    owners(
        "GET /reservations/chargerReservation/{connector_id}",
        200,
        f"/reservations/chargerReservation/{CONNECTOR}",
        "reserved",
    ),
    # bills; a wrong role is 401 in the two lists (contract §4.9)
    Door("POST /invoices", 401, 404, 201, 404, RANGE, at="ended"),
    admins("GET /invoices", 200),
    Door("GET /invoices/users", 401, 401, 401, 200),
    Door(
        "GET /invoices/users/{user_id}",
        401,
        401,
        200,
        200,
        path="/invoices/users/{owner}",
    ),
    Door(
        "GET /invoices/{invoice}",
        404,
        404,
        200,
        200,
        path="/invoices/{invoice}",
        at="ended",
    ),
    admins("GET /tests/ocpp", 200),
]
# Whose answer takes seconds even here; its own tests try the rest.
SLOW: Final = "GET /tests/ocpp"


def ida(town: Town, number: int = 99) -> str:
    """Return the token of an administrator."""
    now = town.clock.seconds()
    made: Account = driver_account(town.entropy.uuid(), number, now)
    town.now(town.stores.accounts.add_account(made))
    town.now(town.stores.accounts.add_to_group(made.account_id, ADMINS, now))
    found = town.now(town.stores.accounts.get_account(made.account_id))
    assert found.status is AccountStatus.CONFIRMED
    return town.back_end.tokens.issue(found, now)


def invoice_of(user_id: str) -> str:
    """Return the number of a user's invoice for January 2027."""
    return invoice_id_of(user_id, Month(2027, 1))


def scene(clock: Clock, door: Door) -> tuple[Charge, str]:
    """Return an owner as far as the door needs them, and the path there."""
    charge = Charge(Town(clock))
    if door.at == "reserved":
        charge.reserve()
    elif door.at:
        charge.start()
    if door.at == "ended":
        charge.charger.meter(1000)
        charge.charger.stop(1000)
        charge.charger.heard()
    path = door.path or door.what.split()[1]
    for name, value in (
        ("{session}", str(charge.session_id)),
        ("{owner}", charge.caller.user_id),
    ):
        path = path.replace(name, value)
    if "{invoice}" in path:
        path = path.replace("{invoice}", invoice_of(charge.caller.user_id))
    return charge, path


def ask(charge: Charge, door: Door, path: str, token: str | None) -> int:
    """Return the status of an answer, after waiting for it if need be."""
    town = charge.town
    connection = town.http.begin(
        door.what.split()[0], path, json=door.body, token=token
    )
    if not connection.received:
        town.advance(1.5)
    return connection.response().status


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.what)
def test_those_who_may_not_do_not(clock: Clock, door: Door) -> None:
    """Nobody, and whoever has a token of no use, changes and learns nothing."""
    charge, path = scene(clock, door)
    town = charge.town
    needs_token = door.nobody == 401
    assert ask(charge, door, path, None) == door.nobody
    damaged = charge.token[:-6] + "AAAAAA"
    expired = town.back_end.tokens.issue(
        town.now(town.stores.accounts.get_account(charge.caller.user_id)),
        town.clock.seconds() - 4000,
    )
    reads_token = needs_token or "{invoice}" in door.what
    for bad in (damaged, expired, "x", "a.b.c"):
        assert ask(charge, door, path, bad) == (401 if reads_token else door.nobody)
    if door.other in (401, 403, 404):
        _, other = town.driver()
        assert ask(charge, door, path, other) == door.other


@pytest.mark.parametrize("who", ["other", "owner", "admin"])
@pytest.mark.parametrize(
    "door", [door for door in DOORS if door.what != SLOW], ids=lambda door: door.what
)
def test_those_who_may_do(clock: Clock, door: Door, who: str) -> None:
    """Whatever is one's own, and for administrators everybody's."""
    charge, path = scene(clock, door)
    town = charge.town
    ida(town, 98)  # the last administrator cannot go
    tokens = {"owner": charge.token, "admin": ida(town), "other": town.driver()[1]}
    assert ask(charge, door, path, tokens[who]) == getattr(door, who)


def test_the_table_is_complete(town: Town) -> None:
    """Every route that is served is in it, and nothing else."""
    document = DocumentedClient(town.back_end.site).document
    served = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert {door.what for door in DOORS} == served
