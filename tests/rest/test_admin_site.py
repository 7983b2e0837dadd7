"""The admin site's way through everybody's accounts, call by call and in its order.

What it makes of an answer is done here as it does it: a key that it needs and does not
find fails.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from attrs import define, field

from flexicharge.model.account import ADMINS
from flexicharge.testing.documented import DocumentedClient
from flexicharge.testing.http import Response
from flexicharge.testing.identity import PASSWORD
from flexicharge.testing.town import Town
from tests.rest.accounts import EMAIL, NEW, OFFICE

NEW_ADMIN = "second@example.com"


@define
class AdminSite:
    """A browser with the admin site in it; a 401 logs out."""

    town: Town
    client: DocumentedClient = field(init=False)
    stored: dict[str, str] = field(factory=dict, init=False)

    @client.default
    def _its_client(self) -> DocumentedClient:
        return DocumentedClient(self.town.back_end.site)

    def login(self, username: str, password: str) -> bool | str:
        """Sign in; return what the login page makes of the answer."""
        body = {"username": username, "password": password}
        answer = self.client.request("POST", "/admin/sign-in", json=body)
        if answer.status == 200:
            self.stored["token"] = answer.json["accessToken"]
            self.stored["username"] = answer.json["username"]
            return True
        if "Session" in answer.json:
            return "notVerified"
        return {400: "invalidCredentials", 403: "unauthorized"}[answer.status]

    def set_first_password(self, username: str, old: str, new: str) -> bool:
        """Do as the dialog does: sign in again for the session, then answer it."""
        body = {"username": username, "password": old}
        session = self.client.request("POST", "/admin/sign-in", json=body).json
        body = {"username": username, "password": new, "session": session["Session"]}
        path = "/admin/force-change-password"
        return self.client.request("POST", path, json=body).status == 200

    def ask(self, method: str, path: str, body: object = None) -> Response:
        """Ask something with the stored token."""
        token = self.stored["token"]
        answer = self.client.request(method, path, token=token, json=body)
        if answer.status == 401:
            self.stored.clear()
        return answer

    def edit(self, path: str, **fields: str) -> Any:
        """Save an edit; return what is shown after it."""
        attributes = [{"Name": name, "Value": fields[name]} for name in fields]
        answer = self.ask("PUT", path, {"userAttributes": attributes})
        assert answer.status == 200
        return row_of(answer.json)


def row_of(remote: Any) -> dict[str, object]:
    """Return a row of a table as the site makes it of one of Cognito's users."""
    attributes = remote.get("UserAttributes", remote.get("Attributes"))
    known = {one["Name"]: one["Value"] for one in attributes}
    assert "T" in remote["UserCreateDate"]
    return {
        **known,
        "username": remote["Username"],
        "enabled": remote["Enabled"],
        "created": remote["UserCreateDate"],
    }


@pytest.fixture
def site(town: Town) -> AdminSite:
    """A browser before the login page, and one administrator who may use it."""
    site = AdminSite(town)
    body = {"username": OFFICE, "password": PASSWORD}
    site.client.request("POST", "/auth/sign-up", json=body)
    code = {"username": OFFICE, "code": town.back_end.people.mail.code_for(OFFICE)}
    site.client.request("POST", "/auth/verify", json=code)
    accounts = town.stores.accounts
    account = town.now(accounts.get_account_by_email(OFFICE))
    town.now(accounts.add_to_group(account.account_id, ADMINS, town.clock.seconds()))
    return site


