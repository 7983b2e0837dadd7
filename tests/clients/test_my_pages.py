"""The drivers' site: from signing up to the bill."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.clients.android import PROFILE
from tests.clients.my_pages import MyPages
from tests.clients.people import OTHER_PASSWORD, PASSWORD, Somebody, other_code
from tests.integration.server import ServerProcess


@pytest.fixture
def driver() -> Somebody:
    """A driver."""
    return Somebody()


@pytest.fixture
def site(server: ServerProcess, driver: Somebody) -> MyPages:
    """The site of a driver who has signed in."""
    site = MyPages.on(server.ports[0])
    assert site.sign_up(driver) == ""
    assert site.verify(driver.email, driver.next_code(server)) == ""
    assert site.sign_in(driver) == ""
    return site


def test_signing_up(server: ServerProcess) -> None:
    """Every refusal is a message."""
    site, driver = MyPages.on(server.ports[0]), Somebody()
    assert "Password did not conform" in site.sign_up(evolve(driver, password="short"))
    assert site.sign_up(driver) == ""
    code = driver.next_code(server)
    assert site.sign_in(driver) != ""
    assert site.verify(driver.email, other_code(code)) != ""
    assert site.verify(driver.email, code) == ""
    assert site.sign_up(driver) != ""
    assert site.sign_in(evolve(driver, password=OTHER_PASSWORD)) != ""
    assert site.sign_in(driver) == ""
    assert site.kept["email"] == driver.email


def test_who_the_driver_is(site: MyPages, driver: Somebody) -> None:
    """All keys are there from the first day, and come back as they were saved."""
    empty = {"username": driver.email, **dict.fromkeys(PROFILE, "")}
    assert site.profile() == empty
    told = {"firstName": "Åsa", "lastName": "Öberg", "phoneNumber": "+46701234567"}
    address = {"streetAddress": "Gjuterigatan 5", "zipCode": "553 18"}
    site.save_profile(**told, **address, city="Jönköping", country="Sverige")
    assert site.profile() == {
        **empty,
        **told,
        **address,
        "city": "Jönköping",
        "country": "Sverige",
    }


def test_a_new_password(site: MyPages, driver: Somebody) -> None:
    """The previous one must be right; who changed it stays signed in."""
    assert site.change_password(OTHER_PASSWORD, OTHER_PASSWORD) != ""
    assert "Password did not conform" in site.change_password(PASSWORD, "short")
    assert site.change_password(PASSWORD, OTHER_PASSWORD) == ""
    assert site.profile()["username"] == driver.email
    assert site.sign_in(driver) != ""
    assert site.sign_in(evolve(driver, password=OTHER_PASSWORD)) == ""


def test_a_forgotten_password(
    site: MyPages, driver: Somebody, server: ServerProcess
) -> None:
    """The code that was mailed sets a new one."""
    assert site.forget(driver.email) == ""
    code = driver.next_code(server)
    assert site.confirm_forgotten(driver.email, other_code(code), OTHER_PASSWORD) != ""
    assert site.confirm_forgotten(driver.email, code, OTHER_PASSWORD) == ""
    assert site.sign_in(evolve(driver, password=OTHER_PASSWORD)) == ""


def test_a_bill_in_a_tab(site: MyPages) -> None:
    """It is a PDF that the browser shows, without a token."""
    shown = site.open_invoice().expect(200)
    assert shown.headers.get_content_type() == "application/pdf"
    assert shown.body.startswith(b"%PDF-")
