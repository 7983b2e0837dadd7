"""A run of the self tests on a server that is as it should be, and how runs end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import define
from twisted.internet.task import Clock, deferLater
from twisted.logger import LogEvent, formatEvent, globalLogPublisher
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.config import read_settings
from flexicharge.errors import DatabaseAway, Stopping
from flexicharge.interfaces import IRemains, ISelfTests, ISelfTestStore
from flexicharge.model.account import ADMINS
from flexicharge.model.site import SELF_TEST_CONNECTOR, Connector
from flexicharge.model.status import ConnectorStatus
from flexicharge.model.tariff import HourPrice
from flexicharge.selftests.runs import SelfTests
from flexicharge.storage.memory import MemorySelfTests, MemoryWorld
from flexicharge.testing.charge import Charge
from flexicharge.testing.deferreds import fire
from flexicharge.testing.town import Town
from tests.selftests.exam import NAMES, Exam, leftovers
from tests.selftests.test_broken import deaf_to

ORIGINALS = (
    "BootNotification",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "ChargerMemoryLeak : ChargerTests",
    "MeterValues",
    "UserMemoryLeak",
    "ChargerMemoryLeak : LiveMetricsTests",
)
LISTS = ("/chargers", "/chargers/available", "/chargePoints")


@pytest.fixture
def charge(town: Town) -> Charge:
    """An operator's driver, and charger 100007, booted."""
    return Charge(town)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What is logged during the test."""
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        lines.append(f"{event['log_level'].name} {formatEvent(event)}")

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def lists(town: Town) -> list[bytes]:
    """Return what everybody sees, byte for byte."""
    return [town.http.get(path).body for path in LISTS]


def test_a_good_server_passes(exam: Exam) -> None:
    """The original's tests come first, by their names, and then ours; in no time."""
    report = exam.run()
    assert report.failed == ()
    assert report.successful == NAMES
    assert report.successful[: len(ORIGINALS)] == ORIGINALS
    assert exam.took_s < 2


def test_seams_provide_what_they_declare(exam: Exam) -> None:
    """Every method is there, with its signature."""
    verifyObject(ISelfTests, exam.own)
    verifyObject(IRemains, exam.seams.remains)


def test_nothing_shows_at_any_moment(exam: Exam) -> None:
    """The lists are the same bytes before, all through, and after; no row is left."""
    town, world = exam.town, exam.town.world
    before, people = lists(town), dict(world.accounts)
    next_number = world.network.next_connector_number
    running = fire(exam.own.run())
    looked = 0
    while not running.called:
        assert lists(town) == before
        town.lines.pass_time(0.125)
        looked += 1
    assert looked > 3
    assert lists(town) == before
    assert (world.accounts, leftovers(world)) == (people, [])
    assert world.network.next_connector_number == next_number
    assert not world.books.ledger


@pytest.mark.parametrize("before_s", [0.75, 0.5, 0.25, 0.0])
def test_a_price_may_change_in_the_middle(exam: Exam, before_s: float) -> None:
    """A charge over the full hour costs something between the two hours' prices."""
    first = int(exam.town.clock.seconds())
    hours = [HourPrice(first, Decimal(1)), HourPrice(first + 3600, Decimal(9))]
    exam.town.now(exam.town.stores.tariffs.put_tariffs(hours))
    exam.town.clock.advance(3600 - before_s)
    assert not exam.failed()


def test_passwords_may_be_demanded_of_chargers(clock: Clock) -> None:
    """CHARGER_AUTH=password: the charger of the self tests has one for each run."""
    exam = Exam(Town(clock, settings=read_settings({"CHARGER_AUTH": "password"})))
    assert not exam.failed()


def test_its_charger_opens_to_nobody_else(town: Town) -> None:
    """Whoever reads its serial number in the log cannot pose as it."""
    serial = "selftest-known"
    connector = town.now(town.stores.self_tests.prepare(serial, b"secret", (), 0.0))
    assert not town.plug_in(connector.serial_number).is_open


