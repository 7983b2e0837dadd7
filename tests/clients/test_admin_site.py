"""The operators' site: people, the network and the bills."""

from __future__ import annotations

import itertools
import re
from urllib.parse import urlsplit

import pytest
from attrs import evolve

from tests.clients.admin_site import AdminSite
from tests.clients.android import Android, signed_in
from tests.clients.charger import powered
from tests.clients.people import OTHER_PASSWORD, Somebody
from tests.integration.server import ServerProcess

CHARGER = 100009
SERIAL = "abc119"
_numbers = itertools.count(1)


@pytest.fixture
def site(server: ServerProcess, admin: Somebody) -> AdminSite:
    """The site of an operator who has signed in."""
    site = AdminSite.on(server.ports[0])
    assert site.sign_in(admin) == ""
    return site


@pytest.fixture
def driver(server: ServerProcess) -> tuple[Somebody, Android]:
    """A driver who has signed up, and their app."""
    person = Somebody()
    return person, signed_in(server, person)


def test_signing_in(server: ServerProcess, admin: Somebody) -> None:
    """A wrong password is a 400 without a session."""
    site = AdminSite.on(server.ports[0])
    assert site.sign_in(evolve(admin, password=OTHER_PASSWORD)) == "invalid"
    assert site.sign_in(Somebody()) == "invalid"
    assert site.sign_in(admin) == ""


def test_a_new_administrator_chooses_a_password(
    site: AdminSite, server: ServerProcess
) -> None:
    """The page sends none; the one that is mailed opens the dialog for another."""
    new = Somebody()
    body = {"name": "Ida", "family_name": "Berg", "username": new.email}
    assert site.create(body, kind="") == ""
    (new.password,) = re.findall(r"password is (\S+)", new.next_mail(server))
    own = AdminSite.on(server.ports[0])
    session = own.sign_in(new)
    assert session not in ("", "invalid")
    own.choose_password(new.email, OTHER_PASSWORD, session)
    new.password = OTHER_PASSWORD
    assert own.sign_in(new) == ""
    assert new.email in {person.email for person in own.people("")}


def test_administrators(site: AdminSite, server: ServerProcess) -> None:
    """One is listed, shown, edited and deleted."""
    new = Somebody()
    site.create({"name": "Ida", "family_name": "Berg", "username": new.email}, kind="")
    listed = next(person for person in site.people("") if person.email == new.email)
    assert (listed.name, listed.family_name) == ("Ida", "Berg")
    assert site.administrator(listed.username) == listed
    edited = site.edit(listed.username, "", family_name="Holm")
    assert edited == evolve(listed, family_name="Holm")
    site.do("DELETE", f"/admin/{listed.username}")
    assert new.email not in {person.email for person in site.people("")}


def test_the_list_of_users(
    site: AdminSite, driver: tuple[Somebody, Android], admin: Somebody
) -> None:
    """Everybody is in it once, however short the pages are."""
    emails = [person.email for person in site.people()]
    assert {driver[0].email, admin.email} <= {*emails}
    assert len({*emails}) == len(emails)
    in_twos = [person.email for person in site.people(query="limit=2")]
    assert sorted(in_twos) == sorted(emails)


def test_a_user_is_made_and_edited(site: AdminSite, server: ServerProcess) -> None:
    """The page keeps what the answer to an edit says."""
    new = Somebody()
    body = {**new.credentials, "name": "Ida", "family_name": "Berg"}
    assert site.create(body) == ""
    listed = next(person for person in site.people() if person.email == new.email)
    shown = site.user(listed.username)
    assert (shown["username"], shown["userId"]) == (new.email, listed.username)
    edited = site.edit(listed.username, name="Åsa")
    assert edited == evolve(listed, name="Åsa")
    assert site.user(listed.username)["firstName"] == "Åsa"
    refused = site.edit_by_mistake(listed.username, "Åsa")
    assert refused == "InvalidParameterException"
    assert site.user(listed.username)["username"] == new.email


def test_why_a_user_is_not_made(site: AdminSite) -> None:
    """The page has a text for each of three codes."""
    person = Somebody()
    assert site.create(person.credentials) == ""
    assert site.create(person.credentials) == "UsernameExistsException"
    weak = Somebody(password="short")
    assert site.create(weak.credentials) == "InvalidPasswordException"
    nowhere = {"username": "nowhere", "password": person.password}
    assert site.create(nowhere) == "InvalidParameterException"


