"""Bills over HTTP: who may open which, and the list at the same address."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.errors import (
    FlexiChargeError,
    IdentityAway,
    ParameterInvalid,
    Stopping,
    TooManyRequests,
)
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

AXIOS = "application/json, text/plain, */*"
TAB = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
IDAS_BILL = invoice(IDA, "2022-02", 12_345)
BOS_BILL = invoice(BO, "2022-01")
GONES_BILL = invoice(GONE, "2021-12")


@pytest.fixture
def identity() -> TwoPeople:
    """Ida, who has the driver's token, and Bo."""
    return TwoPeople()


@pytest.fixture
def invoices() -> FakeInvoices:
    """One of each of them, and one of somebody whose account is gone."""
    return FakeInvoices((IDAS_BILL, BOS_BILL, GONES_BILL))


def opened(api: HttpClient, name: str, token: str | None = None) -> Response:
    """Return what a tab of a browser shows."""
    return api.get(f"/invoices/{name}", token=token, accept=TAB)


def searched(api: HttpClient, text: str, **how: str) -> Response:
    """Return what the admin page reads."""
    return api.get(f"/invoices/{text}", token="admin", accept=AXIOS, **how)


def body_of(answer: Response) -> bytes:
    assert answer.status == 200
    return answer.body


def is_nothing(answer: Response) -> bool:
    return (answer.status, answer.body) == (404, b"")


# bills


def test_the_link_opens_a_bill_without_a_token(api: HttpClient) -> None:
    """Whatever the case of the number in it; it is shown, and kept by nobody."""
    answer = opened(api, IDAS_BILL.public_id)
    assert body_of(answer) == b"%PDF 2022-02 Ida Berg <ida@example.com>"
    assert answer.header("content-type") == "application/pdf"
    shown = 'inline; filename="flexicharge-invoice-2022-02.pdf"'
    assert answer.header("content-disposition") == shown
    assert answer.header("cache-control") == "private, no-store"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("vary") == "Accept, Authorization"
    assert body_of(opened(api, IDAS_BILL.public_id.upper())) == answer.body


def test_the_link_opens_a_bill_with_a_token_too(api: HttpClient) -> None:
    """Who has the link may see it; a stranger's token takes nothing away."""
    for token in ("driver", "admin"):
        answer = opened(api, BOS_BILL.public_id, token)
        assert body_of(answer) == b"%PDF 2022-01  <bo@example.com>"


def test_a_bill_outlives_the_account(api: HttpClient) -> None:
    """Without a name on it."""
    assert body_of(opened(api, GONES_BILL.public_id)) == b"%PDF 2021-12  <>"


def test_a_number_opens_a_bill_to_its_owner(
    api: HttpClient, invoices: FakeInvoices
) -> None:
    """And to administrators; to everybody else it is as unknown as nonsense."""
    assert opened(api, IDAS_BILL.invoice_id, "driver").status == 200
    assert opened(api, IDAS_BILL.invoice_id, "admin").status == 200
    invoices.asked.clear()
    for name, token in (
        (BOS_BILL.invoice_id, "driver"),
        (BOS_BILL.invoice_id, None),
        ("nonsense", "driver"),
        ("nonsense", "admin"),
        ("nonsense", None),
        ("x" * 4000, "admin"),
    ):
        assert is_nothing(opened(api, name, token))
    assert invoices.asked == []


def test_a_number_that_no_bill_has_is_nothing(api: HttpClient) -> None:
    """In whichever way it is written."""
    assert is_nothing(opened(api, public_id(1)))
    other_month = invoice(IDA, "2022-03").invoice_id
    assert is_nothing(opened(api, other_month, "driver"))
    assert is_nothing(opened(api, "1234"))


@pytest.mark.parametrize("name", [IDAS_BILL.public_id, IDAS_BILL.invoice_id, "1234"])
def test_a_bad_token_is_worse_than_none(
    api: HttpClient, invoices: FakeInvoices, name: str
) -> None:
    """It is told what is wrong with it, even where none is needed."""
    answer = opened(api, name, "forged")
    assert (answer.status, answer.json["message"]) == (401, "jwt malformed")
    assert invoices.asked == []


def test_the_sample_is_for_everybody(api: HttpClient, invoices: FakeInvoices) -> None:
    """My pages opens it in a tab."""
    invoices.has_sample = True
    answer = opened(api, "1234")
    assert body_of(answer) == b"%PDF SAMPLE"
    assert answer.header("content-type") == "application/pdf"


def test_literals_are_nobodys_bill(api: HttpClient, invoices: FakeInvoices) -> None:
    """`/invoices/users` is the list, whoever asks and however."""
    assert api.get("/invoices/Users", token="admin", accept=TAB).json != []
    assert api.get("/invoices/users", accept=TAB).status == 401