def test_an_operators_charge_goes_on(charge: Charge) -> None:
    """In the middle of a charge, nothing of it is disturbed."""
    town = charge.town
    watcher = town.watch(charge.caller, charge.token)
    charge.start(meter_start=100)
    running = fire(Exam(town).own.run())
    for wh in range(1, 11):
        frame = charge.charger.meter(wh)
        assert watcher.heard() == [frame]
        town.lines.pass_time(0.125)
    assert running.called
    assert charge.status() == "Charging"
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    call = charge.charger.heard()[-1]
    charge.charger.answer(call, "Accepted")
    charge.charger.stop(110)
    town.flush()
    assert stopped.response().json["energyWh"] == 10
    assert [row.session_id for row in town.world.books.ledger] == [charge.session_id]


def test_an_administrator_does_not_see_its_sessions(exam: Exam) -> None:
    """Numbers in the log lead nowhere."""
    town = exam.town
    caller, token = town.driver()
    town.now(town.stores.accounts.add_to_group(caller.user_id, ADMINS, 0.0))
    running, seen = fire(exam.own.run()), set[int]()
    while not running.called:
        for session in tuple(town.world.sessions.rows.values()):
            path = f"/transaction/{session.session_id}"
            assert town.http.get(path, token=token).status == 404
            mine = f"/transaction/userTransactions/{session.user_id}"
            assert town.http.get(mine, token=token).status == 404
            seen.add(session.session_id)
        town.lines.pass_time(0.125)
    assert seen


def test_a_driver_cannot_reserve_its_charger(exam: Exam) -> None:
    """Nobody who guesses the number gets in the way of a run."""
    town = exam.town
    _, token = town.driver()
    running = fire(exam.own.run())
    body = {"connectorID": SELF_TEST_CONNECTOR, "paymentType": "klarna"}
    answer = town.http.request("POST", "/transaction", json=body, token=token)
    assert (answer.status, answer.json) == (400, ["couldNotReserveCharger"])
    town.lines.pass_time(2)
    assert running.result.failed == ()


def test_two_who_ask_at_once_share_a_run(exam: Exam, log: list[str]) -> None:
    """One that goes away does not end it for the other; the next begins anew."""
    own = exam.own
    first, second, gone = (fire(own.run()) for _ in range(3))
    gone.addErrback(lambda _: None)
    gone.cancel()
    exam.town.lines.pass_time(2)
    assert first.result is second.result
    assert log.count("info OCPP self tests begin") == 1
    exam.outcome(own.run())
    assert log.count("info OCPP self tests begin") == 2


def test_waits_are_stretched(exam: Exam) -> None:
    """OCPP_TEST_INTERVAL_MULTIPLIER: what never comes is waited for so much longer."""
    silent = deaf_to(b'"DataTransfer"')
    exam.replace(make_charger=silent).run()
    usual_s = exam.took_s
    exam.replace(make_charger=silent, stretch=2.0).run()
    assert exam.took_s == pytest.approx(2 * usual_s, rel=0.1)


def test_the_multiplier_is_the_one_that_was_set(clock: Clock) -> None:
    """Both spellings of the contract reach the tests."""
    for name in ("OCPP_TEST_INTERVAL_MULTIPLIER", "OCPP_TEST_INTERVAL"):
        exam = Exam(Town(clock, settings=read_settings({name: "2.5"})))
        assert exam.seams.patience_s == 7.5


def test_a_run_has_an_end(exam: Exam) -> None:
    """When every answer of the database takes longer than that, the rest has failed."""
    running = fire(exam.own.run())
    exam.town.world.faults.slow(40)
    report = exam.outcome(running)
    assert report.successful == ("BootNotification",)  # was over by then
    assert report.failed == NAMES[1:]
    exam.town.world.faults.slow(0)
    exam.town.lines.pass_time(100)
    assert not exam.failed()  # the next run clears away what that one had to leave


def test_a_database_that_goes_away_fails_the_tests(exam: Exam, log: list[str]) -> None:
    """The run ends, says what it left, and the next start deletes that."""
    running = fire(exam.own.run())
    exam.town.world.faults.away = True
    report = exam.outcome(running)
    assert "StartTransaction" in report.failed
    assert any("deleting their rows failed" in line for line in log)
    assert leftovers(exam.town.world)
    exam.town.world.faults.away = False
    exam.town.crash()
    assert leftovers(exam.town.world) == []


