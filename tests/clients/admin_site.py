"""The operators' site of October 2023 (GUI): React and axios in a strict browser.

It logs the operator out on any 401, whatever was asked for.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field, frozen

from tests.clients.browser import Axios, Browser, data_of, includes
from tests.clients.people import Somebody
from tests.clients.wire import Answer, ClientBroke, Wire, rows_of

NEW_SITE = {"klarnaReservationAmount": 50000, "price": 0}
EDITED_SITE = {"klarnaReservationAmount": 500, "price": 0}
CHARGE_KEYS = (
    "transactionID",
    "isKlarnaPayment",
    "kwhTransfered",
    "currentChargePercentage",
    "pricePerKwh",
    "timestamp",
    "paymentID",
    "userID",
    "session_id",
    "client_token",
    "paymentConfirmed",
    "meterStart",
    "connectorID",
)


class LoggedOut(ClientBroke):
    """A 401 sent the operator to the sign-in page."""


@frozen
class Listed:
    """A person in a list of the site."""

    username: str
    email: str
    name: str
    family_name: str
    created_on: str
    is_enabled: bool

    @classmethod
    def of(cls, row: Any) -> Listed:
        """Return the person of Cognito's object, its attributes laid flat."""
        attributes = row.get("UserAttributes") or row.get("Attributes")
        flat = {each["Name"]: each["Value"] for each in rows_of(attributes)}
        date, t, _ = str(row["UserCreateDate"]).partition("T")
        if not t or not isinstance(row["Enabled"], bool):
            raise ClientBroke(f"cannot show {row}")
        names = flat.get("name", ""), flat.get("family_name", "")
        return cls(row["Username"], flat["email"], *names, date, row["Enabled"])


@frozen
class Invoice:
    """An invoice in the list."""

    number: str
    email: str
    url: str
    month: str
    total: float

    @classmethod
    def of(cls, row: Any) -> Invoice:
        """Return the invoice of a row."""
        keys = ("invoiceID", "email", "invoiceURL", "date", "totalSum")
        return cls(*(row[key] for key in keys))


