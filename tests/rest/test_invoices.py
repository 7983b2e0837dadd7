"""Invoices over HTTP: who is shown which, filters, and what is wrong with others."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface.verify import verifyObject

from flexicharge.errors import DatabaseAway, IdentityAway, TooManyRequests
from flexicharge.interfaces import IIdentity, IInvoices
from flexicharge.model.invoice_asked import (
    ALL_INVOICES,
    InvoicesAsked,
    asked_by_date,
    asked_by_year,
)
from flexicharge.model.month import Month
from flexicharge.rest import invoice_lists
from flexicharge.testing.http import HttpClient, Response
from tests.rest.invoicing import (
    BO,
    BOS,
    GONE,
    IDA,
    IDAS,
    FakeInvoices,
    TwoPeople,
    invoice,
    public_id,
)

URL = "http://localhost:8080/invoices"
DATES = {"dateFrom": "2022-01", "dateTo": "2022-02"}
LISTS = ("/invoices", "/invoices/users", "/invoices/users/user-1")


@pytest.fixture
def identity() -> TwoPeople:
    """Ida, who has the driver's token, and Bo."""
    return TwoPeople()


@pytest.fixture
def invoices() -> FakeInvoices:
    """Two of Ida's, one of Bo's, and one of somebody whose account is gone."""
    return FakeInvoices(
        (
            invoice(IDA, "2022-02", 12_345, is_paid=True),
            invoice(IDA, "2022-01"),
            invoice(BO, "2022-01", 20_000, is_paid=True),
            invoice(GONE, "2021-12"),
        )
    )


def as_admin(api: HttpClient, path: str) -> Response:
    return api.get(path, token="admin")


def wrong(answer: Response) -> list[str]:
    """Return the codes of a refusal; check the rest of it."""
    assert answer.status == 400
    codes: list[str] = answer.json["errorCodes"]
    assert answer.json == {
        "status": 400,
        "message": "Bad Request",
        "errorCodes": codes,
    }
    return codes


def asked_last(invoices: FakeInvoices) -> Any:
    return invoices.asked[-1]


def test_the_fakes_are_what_they_stand_for(
    identity: TwoPeople, invoices: FakeInvoices
) -> None:
    """The seams' promises by name."""
    assert verifyObject(IInvoices, invoices)
    assert verifyObject(IIdentity, identity)


# who may


@pytest.mark.parametrize("path", LISTS)
def test_lists_need_a_token(api: HttpClient, invoices: FakeInvoices, path: str) -> None:
    """The original's 401, with no token and with a bad one."""
    for token, message in (
        (None, "No authorization token was found"),
        ("forged", "jwt malformed"),
    ):
        answer = api.get(path, token=token)
        assert (answer.status, answer.json["message"]) == (401, message)
    assert invoices.asked == []


@pytest.mark.parametrize("path", ["/invoices/users", "/invoices/users/user-2"])
def test_what_is_not_ones_own_is_401(
    api: HttpClient, invoices: FakeInvoices, path: str
) -> None:
    """The contract has 401 here, before any filter is looked at by the domain."""
    answer = api.get(path, token="driver")
    assert answer.status == 401
    assert answer.json == {
        "status": 401,
        "code": "unauthorizedError",
        "message": "Unauthorized",
    }
    assert answer.header("www-authenticate") is not None
    assert invoices.asked == []


def test_the_admin_pages_list_is_403_for_drivers(
    api: HttpClient, invoices: FakeInvoices
) -> None:
    """As all that is for administrators where the contract says nothing else."""
    answer = api.get("/invoices/?status=PAID", token="driver")
    assert (answer.status, answer.body) == (403, b"Insufficient scope")
    assert invoices.asked == []


def test_an_owner_without_any_group_sees_their_own(api: HttpClient) -> None:
    """Whom the original refused."""
    (user,) = api.get("/invoices/users/user-1", token="driver").json
    assert [one["date"] for one in user["invoices"]] == ["2022-02", "2022-01"]


# lists


def test_the_lists_of_users_are_by_user(api: HttpClient) -> None:
    """In the contract's form; whose account is gone has no address."""
    ida, bo, gone = as_admin(api, "/invoices/users").json
    assert ida == {
        "type": ["Users"],
        "userID": IDA,
        "email": IDAS,
        "invoices": [
            {
                "invoiceID": "dXNlci0xOjIwMjI6MDI",
                "date": "2022-02",
                "status": "Paid",
                "invoiceURL": f"{URL}/{public_id(202202)}",
                "totalSum": 123.45,
            },
            {
                "invoiceID": "dXNlci0xOjIwMjI6MDE",
                "date": "2022-01",
                "status": "Unpaid",
                "invoiceURL": f"{URL}/{public_id(202201)}",
                "totalSum": 100,
            },
        ],
    }
    assert (bo["userID"], bo["email"], len(bo["invoices"])) == (BO, BOS, 1)
    assert (gone["userID"], gone["email"]) == (GONE, "")
    assert as_admin(api, f"/invoices/users/{BO}").json == [bo]
    assert as_admin(api, "/invoices/users/nobody").json == []


