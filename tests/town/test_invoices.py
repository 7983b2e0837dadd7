"""Bills for real charges: from the charger to the paper."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from attrs import define, evolve, field
from twisted.internet.task import Clock
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.config import read_settings
from flexicharge.interfaces import IPayments
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.account import ADMINS, Caller
from flexicharge.model.session import Session
from flexicharge.payments.free import FreePayments
from flexicharge.testing.charge import Charge
from flexicharge.testing.http import HttpClient, Response
from flexicharge.testing.memory import driver_account
from flexicharge.testing.town import Town
from tests.billing.reading import text_of

A_MONTH_S: Final = 31 * 86_400.0
AXIOS: Final = "application/json, text/plain, */*"
FIRST_KWH, SECOND_KWH = "4.000", "1.234"


@implementer(IPayments)
@define
class Cashier:
    """Collects what is owed while it is open."""

    is_open: bool = True
    _free: FreePayments = field(factory=FreePayments, init=False)

    async def open(self, session: Session) -> PaymentSession:
        """Return a payment session."""
        return await self._free.open(session)

    async def authorise(
        self, session: Session, authorization_token: str | None
    ) -> None:
        """Let the driver charge."""

    async def settle(self, session: Session) -> bool:
        """Tell whether a session is paid now."""
        return self.is_open


@define(eq=False)
class Office:
    """A driver who paid in January, and not in February after the server crashed."""

    town: Town
    cashier: Cashier
    charge: Charge = field(init=False)
    sessions: list[Session] = field(factory=list, init=False)
    admin: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.charge = Charge(self.town)
        self._charge(4000)
        self.town.crash(down_for=A_MONTH_S)
        self.charge.token = self._token_of(self.charge.caller)
        told = {"firstName": "Ida", "lastName": "Berg"}
        answer = self.charge.ask("PUT", "/auth/user-information", told).response()
        assert answer.status == 204
        self.cashier.is_open = False
        self.charge.plug_in()
        self._charge(1234)
        self.admin = self._administrator()

    @property
    def driver(self) -> str:
        """The driver's number."""
        return self.charge.caller.user_id

    @property
    def email(self) -> str:
        """The driver's address."""
        return "driver1@flexicharge.example"

    @property
    def http(self) -> HttpClient:
        return self.town.http

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Return a list as the admin page reads it."""
        answer = self.http.get(path, token=self.admin, accept=AXIOS)
        assert answer.status == 200
        rows: list[dict[str, Any]] = answer.json
        return rows

    def months(self, path: str) -> list[str]:
        """Return the months in a list of invoices."""
        return [row["date"] for row in self.listed(path)]

    def opened(self, path: str, token: str | None = None) -> Response:
        """Return what a tab shows."""
        return self.http.get(path, token=token, accept="text/html,*/*;q=0.8")

    def _charge(self, energy_wh: int) -> None:
        self.charge.start()
        self.charge.charger.report("Available")
        self.charge.charger.stop(meter_stop=energy_wh)
        self.town.advance(10, step=5)
        self.sessions.append(self.charge.stored)

    def _token_of(self, caller: Caller) -> str:
        account = self.town.now(self.town.stores.accounts.get_account(caller.user_id))
        return self.town.back_end.tokens.issue(account, self.town.clock.seconds())

    def _administrator(self) -> str:
        now = self.town.clock.seconds()
        account = evolve(driver_account("boss", 99, now), groups=(ADMINS,))
        self.town.now(self.town.stores.accounts.add_account(account))
        return self.town.back_end.tokens.issue(account, now)


@pytest.fixture
def office(clock: Clock) -> Office:
    """Two months of one driver."""
    cashier = Cashier()
    verifyObject(IPayments, cashier)
    return Office(Town(clock, payments=cashier), cashier)


def test_the_admin_page_shows_what_was_charged(office: Office) -> None:
    """With every filter, and by whatever the operator types."""
    february, january = office.listed("/invoices/")
    assert (january["date"], january["status"]) == ("2027-01", "Paid")
    assert (february["date"], february["status"]) == ("2027-02", "Unpaid")
    assert (january["totalSum"], february["totalSum"]) == (10.0, 3.09)
    assert {row["email"] for row in (january, february)} == {office.email}
    assert office.listed(f"/invoices/{office.email}") == [february, january]
    assert office.listed(f"/invoices/{office.driver}") == [february, january]
    assert office.listed("/invoices/nobody@flexicharge.example") == []
    for query, months in (
        ("year=2027", ["2027-02", "2027-01"]),
        ("year=2026", []),
        ("month=01", ["2027-01"]),
        ("year=2027&month=02", ["2027-02"]),
        ("status=PAID", ["2027-01"]),
        ("status=NOT-PAID", ["2027-02"]),
        ("year=2027&month=01&status=NOT-PAID", []),
        (f"after={february['invoiceID']}", ["2027-01"]),
    ):
        assert office.months(f"/invoices/?{query}") == months


def test_the_lists_of_users_show_the_same(office: Office) -> None:
    """To administrators of all users, to a driver of themselves."""
    (user,) = office.listed("/invoices/users")
    assert (user["userID"], user["email"]) == (office.driver, office.email)
    assert [one["date"] for one in user["invoices"]] == ["2027-02", "2027-01"]
    for query, found in (
        ("date=2027-01", ["2027-01"]),
        ("date=2027-01&status=UNPAID", []),
        ("status=UNPAID", ["2027-02"]),
        ("status=ALL", ["2027-02", "2027-01"]),
    ):
        users = office.listed(f"/invoices/users?{query}")
        assert [one["date"] for u in users for one in u["invoices"]] == found
    own = office.charge.ask("GET", f"/invoices/users/{office.driver}").response()
    assert own.json == [user]


def test_the_link_is_to_a_bill_over_the_session(office: Office) -> None:
    """Whoever has it may open it, without a token."""
    (january,) = office.listed("/invoices?status=PAID")
    session = office.sessions[0]
    assert january["invoiceURL"].startswith(f"{office.town.settings.public_url}/")
    shown = office.opened(urlsplit(january["invoiceURL"]).path)
    assert (shown.status, shown.header("content-type")) == (200, "application/pdf")
    text = text_of(shown.body)
    for said in (
        "FlexiCharge Invoice",
        "2027-01",
        "Ida Berg",
        office.email,
        str(session.session_id),
        str(session.connector_id),
        FIRST_KWH,
        "10.00",
        "Paid",
    ):
        assert said in text
    assert SECOND_KWH not in text


def test_the_number_opens_it_to_its_owner_alone(office: Office) -> None:
    """A stranger finds nothing, nor does anybody without a token."""
    answer = office.charge.ask(
        "POST", "/invoices", {"dateFrom": "2027-01", "dateTo": "2027-12"}
    ).response()
    assert answer.status == 201
    path = f"/invoices/{answer.json['resourceID']}"
    shown = office.opened(path, office.charge.token)
    assert SECOND_KWH in text_of(shown.body)
    assert "Unpaid" in text_of(shown.body)
    assert office.opened(path, office.admin).status == 200
    _, stranger = office.town.driver()
    for token in (stranger, None):
        refused = office.opened(path, token)
        assert (refused.status, refused.body) == (404, b"")


def test_a_bill_outlives_its_owners_account(office: Office) -> None:
    """Who left still owes; the bill is found by number, and has no name on it."""
    assert office.charge.ask("DELETE", "/auth/delete-user").response().status == 200
    rows = office.listed(f"/invoices/{office.driver}")
    assert [row["email"] for row in rows] == ["", ""]
    assert office.listed(f"/invoices/{office.email}") == []
    shown = office.opened(urlsplit(rows[0]["invoiceURL"]).path)
    assert SECOND_KWH in text_of(shown.body)
    assert office.email not in text_of(shown.body)


def test_nobody_else_has_anything_to_pay(office: Office) -> None:
    """A driver who never charged has no invoices, and none can be made."""
    caller, token = office.town.driver()
    own = office.http.get(f"/invoices/users/{caller.user_id}", token=token)
    assert (own.status, own.json) == (200, [])
    body = {"dateFrom": "2027-01", "dateTo": "2027-12", "userID": office.driver}
    answer = office.http.request("POST", "/invoices", token=token, json=body)
    assert answer.status == 404


@pytest.mark.parametrize(("seed", "status"), [("1", 200), ("0", 404)])
def test_the_sample_comes_with_the_demo(clock: Clock, seed: str, status: int) -> None:
    """My pages opens it whoever is signed in."""
    town = Town(clock, settings=read_settings({"DEMO_SEED": seed}))
    answer = town.http.get("/invoices/1234")
    assert answer.status == status
    if status == 200:
        assert "SAMPLE" in text_of(answer.body)