@define
class AdminSite:
    """The site in one operator's browser."""

    axios: Axios
    token: str = field(default="", init=False)

    @classmethod
    def on(cls, port: int) -> AdminSite:
        """Return the site, built for a server."""
        return cls(Axios(Browser(Wire(port))))

    # signing in

    def sign_in(self, person: Somebody) -> str:
        """Sign in; return what follows: "" for success, a session, or "invalid"."""
        answer = self._ask_anonymously("/admin/sign-in", person.credentials)
        data = data_of(answer.expect(200, 400))
        if answer.status == 400:
            return str(data["Session"]) if "Session" in data else "invalid"
        self.token = _text(data, "accessToken")
        _text(data, "username")
        return ""

    def choose_password(self, email: str, password: str, session: str) -> None:
        """Choose the password that the dialog asks for."""
        body = {"username": email, "password": password, "session": session}
        self._ask_anonymously("/admin/force-change-password", body).expect(200)

    # people; `kind` is "/users" for drivers and "" for administrators

    def people(self, kind: str = "/users", query: str = "") -> list[Listed]:
        """Return everybody, page by page; a token goes into the address as it is."""
        found: list[Listed] = []
        following = query
        while True:
            data = self._get(f"/admin{kind}?{following}")
            found.extend(Listed.of(row) for row in rows_of(data["Users"]))
            if not data.get("NextToken"):
                return found
            following = f"{query}&pagination_token={data['NextToken']}"

    def user(self, username: str) -> dict[str, Any]:
        """Return one driver, under the names that the page for one has."""
        data = self._get(f"/admin/users/{username}")
        for key in ("username", "userId", "firstName", "lastName"):
            _text(data, key)
        return dict(data)

    def administrator(self, username: str) -> Listed:
        """Return one administrator."""
        return Listed.of(self._get(f"/admin/{username}"))

    def create(self, body: dict[str, str], kind: str = "/users") -> str:
        """Create somebody; return the code of a refusal, or ""."""
        answer = self._call("POST", f"/admin{kind}", body)
        if answer.is_success:
            return ""
        data = data_of(answer)
        if data["code"] == "InvalidPasswordException":
            assert data["message"].partition(": ")[2]
        return _text(data, "code")

    def edit(self, username: str, kind: str = "/users", **known: str) -> Listed:
        """Change what is known of somebody; the answer replaces them in the list."""
        attributes = [{"Name": name, "Value": value} for name, value in known.items()]
        body = {"userAttributes": attributes}
        answer = self._call("PUT", f"/admin{kind}/{username}", body)
        return Listed.of(data_of(answer.expect_success()))

    def edit_by_mistake(self, username: str, name: str) -> str:
        """Change a name as the page does, in the attribute `email`; return a code."""
        body = {"userAttributes": [{"Name": "email", "Value": name}]}
        answer = self._call("PUT", f"/admin/users/{username}", body)
        return _text(data_of(answer.expect(400)), "code")

    def do(self, method: str, path: str) -> None:
        """Do what has nothing to send, and shows no more than whether it worked."""
        self._call(method, path).expect_success()

    # the network

    def chargers(self, which: str = "") -> list[Any]:
        """Return all chargers, or those that are `/available`."""
        return rows_of(self._get(f"/chargers{which}"))

    def add_charger(self, serial_number: str, site: int) -> Any:
        """Make a charger; return it, or "taken" for a serial number that is."""
        body = {
            "chargePointID": site,
            "serialNumber": serial_number,
            "location": [57.7, 14.1],
        }
        return _made(self._call("POST", "/chargers", body))

    def save_charger(self, charger: Any, status: str) -> Any:
        """Change a charger's status by sending the whole of it."""
        body = {**charger, "status": status}
        answer = self._call("PUT", f"/chargers/{charger['connectorID']}", body)
        return data_of(answer.expect(200))

    def sites(self) -> list[Any]:
        """Return all charge points, with prices that can be divided by 100."""
        sites = rows_of(self._get("/chargePoints"))
        for site in sites:
            assert float(site["price"]) / 100 >= 0
        return sites

    def add_site(self, name: str) -> Any:
        """Make a charge point, which has no address; "taken" for such a name."""
        body = {"name": name, "location": [57.7, 14.1], **NEW_SITE}
        return _made(self._call("POST", "/chargePoints", body))

    def save_site(self, number: int, name: str) -> Any:
        """Change a charge point; return the one object, or "taken"."""
        body = {"name": name, "location": [58.0, 15.0], **EDITED_SITE}
        data = _made(self._call("PUT", f"/chargePoints/{number}", body))
        if data != "taken":
            assert {"name", "location", "chargePointID"} <= {*data}
        return data

    def delete(self, path: str) -> None:
        """Delete something; nothing but 204 will do."""
        self._call("DELETE", path).expect(204)

    # money

    def invoices(self, **filters: str) -> list[Invoice]:
        """Return the invoices of the page; a filter on "All" is left out."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return _invoices(self._get(f"/invoices/?{query}"))

    def search(self, text: str) -> list[Invoice]:
        """Return the invoices of whoever's address or number was typed."""
        return _invoices(self._get(f"/invoices/{text}"))

    def charges_of(self, user_id: str) -> list[Any]:
        """Return a driver's charges."""
        rows = rows_of(self._get(f"/transactions/userTransactions/{user_id}"))
        for row in rows:
            assert {*CHARGE_KEYS} <= {*row}
        return rows

    # what all of it goes through

    def _get(self, path: str) -> Any:
        return data_of(self._call("GET", path).expect(200))

    def _call(self, method: str, path: str, data: object = None) -> Answer:
        answer = self.axios.request(method, path, data, self.token)
        if answer.status == 401:
            raise LoggedOut(f"{method} {path}")
        return answer

    def _ask_anonymously(self, path: str, data: object) -> Answer:
        return self.axios.request("POST", path, data)


def _made(answer: Answer) -> Any:
    data = data_of(answer)
    if answer.is_success:
        return data
    assert includes(data, "dbUniqueConstraintError")
    return "taken"


def _invoices(data: object) -> list[Invoice]:
    return [Invoice.of(row) for row in rows_of(data)]


def _text(data: Any, key: str) -> str:
    if not isinstance(data[key], str):
        raise ClientBroke(f"{key}: {data[key]!r}")
    return str(data[key])