def test_the_admin_pages_list_is_flat(api: HttpClient) -> None:
    """With the keys that GUI reads, at the path that it writes."""
    found = as_admin(api, "/invoices/?").json
    assert [(one["email"], one["date"], one["totalSum"]) for one in found] == [
        (IDAS, "2022-02", 123.45),
        (IDAS, "2022-01", 100),
        (BOS, "2022-01", 200),
        ("", "2021-12", 100),
    ]
    assert found[0] == {
        "invoiceID": "dXNlci0xOjIwMjI6MDI",
        "date": "2022-02",
        "status": "Paid",
        "invoiceURL": f"{URL}/{public_id(202202)}",
        "totalSum": 123.45,
        "userID": IDA,
        "email": IDAS,
    }


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/invoices", ALL_INVOICES),
        ("/Invoices/?status=NOT-PAID", asked_by_year(status="NOT-PAID")),
        ("/invoices?year=2022&month=1", asked_by_year("2022", "1")),
        ("/invoices/?month=12&status=paid", asked_by_year(None, "12", "PAID")),
        ("/invoices/users/?date=2022-01", asked_by_date("2022-01")),
        ("/invoices/USERS?status=Unpaid", asked_by_date(None, "UNPAID")),
        ("/invoices/users?status=all&date=2022-02", asked_by_date("2022-02")),
    ],
)
def test_filters_reach_those_who_know(
    api: HttpClient, invoices: FakeInvoices, path: str, asked: InvoicesAsked
) -> None:
    """In any case, and none of them for all."""
    assert as_admin(api, path).status == 200
    assert asked_last(invoices) == ("every", asked, None)


def test_ones_own_can_be_filtered(api: HttpClient, invoices: FakeInvoices) -> None:
    """By status alone; another parameter is nobody's."""
    (user,) = api.get("/invoices/users/user-1?status=paid&date=x", token="driver").json
    assert [one["status"] for one in user["invoices"]] == ["Paid"]
    assert asked_last(invoices) == ("of_user", IDA, asked_by_date(status="PAID"))
    assert api.get("/invoices/users/user-1?status=ALL", token="driver").status == 200


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("users?status=", ["invalidStatus"]),
        ("users?date=2022-13", ["invalidDateFormat"]),
        ("users?date=", ["invalidDateFormat"]),
        ("users?status=PAYED&date=2022", ["invalidDateFormat", "invalidStatus"]),
        ("users/user-1?status=x", ["invalidStatus"]),
        ("?year=22&month=13&status=x", ["invalidDateFormat", "invalidStatus"]),
        ("?year=0001", ["invalidDateFormat"]),
        ("?month=0", ["invalidDateFormat"]),
        ("?year=2022&month=", ["invalidDateFormat"]),
    ],
)
def test_all_that_is_wrong_with_filters_is_said(
    api: HttpClient, invoices: FakeInvoices, path: str, codes: list[str]
) -> None:
    """Dates first, each code once, and nothing is looked up."""
    assert wrong(as_admin(api, f"/invoices/{path}")) == codes
    assert invoices.asked == []


def test_a_query_that_cannot_be_read_says_so(api: HttpClient) -> None:
    """It has no field that a code could be of."""
    answer = as_admin(api, "/invoices/users?date=%FF")
    assert (answer.status, answer.json["code"]) == (400, "badRequest")


def test_nobody_is_named_so_long(api: HttpClient) -> None:
    """More than a name has room for is not looked up."""
    assert as_admin(api, f"/invoices/users/{'x' * 513}").status == 404


# long lists


def test_a_list_is_put_together_of_pages(
    api: HttpClient, invoices: FakeInvoices
) -> None:
    """The admin page pages in the browser: it is given all of them."""
    invoices.page_size = 1
    for path in ("/invoices", "/invoices/users"):
        answer = as_admin(api, path)
        assert answer.body.count(b"invoiceID") == 4
        assert answer.header("link") is None
    assert len(invoices.asked) == 8


def test_a_list_that_is_too_long_says_where_it_goes_on(
    api: HttpClient, invoices: FakeInvoices
) -> None:
    """With the same filters, until everything was told."""
    more = invoice_lists.MOST // 1000
    invoices.known = tuple(
        invoice(f"user-{number:05}", is_paid=bool(number % 10))
        for number in range(more * 1000 + 7)
    )
    first = as_admin(api, "/invoices?year=2022")
    link = first.header("link") or ""
    assert len(first.json) == invoice_lists.MOST
    assert link.startswith(f"<{URL}?") and link.endswith('>; rel="next"')
    assert "year=2022" in link
    rest = as_admin(api, link[1:].partition(">")[0].removeprefix(URL[:-9]))
    assert [one["userID"] for one in rest.json] == [
        f"user-{number:05}" for number in range(more * 1000, more * 1000 + 7)
    ]
    assert rest.header("link") is None


