"""What the original got wrong (contract §5.3), and the tests that hold each off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clients.admin_site import AdminSite
from tests.clients.android import Android, signed_in
from tests.clients.charger import FieldedCharger, powered
from tests.clients.people import Somebody
from tests.clients.wire import Answer, bearer
from tests.integration.server import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = 999_999
NO_CONVERSATION = "Could not found a previous conversation with this unique id."
# Access keys of AWS, names at Klarna, and private keys with something in them.
CREDENTIAL = re.compile(
    rb"\bAKIA[0-9A-Z]{16}\b|\bP?K\d{4,}_[0-9a-f]{12}\b"
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"
)
SHIPPED = ("*.md", "*.yml", ".env.example", "Dockerfile", "*/**/*.*")
CLIENTS = "tests/clients/"
HERE = f"{CLIENTS}test_defects.py::"
SEQUENCES = "tests/town/test_sequences.py::"
CORE = "tests/town/test_actor_core.py::"
SESSIONS = "tests/town/test_sessions.py::"
HARD = "tests/town/test_hard_cases.py::"
DRIVERS = "tests/town/test_drivers.py::"

HELD_OFF: dict[str, tuple[str, ...]] = {
    "Reserving a real charger, or deleting an account, ends the process": (
        f"{CLIENTS}test_android.py::test_a_charge_to_its_receipt",
        f"{HERE}test_whoever_leaves_takes_nothing_along",
    ),
    "An hour without a tariff breaks the price": (
        f"{SESSIONS}test_a_missing_hour_costs_the_fallback_and_says_so",
    ),
    "A silent or lost charger leaves requests waiting for ever": (
        f"{CORE}test_a_charger_that_never_answers_a_start",
        f"{SEQUENCES}test_disconnect_with_a_command_pending",
        "tests/town/test_old_apps.py::test_a_silent_charger_is_unavailable",
    ),
    "A second request at one charger overwrites the first, which waits for ever": (
        f"{HARD}test_two_starts_at_once_ask_the_charger_once",
        f"{CORE}test_commands_wait_their_turn",
        f"{HERE}test_whoever_asks_at_once_is_answered",
    ),
    "A result that nobody waits for raises": (
        "tests/actors/test_calls.py::test_a_stray_result_is_nobodys",
        f"{HERE}test_a_stray_result_is_told_and_forgotten",
    ),
    "Any disconnect deafens those who connected later": (
        f"{HERE}test_those_who_connected_later_stay_when_one_goes",
    ),
    "Of two sockets of one charger, one that closes deafens the other": (
        f"{CORE}test_a_returning_charger_is_not_refused_for_a_dead_socket",
        f"{HARD}test_of_two_that_return_at_once_one_stays",
    ),
    "A stop by the charger is refused; nothing is ever billed": (
        f"{SEQUENCES}test_car_unplugged",
        f"{CLIENTS}test_android.py::test_a_charge_that_the_car_ends",
    ),
    "A restart forgets whose session is whose": (
        f"{CORE}test_a_session_outlives_the_server",
        "tests/integration/test_main_job.py::test_one_charge_from_sign_up_to_receipt",
    ),
    "What belongs to a session that never stops stays in memory": (
        f"{SEQUENCES}test_disconnect_without_return",
        "tests/actors/test_sessions.py::test_what_is_over_is_remembered_within_bounds",
    ),
    "The status of a charger that is gone sticks": (
        f"{SEQUENCES}test_disconnect",
        f"{SESSIONS}test_an_abandoned_reservation_frees_itself",
    ),
    "Seconds in date columns: everything is of 1970": (
        f"{HERE}test_a_charge_is_of_today",
    ),
    "The seed's inserts race each other": (
        "tests/integration/test_seed.py::test_demo_network_has_the_contracts_numbers",
    ),
    "What an update returned is taken for rows": (
        f"{CLIENTS}test_admin_site.py::test_chargers",
        f"{CLIENTS}test_admin_site.py::test_sites",
    ),
    "A failure comes out as a success with nulls": (
        f"{HERE}test_what_is_unknown_is_not_there",
        "tests/rest/test_door.py::test_what_nobody_foresaw_is_a_bare_500",
    ),
    "A new charger is Reserved, which hides it": (
        f"{CLIENTS}test_admin_site.py::test_chargers",
    ),
    "Anybody reads, starts, stops and lists anybody's charges": (
        f"{HERE}test_a_charge_is_nobody_elses",
    ),
    "Nobody needs a token on the old routes": (
        f"{HERE}test_nobody_charges_without_a_token",
        "tests/town/test_guests.py::test_guests_do_not_see_what_people_do",
    ),
    "Anybody deletes chargers": (f"{HERE}test_a_driver_is_no_operator",),
    "Live metrics are anybody's; a serial number is all that a charger needs": (
        f"{DRIVERS}test_without_the_right_token_there_is_no_socket",
        f"{DRIVERS}test_passwords_can_be_demanded",
        f"{CORE}test_a_password_outranks_a_serial_number",
    ),
    "The self tests are public, and write to the network": (
        f"{HERE}test_a_driver_is_no_operator",
        "tests/selftests/test_runs.py::test_nothing_shows_at_any_moment",
    ),
    "Invoices are public": (f"{HERE}test_a_bill_is_nobody_elses",),
    "Errors of AWS are passed on as they are": (
        "tests/rest/test_admin.py::test_each_provider_is_refused_by_in_one_form",
    ),
    "Secrets stand in the log": (
        f"{DRIVERS}test_no_token_reaches_the_log",
        f"{HERE}test_no_secret_of_a_charge_reaches_the_log",
    ),
    "Credentials are in the repository": (f"{HERE}test_no_credentials_are_here",),
    "Charger 100000 and transaction 9999 are made of random numbers": (
        f"{CLIENTS}test_android.py::test_the_charger_that_testers_are_told_of",
        f"{CLIENTS}test_flutter.py::test_whose_charge_9999_is",
    ),
    "/transactions is made up": (
        f"{CLIENTS}test_android_2022.py::test_a_charge_that_is_watched",
    ),
    "Invoices are made up": (f"{CLIENTS}test_admin_site.py::test_bills",),
    "Prices of sites are made up": (
        f"{SESSIONS}test_the_price_is_the_one_that_was_advertised",
    ),
}


@pytest.mark.parametrize("defect", HELD_OFF)
def test_every_defect_is_held_off(defect: str) -> None:
    """The tests that say so are there."""
    for test in HELD_OFF[defect]:
        path, _, name = test.partition("::")
        assert re.search(rf"def {name}\b", (ROOT / path).read_text()), test


@pytest.fixture
def driver(server: ServerProcess) -> Android:
    """The app of a driver who has signed in."""
    return signed_in(server, Somebody())


@pytest.fixture
def stranger(server: ServerProcess) -> Android:
    """The app of another driver."""
    return signed_in(server, Somebody())


@pytest.fixture
def charger(server: ServerProcess) -> Iterator[FieldedCharger]:
    """Charger 100001."""
    with powered(server.ws, "abc111") as charger:
        yield charger


def test_whoever_leaves_takes_nothing_along(
    server: ServerProcess, driver: Android, stranger: Android
) -> None:
    """The account is gone, the server and everybody else are not."""
    path = "/auth/delete-user"
    driver.wire.send("POST", path, None, bearer(driver.token)).expect_success()
    _ask(driver, "GET", "/auth/user-information").expect(401)
    stranger.profile()
    assert server.ask("GET", "/readyz")[0] == 200


def test_those_who_connected_later_stay_when_one_goes(
    server: ServerProcess, driver: Android
) -> None:
    """The first of three goes, and both others still take orders."""
    with ExitStack() as later:
        with powered(server.ws, "abc111"):
            for serial_number in ("abc112", "abc113"):
                later.enter_context(powered(server.ws, serial_number))
        for number in (100002, 100003):
            session, _ = driver.create_session(number)
            assert driver.start(session).connector == number
            assert driver.charger(number).status == "Charging"
            driver.stop(session)


def test_whoever_asks_at_once_is_answered(
    driver: Android, charger: FieldedCharger
) -> None:
    """Four stops of one charge are four times the same receipt."""
    session, _ = driver.create_session(100001)
    driver.start(session)
    charger.meter(percent=10, charged_wh=1000)
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(driver.stop, [session] * 4))
    assert {receipt.kwh for receipt in receipts} == {1.0}
    assert driver.stop(session) in receipts


def test_a_stray_result_is_told_and_forgotten(
    driver: Android, charger: FieldedCharger
) -> None:
    """The charger's next frames are heard as ever."""
    complaint = charger.answer_nobody("ReserveNow")
    assert complaint == [4, "nobodys", "GenericError", NO_CONVERSATION, {}]
    session, _ = driver.create_session(100001)
    assert driver.start(session).connector == 100001
    driver.stop(session)