def test_an_operator_looks_after_users(town: Town, site: AdminSite) -> None:
    """From the login page to a user who was made, changed, reset and deleted."""
    assert site.login(OFFICE, "Wr0ng-one") == "invalidCredentials"
    assert site.login(OFFICE, PASSWORD) is True
    renewed = site.ask("GET", f"/admin/{site.stored['username']}")
    assert (renewed.status, renewed.json.get("token")) == (200, None)

    fields = {"name": "Ida", "family_name": "Berg", "username": EMAIL}
    weak = site.ask("POST", "/admin/users", fields | {"password": "weak"})
    assert weak.json["code"] == "InvalidPasswordException"
    assert weak.json["message"].split(": ")[1]
    made = site.ask("POST", "/admin/users", fields | {"password": PASSWORD})
    assert made.status == 201
    taken = site.ask("POST", "/admin/users", fields | {"password": PASSWORD})
    assert taken.json["code"] == "UsernameExistsException"

    rows = [row_of(user) for user in site.ask("GET", "/admin/users").json["Users"]]
    (row,) = [row for row in rows if row["email"] == EMAIL]
    assert (row["name"], row["family_name"], row["enabled"]) == ("Ida", "Berg", True)
    path = f"/admin/users/{row['username']}"
    panel = site.ask("GET", path).json
    assert panel["username"] == EMAIL
    assert panel["userId"] == row["username"]
    assert (panel["firstName"], panel["lastName"]) == ("Ida", "Berg")
    assert (panel["Enabled"], panel["UserCreateDate"]) == (True, row["created"])

    edited = site.edit(path, name="Eva", family_name="Lind")
    assert (edited["name"], edited["family_name"]) == ("Eva", "Lind")
    wrong = {"userAttributes": [{"Name": "email", "Value": "Eva Lind"}]}
    refused = site.ask("PUT", path, wrong)
    assert refused.json["code"] == "InvalidParameterException"

    letters = len(town.back_end.people.mail.sent)
    reset = site.ask("POST", f"/admin/reset-user-password/{panel['username']}")
    assert (reset.status, reset.json) == (200, {})
    assert len(town.back_end.people.mail.sent) == letters + 1
    assert site.ask("DELETE", path).status == 200
    rows = [row_of(user) for user in site.ask("GET", "/admin/users").json["Users"]]
    assert [row["email"] for row in rows] == [OFFICE]
    assert site.stored  # nothing of all that logged anybody out


def test_an_operator_brings_in_another(town: Town, site: AdminSite) -> None:
    """The second one sets a password of their own first, and may then do the same."""
    site.login(OFFICE, PASSWORD)
    fields = {"name": "Eva", "family_name": "Lind", "username": NEW_ADMIN}
    made = site.ask("POST", "/admin/", fields)
    assert (made.status, made.body) == (201, b"")
    rows = [row_of(user) for user in site.ask("GET", "/admin/").json["Users"]]
    assert sorted(str(row["email"]) for row in rows) == [OFFICE, NEW_ADMIN]
    (row,) = [row for row in rows if row["email"] == NEW_ADMIN]
    path = f"/admin/{row['username']}"
    assert row_of(site.ask("GET", path).json)["family_name"] == "Lind"
    assert site.edit(path, name="Ea", email=NEW_ADMIN)["name"] == "Ea"

    letter = town.back_end.people.mail.sent[-1]
    assert letter.to == NEW_ADMIN
    (temporary,) = re.findall(r"password is (\S+)", letter.text)
    second = AdminSite(town)
    assert second.login(NEW_ADMIN, temporary) == "notVerified"
    assert second.set_first_password(NEW_ADMIN, temporary, NEW)
    assert second.login(NEW_ADMIN, NEW) is True
    assert second.ask("GET", "/admin/users").status == 200

    assert site.ask("PUT", f"{path}/disable").status == 200
    assert second.ask("GET", "/admin/users").status == 401
    assert not second.stored
    assert second.login(NEW_ADMIN, NEW) == "invalidCredentials"
    assert site.ask("DELETE", path).status == 200
    rows = [row_of(user) for user in site.ask("GET", "/admin/").json["Users"]]
    assert [row["email"] for row in rows] == [OFFICE]


def test_whoever_is_no_administrator_is_not_logged_out(
    town: Town, site: AdminSite
) -> None:
    """The door opens for them, as it did; behind it they are told 403."""
    site.login(OFFICE, PASSWORD)
    account = town.now(town.stores.accounts.get_account_by_email(OFFICE))
    _, site.stored["token"] = town.driver()
    assert site.ask("GET", "/admin/users").status == 403
    assert site.ask("DELETE", f"/admin/{account.account_id}").status == 403
    assert site.stored