def test_a_list_goes_on_only_from_an_invoice(api: HttpClient) -> None:
    """From nothing that is one, nothing follows."""
    for path in ("/invoices", "/invoices/users"):
        for after in ("", "x", "../"):
            answer = as_admin(api, f"{path}?after={after}")
            assert (answer.status, answer.body) == (404, b"")


# making


def test_whoever_asks_for_their_invoices_is_told_the_newest(
    api: HttpClient, invoices: FakeInvoices
) -> None:
    """Under the contract's keys, and its document's names for the dates too."""
    for body in (
        DATES,
        {"dateStart": "2022-01", "dateEnd": "2022-02"},
        {**DATES, "dateStart": None, "userID": None},
        {**DATES, "userID": BO, "totalSum": 0, "status": "Paid"},
    ):
        answer = api.request("POST", "/invoices", token="driver", json=body)
        assert answer.status == 201
        assert answer.json == {
            "statusCode": 201,
            "message": "Resource was created",
            "resourceID": invoices.known[0].invoice_id,
        }
        asked = InvoicesAsked(first=Month(2022, 1), last=Month(2022, 2))
        assert asked_last(invoices) == ("make", IDA, asked)


def test_a_form_can_ask_for_invoices(api: HttpClient) -> None:
    """Forms are bodies like others."""
    answer = api.request(
        "POST",
        "/invoices/",
        token="driver",
        body=b"dateFrom=2022-01&dateTo=2022-01",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.json["resourceID"] == "dXNlci0xOjIwMjI6MDE"


def test_an_administrator_can_name_anybody(
    api: HttpClient, invoices: FakeInvoices
) -> None:
    """And is meant where nobody is named."""
    for user_id, who, status in ((BO, BO, 201), (None, "user-0", 404)):
        body = {**DATES, "userID": user_id}
        answer = api.request("POST", "/invoices", token="admin", json=body)
        assert answer.status == status
        assert asked_last(invoices)[:2] == ("make", who)


def test_where_nothing_is_owed_there_is_no_invoice(api: HttpClient) -> None:
    """It is not found, and no empty one is made up."""
    body = {"dateFrom": "2030-01", "dateTo": "2030-12"}
    answer = api.request("POST", "/invoices", token="driver", json=body)
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, ["dateFromMissing", "dateToMissing"]),
        ({"dateFrom": "", "dateTo": None}, ["dateFromMissing", "dateToMissing"]),
        ({"dateFrom": "2022"}, ["dateToMissing", "invalidDateFormat"]),
        ({"dateFrom": "x", "dateTo": 202201}, ["invalidDateFormat"]),
        ({**DATES, "dateStart": "x"}, ["invalidDateFormat"]),
        (
            {"dateFrom": "2022-03", "dateTo": "2022-02"},
            ["dateFromGreaterThanDateTo"],
        ),
        (
            {"userID": "", "dateFrom": [], "dateTo": {}},
            ["userIdMissing", "invalidDateFormat"],
        ),
        ({**DATES, "userID": 7}, ["userIdMissing"]),
        ({**DATES, "userID": "x" * 513}, ["invalidUserID"]),
    ],
)
def test_all_that_is_wrong_with_a_wish_is_said(
    api: HttpClient, invoices: FakeInvoices, body: object, codes: list[str]
) -> None:
    """In the contract's order, and nothing is made."""
    answer = api.request("POST", "/invoices", token="driver", json=body)
    assert wrong(answer) == codes
    assert invoices.asked == []


# trouble


def test_the_provider_cannot_lose_the_list(
    api: HttpClient, identity: TwoPeople
) -> None:
    """It comes without addresses, and a provider that is away is left in peace."""
    for trouble in (
        IdentityAway("away"),
        TooManyRequests("busy"),
        DatabaseAway("away"),
    ):
        identity.asked.clear()
        identity.trouble = {BO: trouble}
        found = as_admin(api, "/invoices").json
        assert [one["email"] for one in found] == [IDAS, IDAS, "", ""]
        assert identity.asked == [("user", IDA), ("user", BO)]


def test_everybody_is_looked_up_once(api: HttpClient, identity: TwoPeople) -> None:
    """However many invoices they have."""
    as_admin(api, "/invoices")
    assert identity.asked == [("user", IDA), ("user", BO), ("user", GONE)]


@pytest.mark.parametrize("path", LISTS)
def test_without_the_database_there_is_no_list(
    api: HttpClient, invoices: FakeInvoices, path: str
) -> None:
    """Clients are asked to come back."""
    invoices.failing = DatabaseAway("away")
    answer = as_admin(api, path)
    assert (answer.status, answer.json) == (503, ["dbError"])
    assert answer.header("retry-after") is not None