def test_a_charge_is_of_today(driver: Android, charger: FieldedCharger) -> None:
    """Its times are of now, in seconds and as a date."""
    before = datetime.now(UTC)
    session, _ = driver.create_session(100001)
    driver.start(session)
    receipt = driver.stop(session)
    assert receipt.started_at is not None
    assert receipt.ended_at is not None
    assert int(before.timestamp()) <= receipt.started_at <= receipt.ended_at
    (row,) = driver.history()
    days = {f"{before:%Y-%m-%d}", f"{datetime.now(UTC):%Y-%m-%d}"}
    assert row.text("transactionDate") in days


def test_what_is_unknown_is_not_there(driver: Android) -> None:
    """It is 404 and nothing else, however it is asked for."""
    for method, path in _ways_to(UNKNOWN):
        answer = _ask(driver, method, path)
        assert (answer.status, answer.body) == (404, b"")


def test_a_charge_is_nobody_elses(
    driver: Android, stranger: Android, charger: FieldedCharger
) -> None:
    """To a stranger it is as unknown as one that never was."""
    session, _ = driver.create_session(100001)
    driver.start(session)
    for method, path in _ways_to(session):
        answer = _ask(stranger, method, path)
        assert (answer.status, answer.body) == (404, b"")
    whose = f"/transaction/userTransactions/{driver.user_id}"
    _ask(stranger, "GET", whose).expect(403)
    _ask(stranger, "GET", "/transaction/chargerTransactions/100001").expect(404)
    assert charger.is_charging
    driver.stop(session)


