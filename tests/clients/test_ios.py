"""The iOS app of 2022, and the Swift code in the Flutter app: no token at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from tests.clients.admin_site import AdminSite
from tests.clients.charger import FieldedCharger, powered
from tests.clients.ios import EMBEDDED_CHARGER, Ios
from tests.clients.people import OTHER_PASSWORD, Somebody, other_code
from tests.integration.server import ServerProcess

CHARGER = 100007
SERIAL = "abc117"
AWAY = 100005


@pytest.fixture
def app(old_server: ServerProcess) -> Ios:
    """The app."""
    return Ios.calling(old_server.ports[0])


@pytest.fixture
def charger(old_server: ServerProcess) -> Iterator[FieldedCharger]:
    """A charger with its available screen on."""
    with powered(old_server.ws, SERIAL) as charger:
        yield charger


def test_signing_up(app: Ios, old_server: ServerProcess) -> None:
    """What is left of a password's refusal says what the password lacks."""
    driver = Somebody()
    shown = app.sign_up(evolve(driver, password="short"))
    assert shown.startswith("Password ")
    assert app.sign_up(driver) == ""
    assert not app.sign_in(driver)
    code = driver.next_code(old_server)
    assert app.verify(driver.email, other_code(code)) != ""
    assert app.verify(driver.email, code) == ""
    assert app.sign_up(driver) != ""
    assert not app.sign_in(evolve(driver, password=OTHER_PASSWORD))
    assert app.sign_in(driver)


def test_a_forgotten_password(app: Ios, old_server: ServerProcess) -> None:
    """It looks at the status only."""
    driver = Somebody()
    app.sign_up(driver)
    app.verify(driver.email, driver.next_code(old_server))
    assert app.forget(driver.email) == 200
    code = driver.next_code(old_server)
    assert app.confirm_forgotten(driver.email, code, OTHER_PASSWORD) == 200
    assert app.sign_in(evolve(driver, password=OTHER_PASSWORD))


def test_the_map(app: Ios) -> None:
    """No key is missing, each site's price is text, each charger stands at a site."""
    sites, chargers = app.charge_points(), app.chargers()
    assert {*range(100000, 100010)} <= {*chargers}
    for charger in chargers.values():
        assert charger.site in sites
    assert all(float(site.price) > 0 for site in sites.values())
    assert all(site.reservation_amount > 0 for site in sites.values())


def test_a_charge(app: Ios, charger: FieldedCharger) -> None:
    """Its way to stop is refused, and the charge goes on until the car ends it."""
    assert app.begin(CHARGER) == "Accepted"
    assert app.chargers()[CHARGER].status == "Reserved"
    transaction = app.open_klarna(str(CHARGER))
    app.start(transaction)
    assert charger.is_charging
    assert app.chargers()[CHARGER].status == "Charging"
    assert app.stop(CHARGER).status == 401
    assert charger.is_charging
    assert app.chargers()[CHARGER].status == "Charging"
    charger.meter(percent=90, charged_wh=2000)
    charger.unplug()
    assert app.chargers()[CHARGER].status == "Available"


def test_a_second_charge_at_the_same_charger(app: Ios, charger: FieldedCharger) -> None:
    """A charger that keeps its first reservation for ever accepts the next one too."""
    for _ in range(2):
        assert app.begin(CHARGER) == "Accepted"
        app.start(app.open_klarna(str(CHARGER)))
        charger.unplug()


def test_a_charger_that_is_away(app: Ios) -> None:
    """That is no 201, whose body the app would take for the charger's word."""
    answer = app.wire.send_json("PUT", f"/reservations/{AWAY}", {})
    assert (answer.status, answer.in_utf8()) == (404, '"InvalidId"')


def test_the_swift_code_in_the_flutter_app(
    app: Ios, old_server: ServerProcess, old_admin: Somebody
) -> None:
    """It knows one charger only, the first that an operator adds to the network."""
    office = AdminSite.on(old_server.ports[0])
    assert office.sign_in(old_admin) == ""
    made = office.add_charger("xplatform", 1)
    assert made["connectorID"] == int(EMBEDDED_CHARGER)
    with powered(old_server.ws, "xplatform") as charger:
        transaction = app.open_klarna(EMBEDDED_CHARGER)
        app.start_or_not(transaction, str(transaction))
        assert charger.is_charging
        charger.unplug()