def test_a_user_is_disabled_reset_and_deleted(
    site: AdminSite, driver: tuple[Somebody, Android], server: ServerProcess
) -> None:
    """Each at once, for the driver's app as well."""
    person, app = driver
    user = f"/admin/users/{app.user_id}"
    site.do("PUT", f"{user}/disable")
    assert not app.sign_in(person)
    assert {p.username for p in site.people() if not p.is_enabled} >= {app.user_id}
    site.do("PUT", f"{user}/enable")
    assert app.sign_in(person)
    site.do("POST", f"/admin/reset-user-password/{person.email}")
    assert not app.sign_in(person)
    code = person.next_code(server)
    assert app.confirm_forgotten(person.email, code, OTHER_PASSWORD)
    site.do("DELETE", user)
    assert not app.sign_in(evolve(person, password=OTHER_PASSWORD))
    assert app.user_id not in {p.username for p in site.people()}


def test_chargers(site: AdminSite) -> None:
    """Made `Available`, refused twice, changed, deleted."""
    serial_number = f"gui{next(_numbers)}"
    made = site.add_charger(serial_number, 1)
    assert (made["serialNumber"], made["status"]) == (serial_number, "Available")
    assert site.add_charger(serial_number, 1) == "taken"
    assert made in site.chargers("/available")
    saved = site.save_charger(made, "Faulted")
    assert saved == {**made, "status": "Faulted"}
    assert saved in site.chargers()
    assert saved not in site.chargers("/available")
    site.delete(f"/chargers/{made['connectorID']}")
    assert serial_number not in {each["serialNumber"] for each in site.chargers()}


def test_sites(site: AdminSite) -> None:
    """Made without an address, refused twice, changed into one object, deleted."""
    name = f"Site {next(_numbers)}"
    made = site.add_site(name)
    assert (made["name"], made["klarnaReservationAmount"]) == (name, 50000)
    assert site.add_site(name) == "taken"
    saved = site.save_site(made["chargePointID"], f"{name}, new")
    assert (saved["name"], saved["location"]) == (f"{name}, new", [58.0, 15.0])
    assert saved["chargePointID"] == made["chargePointID"]
    assert site.save_site(made["chargePointID"], "Coop, Forserum") == "taken"
    assert f"{name}, new" in {each["name"] for each in site.sites()}
    site.delete(f"/chargePoints/{made['chargePointID']}")
    assert f"{name}, new" not in {each["name"] for each in site.sites()}


@pytest.fixture
def session(server: ServerProcess, driver: tuple[Somebody, Android]) -> int:
    """The number of a charge that the driver has done, of 10 kWh."""
    _, app = driver
    with powered(server.ws, SERIAL) as charger:
        session, _ = app.create_session(CHARGER)
        app.start(session)
        charger.meter(percent=50, charged_wh=10_000)
        app.stop(session)
    return session


def test_a_drivers_charges(
    site: AdminSite, driver: tuple[Somebody, Android], session: int
) -> None:
    """They are rows of the old kind, but of what was charged."""
    (charge,) = site.charges_of(driver[1].user_id)
    assert (charge["transactionID"], charge["connectorID"]) == (session, CHARGER)
    assert charge["kwhTransfered"] == 10


@pytest.mark.usefixtures("session")
def test_bills(site: AdminSite, driver: tuple[Somebody, Android]) -> None:
    """A driver's is found on all ways that lead to it, and opens in a tab."""
    person, app = driver
    (bill,) = site.search(person.email)
    assert site.search(app.user_id) == [bill]
    assert (bill.email, bill.total > 0) == (person.email, True)
    year, _, month = bill.month.partition("-")
    assert bill in site.invoices()
    assert bill in site.invoices(year=year, month=month)
    assert bill not in site.invoices(year="2022", month="01")
    paid, owed = site.invoices(status="PAID"), site.invoices(status="NOT-PAID")
    assert (bill in paid) != (bill in owed)

    opened = site.axios.browser.open_tab(urlsplit(bill.url).path).expect(200)
    assert opened.body.startswith(b"%PDF-")


def test_a_search_that_finds_nothing(site: AdminSite) -> None:
    """It is an empty list, as the page shows it."""
    assert site.search("nobody@flexicharge.example") == []
