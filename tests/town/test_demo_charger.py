"""Charger 100000, played by the server itself, as everybody meets it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from attrs import define, evolve, field
from twisted.internet.task import Clock
from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    formatEvent,
    globalLogPublisher,
)
from zope.interface import implementer

from flexicharge.config import read_settings
from flexicharge.errors import DatabaseAway
from flexicharge.model.account import ADMINS
from flexicharge.model.demo import DEMO_CHARGER
from flexicharge.model.money import half_up
from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.model.site import Connector, Protocol
from flexicharge.ocpp.frames import JsonObject
from flexicharge.service.demo_charger import DemoCharger
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerRefused
from flexicharge.simulator.live import LiveMetrics, read_live
from flexicharge.simulator.sockets import SimulatorFactory, driver_factory
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.lines import WS_URL
from flexicharge.testing.town import Town
from flexicharge.wire import Wire
from tests.selftests.exam import Exam

T = TypeVar("T")
CONNECTOR = 100_000
ORE_PER_KWH = 250
POWER_W = 11_000
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@define(eq=False)
class Demo:
    """A town whose server plays its demo charger, and drivers who come to it."""

    town: Town
    noise: list[LogEvent] = field(factory=list)

    @property
    def played(self) -> DemoCharger:
        """What keeps the charger of the present process connected."""
        played = self.town.back_end.demo_charger
        assert played is not None
        return played

    def begin(self) -> None:
        """Open the ports, as a server does that has started."""
        self.played.start()
        self.town.lines.pass_time(1)

    def restart(self, down_for: float = 5.0) -> None:
        """Kill the server; start another."""
        self.town.crash(down_for=down_for)
        self.begin()

    @property
    def wire(self) -> Wire:
        """The charger's line."""
        return self.town.lines.wires[-1]

    def after(self, seconds: float, work: Awaitable[T]) -> T:
        """Return what something comes to within some seconds."""
        working = fire(work)
        self.town.lines.pass_time(seconds)
        return result_of(working)

    def charge(self, driver: VirtualDriver) -> int:
        """Reserve and start; return the transaction's number."""
        number = self.after(1, driver.reserve(CONNECTOR))
        self.after(1, driver.start(number))
        assert self.session(number).state is SessionState.CHARGING
        return number

    def bill(self, driver: VirtualDriver, number: int) -> JsonObject:
        """Stop; return the receipt."""
        bill = self.after(2, driver.stop(number))
        assert bill["final"] is True
        assert bill["price"] == half_up(Decimal(bill["energyWh"]) * ORE_PER_KWH / 1000)
        return bill

    def session(self, number: int) -> Session:
        """Return a session as stored."""
        return self.town.session(number)

    def status(self) -> str:
        """Return what the charger is shown as."""
        return str(self.town.http.get(f"/chargers/{CONNECTOR}").json["status"])

    def record(self) -> Connector:
        """Return the connector of the demo charger that is in service now."""
        chargers = self.town.stores.chargers
        return self.town.now(chargers.get_charger_by_serial_number(DEMO_CHARGER))

    def retire(self) -> None:
        """Have an administrator take it out of service."""
        caller, token = self.town.driver()
        accounts, now = self.town.stores.accounts, self.town.clock.seconds()
        self.town.now(accounts.add_to_group(caller.user_id, ADMINS, now))
        path = f"/chargers/{self.record().connector_id}"
        assert self.town.http.request("DELETE", path, token=token).status == 204
        self.town.lines.flush()

    def put_back(self, **how: Any) -> None:
        """Make a charger of that name anew."""
        made = self.town.stores.chargers.add_charger(
            1, DEMO_CHARGER, (57.7, 14.1), **how
        )
        self.town.now(made)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep what is logged meanwhile."""

        @implementer(ILogObserver)
        def observe(event: LogEvent) -> None:
            self.noise.append(event)

        globalLogPublisher.addObserver(observe)
        yield
        globalLogPublisher.removeObserver(observe)

    def heard(self, words: str) -> int:
        """Return how often the log said something."""
        said = [str(event["log_format"]) for event in self.noise]
        return sum(words in each for each in said)


@pytest.fixture
def demo(town: Town) -> Iterator[Demo]:
    """A charger that has booted; at the end nothing was raised as an alarm."""
    demo = Demo(town)
    with demo.listening():
        demo.begin()
        yield demo
    severe = (LogLevel.error, LogLevel.critical)
    assert [event for event in demo.noise if event["log_level"] in severe] == []
    assert not town.back_end.alarms.raised


def test_it_is_there_as_soon_as_the_ports_are_open(demo: Demo) -> None:
    """It has booted, knows its number and price, and is shown as Available."""
    charger = demo.played.charger
    assert charger is not None
    assert (charger.number, charger.sek_per_kwh) == (CONNECTOR, 2.5)
    assert charger.screen is Screen.AVAILABLE
    assert demo.status() == "Available"
    assert charger.refusals == []


def test_a_driver_charges_from_reservation_to_receipt(demo: Demo) -> None:
    """He sees every step, and pays for the energy that flowed."""
    lines, driver = demo.town.lines, demo.town.lines.driver()
    frames: list[LiveMetrics | None] = []
    phone = driver_factory(
        WS_URL,
        driver.user_id,
        driver.token,
        lambda text: frames.append(read_live(text)),
        lines.clock,
    )
    demo.after(0.25, lines.dial(phone))
    number = demo.after(1, driver.reserve(CONNECTOR))
    assert demo.status() == "Reserved"
    demo.after(1, driver.start(number))
    assert demo.status() == "Charging"
    lines.pass_time(600, step_s=1)
    seen = [frame for frame in frames if frame]
    assert len(seen) == len(frames) == 300
    percents = [frame.percent for frame in seen]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (20, 35)
    assert {frame.power_w for frame in seen} == {POWER_W}
    ongoing = demo.after(1, driver.read(number))
    assert ongoing["currentChargePercentage"] >= 34
    bill = demo.bill(driver, number)
    assert bill["energyWh"] == pytest.approx(POWER_W * 602 / 3600, abs=10)
    assert demo.status() == "Available"
    assert demo.session(number).end_reason is EndReason.DRIVER
    assert demo.session(number).flags == ()


def test_one_driver_after_the_other(demo: Demo) -> None:
    """The register goes on, and each comes with a car of their own."""
    lines, stopped_at = demo.town.lines, 0
    for _ in range(12):
        driver = lines.driver()
        number = demo.charge(driver)
        lines.pass_time(60, step_s=1)
        bill = demo.bill(driver, number)
        session = demo.session(number)
        assert session.meter_start_wh is not None
        assert session.meter_start_wh == pytest.approx(stopped_at, abs=1)
        assert session.meter_stop_wh == session.meter_start_wh + bill["energyWh"]
        assert session.percent == 21
        stopped_at = session.meter_start_wh + bill["energyWh"]
    assert stopped_at == pytest.approx(12 * POWER_W * 61 / 3600, abs=30)
    assert demo.played.charger is not None
    assert len(demo.played.charger.charges) <= 10


def test_only_the_holder_of_a_reservation_gets_it(demo: Demo) -> None:
    """Somebody else is refused until it lapses."""
    first, second = demo.town.lines.driver(), demo.town.lines.driver()
    demo.after(1, first.reserve(CONNECTOR))
    with pytest.raises(ServerRefused):
        demo.after(1, second.reserve(CONNECTOR))
    demo.town.lines.pass_time(320, step_s=1)
    demo.bill(second, demo.charge(second))


def test_a_full_car_ends_its_charge(demo: Demo) -> None:
    """The bill comes unasked, and the next driver can begin."""
    lines, driver = demo.town.lines, demo.town.lines.driver()
    number = demo.charge(driver)
    lines.pass_time(HOUR_S, step_s=2)
    session = demo.session(number)
    assert (session.state, session.percent) == (SessionState.ENDED, 100)
    assert session.end_reason is EndReason.STATION
    assert (session.energy_wh, session.price_ore) == (9600, 2400)
    driver = lines.driver()
    demo.bill(driver, demo.charge(driver))


def test_a_charge_outlives_its_line(demo: Demo) -> None:
    """It comes back within a moment, and what flowed meanwhile is billed."""
    lines, driver = demo.town.lines, demo.town.lines.driver()
    number = demo.charge(driver)
    lines.pass_time(30)
    demo.wire.lose()
    lines.pass_time(30)
    assert not demo.wire.is_lost
    assert demo.status() == "Charging"
    bill = demo.bill(driver, number)
    assert bill["energyWh"] == pytest.approx(POWER_W * 62 / 3600, abs=10)
    assert demo.session(number).flags == ()


@pytest.mark.parametrize("charged_s", [0, 60])
def test_a_killed_server_finds_the_charge_cut_short(
    demo: Demo, charged_s: float
) -> None:
    """It ends where the last register is known; the next one begins there."""
    lines, driver = demo.town.lines, demo.town.lines.driver()
    number = demo.charge(driver)
    lines.pass_time(charged_s)
    demo.restart(down_for=600)
    session = demo.session(number)
    assert (session.state, session.flags) == (SessionState.ENDED, ())
    assert session.energy_wh == pytest.approx(POWER_W * charged_s / 3600, abs=10)
    assert session.end_reason is EndReason.STATION
    demo.bill(driver, number)
    again = demo.charge(driver)
    assert demo.session(again).meter_start_wh == session.meter_stop_wh
    demo.bill(driver, again)
    demo.restart()
    last = demo.session(demo.charge(driver))
    assert last.meter_start_wh == demo.session(again).meter_stop_wh


def test_a_stop_that_was_asked_of_a_killed_server_counts(demo: Demo) -> None:
    """It is the driver who ended that charge."""
    driver = demo.town.lines.driver()
    number = demo.charge(driver)
    stops = demo.town.stores.transactions.begin_stop(number, demo.town.clock.seconds())
    demo.town.now(stops)
    demo.restart()
    session = demo.session(number)
    assert session.state is SessionState.ENDED
    assert session.end_reason is EndReason.DRIVER
    demo.town.lines.pass_time(60)
    assert demo.played.charger is not None
    assert demo.played.charger.refusals == []


def test_a_server_that_stops_in_order_lets_it_end_its_charge(
    town: Town, demo: Demo
) -> None:
    """The last Wh is billed before the sockets are closed, within a second."""
    driver = town.lines.driver()
    number = demo.charge(driver)
    town.lines.pass_time(61)
    demo.after(1, town.stop())
    session = demo.session(number)
    assert (session.state, session.flags) == (SessionState.ENDED, ())
    assert session.energy_wh == pytest.approx(POWER_W * 62 / 3600, abs=2)
    assert demo.wire.is_lost
    assert demo.played.charger is None


def test_a_server_that_stops_idle_hangs_up_on_it(town: Town, demo: Demo) -> None:
    """Nothing of it is left, and nothing comes back."""
    demo.after(1, town.stop())
    assert demo.wire.is_lost
    town.lines.pass_time(DAY_S, step_s=600)
    assert town.lines.wires == [demo.wire]
    assert town.clock.getDelayedCalls() == []


def test_a_server_that_never_began_stops(town: Town) -> None:
    """Its database was away all the time, say."""
    demo = Demo(town)
    demo.after(1, town.stop())
    assert town.lines.wires == []


def test_a_server_stops_though_nobody_takes_the_last_words(
    town: Town, demo: Demo
) -> None:
    """Its database is away: the charge is found cut short when it is back."""
    number = demo.charge(town.lines.driver())
    town.lines.pass_time(30)
    town.world.faults.away = True
    stopping = town.stop()
    town.lines.pass_time(4)
    assert demo.wire.is_lost
    town.lines.pass_time(30)
    result_of(stopping)
    assert demo.heard("ends when the server is back") == 1
    town.world.faults.away = False
    assert demo.session(number).state is SessionState.CHARGING
    town.start()
    demo.begin()
    session = demo.session(number)
    assert (session.state, session.flags) == (SessionState.ENDED, ())
    assert session.energy_wh == pytest.approx(POWER_W * 30 / 3600, abs=10)


def test_a_driver_stops_while_it_reconnects(demo: Demo) -> None:
    """The stop is kept, and asked of it when it is back."""
    lines, driver = demo.town.lines, demo.town.lines.driver()
    number = demo.charge(driver)
    demo.wire.lose()
    demo.after(1.25, driver.stop(number))
    lines.pass_time(5)
    assert demo.session(number).state is SessionState.ENDED
    assert demo.session(number).end_reason is EndReason.DRIVER


# who may be it


@pytest.mark.parametrize("path", ["/charger/", "/connector/", "/"])
def test_nobody_else_can_take_its_place(town: Town, demo: Demo, path: str) -> None:
    """Not by its name, from wherever; and nobody can lock it out by trying."""
    for address in ("127.0.0.1", "192.0.2.7"):
        for _ in range(20):
            stranger = town.connect(f"{path}{DEMO_CHARGER}", address=address)
            assert "401" in stranger.protocol.http_status_line
    demo.wire.lose()
    stranger = town.connect(f"{path}{DEMO_CHARGER}")
    assert not stranger.is_open
    town.lines.pass_time(2)
    driver = town.lines.driver()
    demo.bill(driver, demo.charge(driver))


def test_a_password_of_the_record_opens_no_door_either(town: Town, demo: Demo) -> None:
    """While the server plays it, only the server's own password counts."""
    made = town.back_end.people.server_key.station_credential("sesame")
    town.now(town.stores.chargers.set_credential(DEMO_CHARGER, made))
    stranger = town.plug_in(
        DEMO_CHARGER, headers={"Authorization": "Basic dGVzdDpzZXNhbWU="}
    )
    assert not stranger.is_open
    demo.wire.lose()
    town.lines.pass_time(2)
    assert not demo.wire.is_lost
    driver = town.lines.driver()
    demo.bill(driver, demo.charge(driver))


