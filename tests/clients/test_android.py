"""The Android app of 2023: from registering to the receipt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from tests.clients.android import PROFILE, STATUSES, Android, LoginScreen, signed_in
from tests.clients.charger import FieldedCharger, powered
from tests.clients.people import OTHER_PASSWORD, Somebody, other_code
from tests.integration.server import ServerProcess

CHARGER = 100007
SERIAL = "abc117"
AWAY = 100005


@pytest.fixture
def driver() -> Somebody:
    """A driver."""
    return Somebody()


@pytest.fixture
def app(server: ServerProcess, driver: Somebody) -> Android:
    """The app of a driver who has registered and signed in."""
    return signed_in(server, driver)


@pytest.fixture
def charger(server: ServerProcess) -> Iterator[FieldedCharger]:
    """A charger with its available screen on."""
    with powered(server.ws, SERIAL) as charger:
        yield charger


def test_registering(server: ServerProcess) -> None:
    """Before the code nobody gets in, nor with a wrong password: 400 both times."""
    app, driver = Android.calling(server.ports[0]), Somebody()
    app.register(driver)
    assert not app.sign_in(driver)
    app.verify(driver.email, driver.next_code(server))
    assert not app.sign_in(evolve(driver, password=OTHER_PASSWORD))
    assert app.sign_in(driver)


def test_a_profile_with_gaps(app: Android) -> None:
    """A new driver's keys are empty texts; empty texts can be saved over others."""
    assert app.profile() == dict.fromkeys(PROFILE, "")
    app.save_profile(firstName="Åsa", city="Jönköping", phoneNumber="+46701234567")
    assert app.profile()["city"] == "Jönköping"
    app.save_profile(firstName="Åsa")
    assert app.profile() == {**dict.fromkeys(PROFILE, ""), "firstName": "Åsa"}


def test_a_forgotten_password(
    app: Android, driver: Somebody, server: ServerProcess
) -> None:
    """A wrong code is a 400, the right one opens the account with the new password."""
    app.forget(driver.email)
    code = driver.next_code(server)
    wrong = other_code(code)
    assert not app.confirm_forgotten(driver.email, wrong, OTHER_PASSWORD)
    assert app.confirm_forgotten(driver.email, code, OTHER_PASSWORD)
    assert not app.sign_in(driver)
    assert app.sign_in(evolve(driver, password=OTHER_PASSWORD))


def test_the_map(app: Android) -> None:
    """Every charger stands at a site that is listed, and says a word that it knows."""
    sites = app.charge_points()
    chargers = {charger.number: charger for charger in app.chargers()}
    assert {*range(100000, 100010)} <= {*chargers}
    for charger in chargers.values():
        assert charger.site in sites
        assert len(charger.location) == 2
        assert charger.status in STATUSES
    assert sites[chargers[CHARGER].site][0] == "Airport Parking, Jönköping"
    assert chargers[CHARGER].serial_number == SERIAL


def test_a_charge_to_its_receipt(app: Android, charger: FieldedCharger) -> None:
    """Reserve, look, start, poll, stop, stop again, look again."""
    assert app.charger(CHARGER).status == "Available"
    session, reserved = app.create_session(CHARGER)
    assert (reserved.connector, reserved.ended_at) == (CHARGER, None)
    assert app.charger(CHARGER).status == "Reserved"

    started = app.start(session)
    assert started.started_at is not None
    assert app.charger(CHARGER).status == "Charging"
    charger.meter(percent=36, charged_wh=700)
    polled = app.poll(session)
    assert (polled.number, polled.percent, polled.kwh) == (session, 36, 0.7)
    assert polled.ended_at is None

    stopped = app.stop(session)
    assert (stopped.kwh, stopped.percent, stopped.discount) == (0.7, 36, "0")
    assert stopped.price_ore is not None
    assert stopped.price_ore > 0
    assert app.stop(session) == stopped
    assert app.poll(session) == stopped
    assert app.charger(CHARGER).status == "Available"
    assert [row.integer("transactionID") for row in app.history()] == [session]


def test_a_charge_that_the_car_ends(app: Android, charger: FieldedCharger) -> None:
    """It polls an end, stops what is over already, and gets the receipt for it."""
    session, _ = app.create_session(CHARGER)
    app.start(session)
    charger.meter(percent=80, charged_wh=1500)
    charger.unplug()
    polled = app.poll(session)
    assert polled.ended_at is not None
    stopped = app.stop(session)
    assert (stopped.kwh, stopped.percent) == (1.5, 80)
    assert stopped == app.poll(session)
    assert app.charger(CHARGER).status == "Available"


def test_a_reservation_that_is_given_up(app: Android, charger: FieldedCharger) -> None:
    """Stopping what never started has both times too, and costs nothing."""
    session, _ = app.create_session(CHARGER)
    stopped = app.stop(session)
    assert stopped.started_at == stopped.ended_at
    assert (stopped.price_ore, stopped.kwh) == (0, 0)


def test_a_second_try_is_the_same_charge(app: Android, charger: FieldedCharger) -> None:
    """Who gave up waiting for the answer asks again and gets the same number."""
    session, _ = app.create_session(CHARGER)
    assert app.create_session(CHARGER)[0] == session
    app.stop(session)


def test_the_charger_that_testers_are_told_of(app: Android, demo_charger: int) -> None:
    """100000 charges for real, without anybody connecting it."""
    session, _ = app.create_session(demo_charger)
    started = app.start(session)
    assert (started.connector, started.ended_at) == (demo_charger, None)
    assert app.poll(session).connector == demo_charger
    stopped = app.stop(session)
    assert app.stop(session) == stopped


def test_a_charger_that_is_away(app: Android) -> None:
    """It is refused at once, and that is no 2xx."""
    answer = app.ask_for(AWAY)
    assert (answer.status, answer.in_utf8()) == (400, '["couldNotReserveCharger"]')


def test_a_token_of_no_use(app: Android) -> None:
    """It leads to the login screen."""
    app.token = f"{app.token[:-8]}AAAAAAAA"
    with pytest.raises(LoginScreen):
        app.create_session(CHARGER)