def test_nobody_charges_without_a_token(driver: Android) -> None:
    """The routes of 2022 ask for one as well, where no operator has opened them."""
    for method, path in (
        ("PUT", "/reservations/100001"),
        ("POST", "/reservations"),
        ("POST", "/transactions"),
        ("POST", "/transactions/session"),
        ("GET", "/transactions/3"),
        ("GET", "/transactions/userTransactions/1"),
        ("PUT", "/transactions/start/3"),
        ("PUT", "/transactions/stop/3"),
    ):
        driver.wire.send(method, path).expect(401)


def test_a_driver_is_no_operator(driver: Android) -> None:
    """Whatever an operator may is refused, with a token and without."""
    for method, path in (
        ("DELETE", "/chargers/100005"),
        ("PUT", "/chargers/100005"),
        ("POST", "/chargers"),
        ("DELETE", "/chargePoints/1"),
        ("GET", "/admin/users"),
        ("GET", "/tests/ocpp"),
        ("GET", "/invoices/users"),
    ):
        _ask(driver, method, path).expect(401, 403)
        driver.wire.send(method, path).expect(401)


def test_a_bill_is_nobody_elses(
    server: ServerProcess,
    admin: Somebody,
    driver: Android,
    stranger: Android,
    charger: FieldedCharger,
) -> None:
    """Its number opens it to its owner; the link, which is a secret, to who has it."""
    session, _ = driver.create_session(100001)
    driver.start(session)
    charger.meter(percent=10, charged_wh=1000)
    driver.stop(session)
    office = AdminSite.on(server.ports[0])
    assert office.sign_in(admin) == ""
    (bill,) = office.search(driver.user_id)
    path = f"/invoices/{bill.number}"
    assert _ask(driver, "GET", path).expect(200).body.startswith(b"%PDF-")
    assert not _ask(stranger, "GET", path).is_success
    assert not driver.wire.send("GET", path).is_success


def test_no_secret_of_a_charge_reaches_the_log(
    server: ServerProcess, driver: Android, charger: FieldedCharger
) -> None:
    """Neither the driver's token nor what Klarna gave the app."""
    session, _ = driver.create_session(100001)
    word = "klarna-said-a-secret-word"
    path = f"/transaction/start/{session}"
    body = {"authorization_token": word}
    driver.wire.send_json("PUT", path, body, driver.token).expect(200)
    driver.stop(session)
    newcomer = Somebody()
    driver.register(newcomer)
    server.read_until(newcomer.email)
    said = "".join(server.said)
    assert word not in said
    assert driver.token not in said


def test_no_credentials_are_here() -> None:
    """No file of the project looks as if it had somebody's keys in it."""
    assert CREDENTIAL.search(b"AKIA" + b"0" * 16)
    files = {path for pattern in SHIPPED for path in ROOT.glob(pattern)}
    own = [path for path in files if path.is_file() and not _is_made(path)]
    assert len(own) > 100
    assert [path for path in own if CREDENTIAL.search(path.read_bytes())] == []


def _is_made(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return "__pycache__" in parts or parts[0].startswith(".")


def _ask(app: Android, method: str, path: str) -> Answer:
    return app.wire.send(method, path, None, bearer(app.token))


def _ways_to(session: int) -> tuple[tuple[str, str], ...]:
    return (
        ("GET", f"/transaction/{session}"),
        ("PUT", f"/transaction/start/{session}"),
        ("PUT", f"/transaction/stop/{session}"),
    )