def test_it_connects_where_all_chargers_need_a_password(clock: Clock) -> None:
    """And nobody without one does."""
    town = Town(clock, settings=read_settings({"CHARGER_AUTH": "password"}))
    demo = Demo(town)
    demo.begin()
    driver = town.lines.driver()
    demo.bill(driver, demo.charge(driver))
    assert not town.plug_in("abc117").is_open


def test_its_password_is_nowhere_to_be_read(demo: Demo) -> None:
    """Neither in what is shown of it, nor in what was logged."""
    factory = demo.wire.client.protocol.factory
    sent = factory.headers["Authorization"].removeprefix("Basic ")
    _, _, password = b64decode(sent).decode().partition(":")
    assert len(password) == 40
    told = repr(demo.played) + "".join(map(formatEvent, demo.noise))
    assert password not in told
    assert sent not in told


def test_switched_off_it_is_a_charger_like_any_other(clock: Clock) -> None:
    """Whoever knows the serial number can be it."""
    town = Town(clock, settings=read_settings({"DEMO_CHARGER": "0"}))
    assert town.back_end.demo_charger is None
    assert town.plug_in(DEMO_CHARGER).is_open


# what befalls it


def test_out_of_service_it_stays_away_quietly(town: Town, demo: Demo) -> None:
    """One line in the log, and a look at the record once a minute."""
    demo.retire()
    looked, get_station = [], town.stores.chargers.get_station

    async def look(serial_number: str) -> Any:
        looked.append(serial_number)
        return await get_station(serial_number)

    demo.played.chargers = _Looked(look)  # type: ignore[assignment]  # all that it asks
    town.lines.pass_time(HOUR_S, step_s=1)
    assert demo.wire.is_lost
    assert 55 <= len(looked) <= 70
    assert demo.heard("is not in service") == 1
    demo.put_back()
    town.lines.pass_time(61, step_s=1)
    assert not demo.wire.is_lost
    number = demo.record().connector_id
    assert number != CONNECTOR
    driver = town.lines.driver()
    demo.after(1, driver.start(demo.after(1, driver.reserve(number))))