def test_without_a_database_there_is_no_run(exam: Exam, log: list[str]) -> None:
    """Whoever asks is told, and may ask again."""
    exam.town.world.faults.away = True
    with pytest.raises(DatabaseAway):
        exam.outcome(exam.own.run())
    assert any("could not be run" in line for line in log)
    exam.town.world.faults.away = False
    assert exam.outcome(exam.own.run()).failed == ()


def test_what_was_made_though_nobody_was_told_is_deleted(exam: Exam) -> None:
    """The rows of a run were committed, and the store's answer was lost."""
    exam.town.world.faults.fail_next("prepare", before_commit=False)
    with pytest.raises(DatabaseAway):
        exam.outcome(exam.own.run())
    assert leftovers(exam.town.world) == []


def test_a_server_that_stops_ends_its_run(exam: Exam) -> None:
    """In the middle of a charge of the run: whoever waits is told, nothing is left."""
    running = fire(exam.own.run())
    exam.town.lines.pass_time(0.25)
    assert exam.town.world.network.self_test_station is not None
    waiting: list[Any] = []
    running.addErrback(waiting.append)
    exam.outcome(exam.town.stop())
    assert waiting[0].check(Stopping)
    assert leftovers(exam.town.world) == []
    with pytest.raises(Stopping):
        exam.outcome(exam.own.run())


@implementer(ISelfTestStore)
@define
class SlowStore:
    """A store that takes a second to delete what a run leaves."""

    world: MemoryWorld

    async def prepare(self, *args: Any) -> Connector:
        """Make everything at once."""
        return await MemorySelfTests(self.world).prepare(*args)

    async def purge(self, at: float) -> None:
        """Delete everything, a second later."""
        await deferLater(self.world.clock, 1.0)
        await MemorySelfTests(self.world).purge(at)


def test_a_server_that_stops_lets_a_run_clear_away(exam: Exam) -> None:
    """What is nearly over is waited for, and whoever asked is answered."""
    tests = SelfTests(exam.replace(store=SlowStore(exam.town.world)).seams)
    running = fire(tests.run())
    exam.town.lines.pass_time(1.5)
    assert leftovers(exam.town.world)
    assert not running.called
    exam.outcome(tests.stop())
    assert leftovers(exam.town.world) == []
    assert running.result.failed == ()


def test_a_test_that_crashes_has_failed(exam: Exam, log: list[str]) -> None:
    """Whatever goes wrong with a test is not the end of the run."""
    exam.town.sabotage.break_next("add_transaction", ZeroDivisionError("broken"))
    assert exam.failed() == ["RemoteStartTransaction"]
    assert any("ZeroDivisionError" in line for line in log)


def test_both_lists_are_printed(exam: Exam, log: list[str]) -> None:
    """Two seconds after the start, for an operator to read; with the reasons."""
    tests = SelfTests(exam.replace(make_charger=deaf_to(b'"ReserveNow"', 1)).seams)
    tests.run_soon()
    exam.town.lines.pass_time(1.75)
    assert "info OCPP self tests begin" not in log
    exam.town.lines.pass_time(10)
    assert "error OCPP self tests, failed: ReserveNow" in log
    successful = ", ".join(name for name in NAMES if name != "ReserveNow")
    assert f"info OCPP self tests, successful: {successful}" in log
    assert "error ReserveNow failed: no ReserveNow came within 3 s" in log


def test_a_run_that_is_due_is_not_begun_twice(exam: Exam, log: list[str]) -> None:
    """Somebody may ask for it before the two seconds are over, or stop the server."""
    exam.own.run_soon()
    exam.town.lines.pass_time(1.875)
    fire(exam.own.run())
    exam.town.lines.pass_time(5)
    assert log.count("info OCPP self tests begin") == 1
    exam.own.run_soon()
    exam.outcome(exam.own.stop())
    exam.town.lines.pass_time(5)
    assert log.count("info OCPP self tests begin") == 1


def test_its_connector_is_out_of_service_between_runs(exam: Exam) -> None:
    """Its charger is then as unknown as any other that nobody has added."""
    exam.run()
    station = exam.town.world.network.self_test_station
    assert station is not None
    peer = exam.town.plug_in(station.serial_number)
    exam.town.flush()
    assert peer.heard()[0][2] == "SecurityError"
    row = exam.town.world.network.connectors[SELF_TEST_CONNECTOR]
    assert row.status is ConnectorStatus.AVAILABLE