def test_an_address_can_only_try_so_often(
    api: HttpClient, clock: Clock, invoices: FakeInvoices
) -> None:
    """A hundred in ten minutes, whatever they find; who has a token is not stopped."""
    names = (IDAS_BILL.public_id, "nonsense", "1234", public_id(7))
    for number in range(100):
        assert opened(api, names[number % 4]).status in (200, 404)
    invoices.asked.clear()
    answer = opened(api, IDAS_BILL.public_id)
    assert (answer.status, answer.json["code"]) == (429, "tooManyRequests")
    assert invoices.asked == []
    assert opened(api, IDAS_BILL.public_id, "driver").status == 200
    clock.advance(float(answer.header("retry-after") or "nan"))
    assert opened(api, IDAS_BILL.public_id).status == 200


@pytest.mark.parametrize(
    ("failing", "status"), [(TooManyRequests("busy"), 429), (Stopping("bills"), 503)]
)
def test_who_cannot_be_served_now_is_told_when(
    api: HttpClient, invoices: FakeInvoices, failing: FlexiChargeError, status: int
) -> None:
    """While too many bills are being drawn, and while the server stops."""
    invoices.failing = failing
    answer = opened(api, IDAS_BILL.public_id)
    assert answer.status == status
    assert int(answer.header("retry-after") or 0) > 0


def test_a_bill_is_not_drawn_without_its_customer(
    api: HttpClient, identity: TwoPeople
) -> None:
    """When who that is cannot be told now, it can be asked for again."""
    identity.trouble = {IDA: IdentityAway("away")}
    answer = opened(api, IDAS_BILL.public_id)
    assert (answer.status, answer.json) == (503, ["internalError"])
    assert answer.header("retry-after") is not None


# the list at the same address


@pytest.mark.parametrize("text", [IDAS, "IDA@example.com", IDA, "%20user-1%20"])
def test_the_admin_page_finds_a_users_invoices(
    api: HttpClient, identity: TwoPeople, text: str
) -> None:
    """By address in any case, or by number."""
    (found,) = searched(api, text).json
    assert (found["email"], found["date"]) == (IDAS, "2022-02")
    assert (found["invoiceID"], found["totalSum"]) == (IDAS_BILL.invoice_id, 123.45)


def test_who_left_can_be_found_by_number(api: HttpClient) -> None:
    """What they owe stays."""
    (found,) = searched(api, GONE).json
    assert (found["userID"], found["email"]) == (GONE, "")


@pytest.mark.parametrize(
    "text",
    ["nobody@example.com", "nobody", "1234", public_id(202202), "@", "%E2%98%83"],
)
def test_a_search_that_finds_nothing_is_empty(api: HttpClient, text: str) -> None:
    """Also where the text would name a bill: an operator typed it."""
    answer = searched(api, text)
    assert (answer.status, answer.json) == (200, [])


def test_a_text_that_no_provider_takes_finds_nothing(
    api: HttpClient, identity: TwoPeople
) -> None:
    """It is nobody's address."""
    identity.trouble = {"a b@c": ParameterInvalid("no")}
    assert searched(api, "a%20b@c").json == []


def test_nobody_has_an_address_so_long(api: HttpClient, identity: TwoPeople) -> None:
    """It is not even looked up."""
    assert is_nothing(searched(api, "x" * 513))
    assert identity.asked == []


def test_an_address_that_cannot_be_looked_up_is_not_called_nobodys(
    api: HttpClient, identity: TwoPeople
) -> None:
    """An empty list would be a lie; a number is enough as it is."""
    identity.trouble = {who: IdentityAway("away") for who in (BO, BOS)}
    answer = searched(api, BOS)
    assert (answer.status, answer.json) == (503, ["internalError"])
    (found,) = searched(api, BO).json
    assert (found["userID"], found["email"]) == (BO, "")


@pytest.mark.parametrize("accept", [TAB, "application/pdf", "*/*"])
def test_an_administrator_who_takes_no_json_gets_the_bill(
    api: HttpClient, accept: str
) -> None:
    """So do those who do not say what they take, and drivers whatever they take."""
    path = f"/invoices/{IDAS_BILL.invoice_id}"
    assert api.get(path, token="admin", accept=accept).body.startswith(b"%PDF")
    assert api.get(path, token="admin").body.startswith(b"%PDF")
    assert api.get(path, token="driver", accept=AXIOS).body.startswith(b"%PDF")


def test_whoever_hangs_up_does_no_harm(
    api: HttpClient, identity: TwoPeople, invoices: FakeInvoices
) -> None:
    """A tab is closed before the bill is there."""
    identity.waiting_for = Deferred()
    connection = api.begin("GET", f"/invoices/{IDAS_BILL.invoice_id}", token="driver")
    connection.hang_up()
    identity.waiting_for.callback(None)
    assert connection.received == b""
    assert ("pdf", IDAS_BILL.invoice_id) in invoices.asked