@define
class _Looked:
    get_station: Callable[[str], Awaitable[Any]]


def test_put_back_at_once_it_boots_anew(town: Town, demo: Demo) -> None:
    """It has another number, and holds none of the old one's reservations."""
    driver = town.lines.driver()
    demo.bill(driver, demo.charge(driver))
    demo.retire()
    demo.put_back()
    town.lines.pass_time(3)
    number = demo.record().connector_id
    assert demo.played.charger is not None
    assert demo.played.charger.number == number != CONNECTOR
    demo.after(1, driver.start(demo.after(1, driver.reserve(number))))
    assert demo.heard("is not in service") == 0


def test_a_record_of_another_protocol_is_not_its_own(town: Town, demo: Demo) -> None:
    """It speaks the dialect, so it waits."""
    demo.retire()
    demo.put_back(protocol=Protocol.OCPP_1_6)
    town.lines.pass_time(300, step_s=1)
    assert demo.wire.is_lost
    assert demo.heard("is not in service") == 1
    assert demo.heard("nobody knows the serial number") == 0


def test_a_server_starts_while_its_database_is_away(town: Town) -> None:
    """It connects when there is one, and said once that it could not."""
    demo = Demo(town)
    town.world.faults.away = True
    with demo.listening():
        demo.begin()
        town.lines.pass_time(300, step_s=1)
    assert town.lines.wires == []
    assert demo.heard("cannot connect") == 1
    town.world.faults.away = False
    town.lines.pass_time(61, step_s=1)
    assert demo.status() == "Available"
    driver = town.lines.driver()
    demo.bill(driver, demo.charge(driver))


