"""The Flutter app of 2023: every number an `int`, and 9999 its only charge to stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from tests.clients.charger import FieldedCharger, powered
from tests.clients.flutter import Flutter
from tests.clients.people import OTHER_PASSWORD, Somebody, other_code
from tests.integration.server import ServerProcess

CHARGER = 100006
SERIAL = "abc116"


@pytest.fixture
def driver() -> Somebody:
    """A driver."""
    return Somebody()


@pytest.fixture
def app(server: ServerProcess, driver: Somebody) -> Flutter:
    """The app of a driver who has signed in, with the map loaded."""
    app = Flutter.calling(server.ports[0])
    assert app.sign_up(driver) == ""
    assert app.verify(driver.email, driver.next_code(server)) == ""
    assert app.sign_in(driver) == ""
    app.load_map()
    return app


@pytest.fixture
def charger(server: ServerProcess) -> Iterator[FieldedCharger]:
    """A charger with its available screen on."""
    with powered(server.ws, SERIAL) as charger:
        yield charger


def test_signing_up(server: ServerProcess) -> None:
    """Whatever is refused is refused with a message that can be shown."""
    app, driver = Flutter.calling(server.ports[0]), Somebody()
    assert "Password did not conform" in app.sign_up(evolve(driver, password="short"))
    assert app.sign_up(driver) == ""
    code = driver.next_code(server)
    assert app.verify(driver.email, other_code(code)) != ""
    assert app.sign_in(driver) != ""
    assert app.verify(driver.email, code) == ""
    assert app.sign_up(driver) != ""
    assert app.sign_in(evolve(driver, password=OTHER_PASSWORD)) != ""
    assert app.sign_in(driver) == ""


def test_a_forgotten_password(
    app: Flutter, driver: Somebody, server: ServerProcess
) -> None:
    """The code that was mailed sets a new one."""
    assert app.forget(driver.email) == ""
    code = driver.next_code(server)
    assert app.confirm_forgotten(driver.email, code, "short") != ""
    assert app.confirm_forgotten(driver.email, code, OTHER_PASSWORD) == ""
    assert app.sign_in(evolve(driver, password=OTHER_PASSWORD)) == ""


def test_the_map(app: Flutter) -> None:
    """No value of a charger or of its site is null, and a price is an `int`."""
    sites = app.load_map()
    assert {*range(100000, 100010)} <= {*app.chargers}
    assert sites[app.chargers[CHARGER].site].address == "Jönköpingsvägen 2"
    assert all(site.price > 0 for site in sites.values())
    one = app.charger(CHARGER)
    assert one == evolve(app.chargers[CHARGER], status=one.status)


def test_a_charge_at_the_demo_charger(app: Flutter, demo_charger: int) -> None:
    """Pay, start, look, stop 9999: it is the driver's own charge that stops."""
    session = app.create_payment(demo_charger)
    started = app.start(session)
    assert (started.number, started.user_id) == (session, app.user_id)
    assert app.look(session).number == session
    stopped = app.stop()
    assert (stopped.number, stopped.connector) == (session, demo_charger)
    assert app.receipt(session) == stopped
    assert [charge.number for charge in app.history()] == [session]


def test_a_charge_of_some_energy(app: Flutter, charger: FieldedCharger) -> None:
    """1500 Wh are 2 kWh to it, before the end and after."""
    session = app.create_payment(CHARGER)
    app.start(session)
    charger.meter(percent=41, charged_wh=1500)
    looked = app.look(session)
    assert (looked.kwh, looked.percent) == (2, 41)
    assert looked.price_per_kwh > 0
    stopped = app.stop()
    assert (stopped.number, stopped.kwh, stopped.discount) == (session, 2, 0)
    assert stopped.price > 0
    assert app.history() == [app.receipt(session)] == [stopped]


def test_whose_charge_9999_is(
    app: Flutter, server: ServerProcess, charger: FieldedCharger
) -> None:
    """Another driver's 9999 stops nothing of this one's."""
    other, stranger = Flutter.calling(server.ports[0]), Somebody()
    other.sign_up(stranger)
    other.verify(stranger.email, stranger.next_code(server))
    other.sign_in(stranger)
    session = app.create_payment(CHARGER)
    app.start(session)
    headers = {"Authorization": f"Bearer {other.token}"}
    assert other.wire.send("PUT", "/transaction/stop/9999", None, headers).status == 404
    assert app.look(session).number == session
    app.stop()


def test_a_charger_is_not_freed_without_a_token(app: Flutter) -> None:
    """It tries, is refused, and does not mind."""
    assert app.free_charger_without_token(CHARGER).status == 401