def test_its_line_is_lost_while_the_database_is_away(town: Town, demo: Demo) -> None:
    """It is known from memory, and its charge goes on."""
    driver = town.lines.driver()
    number = demo.charge(driver)
    town.world.faults.away = True
    demo.wire.lose()
    town.lines.pass_time(30)
    assert not demo.wire.is_lost
    town.world.faults.away = False
    town.lines.pass_time(30)
    bill = demo.bill(driver, number)
    assert bill["energyWh"] == pytest.approx(POWER_W * 62 / 3600, abs=10)


def test_refused_it_tries_again_less_and_less_often(town: Town, demo: Demo) -> None:
    """One line in the log for all of it."""
    dials, dial = [], demo.played.ports.dial

    async def refuse(factory: SimulatorFactory, within_s: float) -> Any:
        dials.append(town.clock.seconds())
        raise ServerRefused(503, "Service Unavailable")

    demo.played.ports = evolve(demo.played.ports, dial=refuse)
    demo.wire.lose()
    town.lines.pass_time(600, step_s=1)
    pauses = [after - before for before, after in pairwise(dials)]
    assert pauses[:6] == [2, 4, 8, 16, 32, 60]
    assert len(dials) <= 16
    assert demo.heard("cannot connect") == 1
    demo.played.ports = evolve(demo.played.ports, dial=dial)
    town.lines.pass_time(61, step_s=1)
    assert demo.status() == "Available"
    town.lines.pass_time(61, step_s=1)
    demo.wire.lose()
    town.lines.pass_time(2)
    assert not demo.wire.is_lost


def test_a_fault_of_ours_ends_nothing(town: Town) -> None:
    """It is logged once, with where it was, and tried again."""
    demo = Demo(town)
    for _ in range(3):
        town.sabotage.break_next("get_latest_for_station", RuntimeError("a bug"))
    with demo.listening():
        demo.begin()
        town.lines.pass_time(20)
    assert demo.heard("the demo charger fails") == 1
    assert demo.status() == "Available"


def test_the_store_is_asked_again_for_what_it_did_not_say(town: Town) -> None:
    """A register of 0 where one is known would put the next bill in doubt."""
    demo = Demo(town)
    demo.begin()
    driver = town.lines.driver()
    demo.bill(driver, demo.charge(driver))
    town.sabotage.break_next("get_last_reading", DatabaseAway("get_last_reading"))
    demo.restart()
    town.lines.pass_time(3)
    again = demo.charge(driver)
    assert demo.session(again).meter_start_wh > 0  # type: ignore[operator]  # it started


def test_an_hour_of_rest_costs_nothing(town: Town, demo: Demo) -> None:
    """A ping a minute, and no word."""
    socket = demo.wire.server.protocol
    heard: list[bytes] = []
    received = socket.dataReceived

    def hear(data: bytes) -> None:
        heard.append(data)
        received(data)

    socket.dataReceived = hear  # type: ignore[method-assign]  # to listen in
    town.lines.pass_time(HOUR_S, step_s=5)
    assert not demo.wire.is_lost
    assert len(heard) <= 61
    assert max(map(len, heard)) < 16


def test_self_tests_and_a_charge_at_once(town: Town, demo: Demo) -> None:
    """Neither knows of the other."""
    driver = town.lines.driver()
    number = demo.charge(driver)
    assert Exam(town).failed() == []
    assert demo.session(number).state is SessionState.CHARGING
    demo.bill(driver, number)
