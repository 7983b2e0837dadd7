"""Each self test fails when what it looks at is broken, and takes along only its own.

Whatever is broken, the run ends, and nothing of it is left (`Exam.run`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from attrs import define, evolve, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent
from twisted.web.client import Agent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent
from zope.interface import implementer

from flexicharge.config import read_settings
from flexicharge.interfaces import ISelfTestStore
from flexicharge.model.account import Account
from flexicharge.model.events import driver_topic, station_topic
from flexicharge.model.site import Connector
from flexicharge.ocpp.dialect import read_frame, write_result
from flexicharge.ocpp.frames import Call
from flexicharge.selftests.ear import TappedCharger
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.phrasebook import Quirks
from flexicharge.storage.memory import MemorySelfTests, MemoryWorld
from flexicharge.testing.town import Town
from tests.selftests.exam import Exam

DRIVERS_CHARGE = [
    "StartTransaction",
    "MeterValuesConfirmation",
    "StopTransaction",
    "Receipt",
]
BROKEN = RuntimeError("broken on purpose")


@define(eq=False, kw_only=True)
class DeafCharger(TappedCharger):
    """A charger that does not take in frames with certain words in them."""

    words: bytes
    times: list[int]  # how often yet, for all chargers of a run

    def heard(self, text: bytes) -> None:
        if self.words in text and self.times[0] > 0:
            self.times[0] -= 1
        else:
            super().heard(text)


def deaf_to(words: bytes, times: int = 1000) -> partial[DeafCharger]:
    """Return what makes chargers that do not hear certain words some times."""
    return partial(DeafCharger, words=words, times=[times])


def test_no_boot_data(exam: Exam) -> None:
    """A server that cannot find the price for three seconds boots no charger."""
    for _ in range(3):
        exam.town.world.faults.fail_next("get_tariffs", before_commit=True)
    assert exam.failed() == ["BootNotification"]


def test_no_boot_data_ever(exam: Exam) -> None:
    """Without its number a charger can do nothing; what needs none is still fine."""
    report = exam.replace(make_charger=deaf_to(b'"DataTransfer"')).run()
    assert report.successful == (
        "ChargerMemoryLeak : LiveMetricsTests",
        "UnknownSerialNumber",
        "LiveMetricsAuthorisation",
        "Authorisation",
    )


def test_a_start_that_is_not_stored(exam: Exam) -> None:
    """The charger is told of a fault in place of a transaction."""
    exam.town.sabotage.break_next("start", BROKEN)
    assert exam.failed() == ["RemoteStartTransaction"]


def test_a_charger_that_is_deaf_to_starts(exam: Exam) -> None:
    """No charge can begin; the rest does not need one."""
    exam.replace(make_charger=deaf_to(b'"RemoteStartTransaction"'))
    assert exam.failed() == [
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "MeterValues",
        *DRIVERS_CHARGE,
    ]
    assert not Exam(exam.town).failed()  # and the next run begins as if nothing was


def test_a_stop_that_is_not_stored(exam: Exam) -> None:
    """The charger is told of a fault in place of an answer."""
    exam.town.sabotage.break_next("end", BROKEN)
    assert exam.failed() == ["RemoteStopTransaction"]


@define(eq=False, kw_only=True)
class StubbornCharger(TappedCharger):
    """A charger that refuses to stop."""

    def connected(self, line: Any) -> None:
        super().connected(line)
        self.say = line.send

    def heard(self, text: bytes) -> None:
        frame = read_frame(text)
        if isinstance(frame, Call) and frame.action == "RemoteStopTransaction":
            refusal = {"status": "Rejected"}
            self.say(write_result(frame.message_id, frame.action, refusal))
            self.ear.hear(text)
        else:
            super().heard(text)

    say: Any = None


def test_a_charger_that_refuses_to_stop(exam: Exam, failures: list[LogEvent]) -> None:
    """What the server still means to do about it finds no session, and that is all."""
    exam.replace(make_charger=StubbornCharger)
    assert exam.failed() == ["RemoteStopTransaction", "StopTransaction", "Receipt"]
    exam.town.lines.pass_time(120, 0.5)
    assert failures == []
    assert not Exam(exam.town).failed()


def test_a_charger_that_is_silent_to_reservations(exam: Exam) -> None:
    """Behind the question that it does not answer no start gets through either."""
    exam.replace(make_charger=deaf_to(b'"ReserveNow"'))
    assert exam.failed() == ["ReserveNow", *DRIVERS_CHARGE]


def test_a_charger_that_is_silent_once(exam: Exam) -> None:
    """After one failure everything is connected afresh."""
    exam.replace(make_charger=deaf_to(b'"ReserveNow"', times=1))
    assert exam.failed() == ["ReserveNow"]


def test_a_station_that_somebody_still_listens_to(exam: Exam) -> None:
    """All three looks at what is left of the charger see it."""
    store = exam.town.stores.self_tests
    connector = exam.town.now(store.prepare("selftest-known", b"", (), 0.0))
    exam.town.back_end.charging.seams.bus.subscribe(
        station_topic(connector.station_id), lambda _: None
    )
    assert exam.failed() == [
        "ChargerMemoryLeak : ChargerTests",
        "ChargerMemoryLeak : LiveMetricsTests",
        "ChargerMemoryLeak : DriverTests",
    ]


@implementer(ISelfTestStore)
@define
class NosyStore:
    """A store that leaves somebody listening to the driver of every run."""

    world: MemoryWorld
    bus: Any

    async def prepare(
        self, serial: str, credential: bytes, accounts: Sequence[Account], at: float
    ) -> Connector:
        self.bus.subscribe(driver_topic(accounts[0].account_id), lambda _: None)
        store = MemorySelfTests(self.world)
        return await store.prepare(serial, credential, accounts, at)

    async def purge(self, at: float) -> None:
        await MemorySelfTests(self.world).purge(at)


def test_a_driver_whom_somebody_still_listens_to(exam: Exam) -> None:
    """A topic that is left of a driver's socket is a leak."""
    bus = exam.town.back_end.charging.seams.bus
    assert exam.replace(store=NosyStore(exam.town.world, bus)).failed() == [
        "UserMemoryLeak"
    ]


@define
class GarbledLine:
    """A charger's line on which one word is always wrong."""

    line: Any

    def send(self, text: bytes) -> None:
        self.line.send(text.replace(b'"measurand"', b'"measure"'))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


@define(eq=False, kw_only=True)
class GarbledCharger(TappedCharger):
    """A charger that does not say what it measures."""

    def connected(self, line: Any) -> None:
        super().connected(GarbledLine(line))

    def disconnected(self, why: Any, line: Any = None) -> None:
        super().disconnected(why)


def test_metrics_that_say_too_little(exam: Exam) -> None:
    """An app that needs the measurand shows nothing; what is billed is still right."""
    assert exam.replace(make_charger=GarbledCharger).failed() == ["MeterValues"]


def test_an_unknown_charger_that_is_let_in(exam: Exam) -> None:
    """A server that takes in whoever comes is not as it should be."""

    def tamper(factory: Any) -> None:
        if "selftest-unknown" in factory.url:
            factory.setSessionParameters("ws://town:1337/charger/abc111")

    assert exam.dial_through(tamper).failed() == ["UnknownSerialNumber"]


def test_words_that_are_not_stored(exam: Exam) -> None:
    """The charger was answered, but nobody would ever see what it said."""
    for _ in range(100):
        exam.town.sabotage.break_next("update_statuses", BROKEN)
    assert exam.failed() == ["StatusNotification"]


def test_a_driver_who_cannot_start(exam: Exam) -> None:
    """What comes after the driver's start fails with it."""
    exam.town.sabotage.break_next("begin_start", BROKEN)
    assert exam.failed() == DRIVERS_CHARGE


def test_readings_that_are_not_answered(exam: Exam) -> None:
    """They are shown and billed, but the charger is left without an answer."""
    exam.replace(make_charger=deaf_to(b',"MeterValues"]'))
    assert exam.failed() == ["MeterValuesConfirmation"]


def test_a_live_socket_for_everybody(clock: Clock) -> None:
    """USER_SOCKET_AUTH=open, and nobody shows a token: the stranger gets in."""
    exam = Exam(Town(clock, settings=read_settings({"USER_SOCKET_AUTH": "open"})))
    assert not exam.failed()  # a wrong token is refused even then
    exam.dial_through(
        lambda factory: "/user/" in factory.url and factory.headers.clear()
    )
    assert exam.failed() == ["LiveMetricsAuthorisation"]


@implementer(IAgent)
@define
class ForgingAgent:
    """Shows the driver's token whoever asks: as if the server did not look at it."""

    agent: Agent
    token: list[str] = field(factory=list)

    def request(
        self, method: bytes, uri: bytes, headers: Any = None, body: Any = None
    ) -> Deferred[Any]:
        shown = (headers or Headers()).getRawHeaders("Authorization", [])
        self.token.extend(shown[:1])
        if self.token:
            headers = headers or Headers()
            headers.setRawHeaders("Authorization", self.token[:1])
        return self.agent.request(method, uri, headers, body)


def test_tokens_that_nobody_looks_at(exam: Exam) -> None:
    """A stranger who sees a charge is noticed, and the charge goes on."""
    agent = ForgingAgent(exam.town.lines.agent())
    ports = evolve(exam.seams.ports, agent=agent)
    assert exam.replace(ports=ports).failed() == ["Authorisation"]


def test_a_driver_who_cannot_stop(exam: Exam) -> None:
    """There is no receipt then either."""
    exam.town.sabotage.break_next("begin_stop", BROKEN)
    assert exam.failed() == ["StopTransaction", "Receipt"]


def test_energy_that_is_not_billed(exam: Exam) -> None:
    """A register that stands still is noticed by whoever knows what flowed."""
    make = partial(TappedCharger, quirks=Quirks(meter_stands_still=True))
    assert exam.replace(make_charger=make).failed() == ["Receipt"]


@define(eq=False, kw_only=True)
class DearCharger(TappedCharger):
    """A charger that shows another price than is billed."""

    def heard(self, text: bytes) -> None:
        shown = text.replace(b'Price\\":2.5', b'Price\\":2.51')
        super().heard(shown)


def test_a_price_that_is_not_the_one_shown(exam: Exam) -> None:
    """Half a kilowatt-hour is enough to see one öre."""
    assert exam.replace(make_charger=DearCharger).failed() == ["Receipt"]


@implementer(ISelfTestStore)
@define
class CarelessStore:
    """A store that flags nothing before it has to delete it."""

    world: MemoryWorld
    accounts: set[str] | None = None

    async def prepare(
        self, serial: str, credential: bytes, accounts: Sequence[Account], at: float
    ) -> Connector:
        store = MemorySelfTests(self.world)
        connector = await store.prepare(serial, credential, accounts, at)
        self._flag(connector.station_id, False)
        self.accounts, self.world.self_test_accounts = (
            self.world.self_test_accounts,
            set(),
        )
        return connector

    async def purge(self, at: float) -> None:
        self._flag(max(self.world.network.stations), True)
        self.world.self_test_accounts = self.accounts or set()
        await MemorySelfTests(self.world).purge(at)

    def _flag(self, station_id: int, flag: bool) -> None:
        station = self.world.network.stations[station_id]
        self.world.network.put_station(evolve(station, for_self_tests=flag))


def test_a_charger_that_everybody_sees(exam: Exam) -> None:
    """Self tests that show to an operator's customers are noticed."""
    exam.replace(store=CarelessStore(exam.town.world))
    assert exam.failed() == ["ChargerLists"]


@define(eq=False, kw_only=True)
class MisheardCharger(TappedCharger):
    """A charger that understands; but whoever listens hears one kind of frame wrong."""

    frame: bytes
    words: bytes
    instead: bytes

    def heard(self, text: bytes) -> None:
        VirtualCharger.heard(self, text)
        if self.frame in text:
            text = text.replace(self.words, self.instead)
        self.ear.hear(text)


@pytest.mark.parametrize(
    ("frame", "words", "instead", "failed"),
    [
        (
            b'"BootNotification"',
            b'"interval":86400',
            b'"interval":"86400"',
            ["BootNotification"],
        ),
        (b'"DataTransfer"', b'"vendorId"', b'"vendor"', ["BootNotification"]),
        (
            b'"RemoteStartTransaction"',
            b'"idTag":1',
            b'"idTag":"1"',
            ["RemoteStartTransaction"],
        ),
        (
            b'"RemoteStopTransaction"',
            b'"transactionID"',
            b'"transactionId"',
            ["RemoteStopTransaction"],
        ),
        (b'"ReserveNow"', b'"expiryDate"', b'"expiry"', ["ReserveNow"]),
        (b',"StartTransaction"', b'nId":', b'nId":10', DRIVERS_CHARGE),
        (b',"MeterValues"', b"]", b",{}]", ["MeterValuesConfirmation"]),
        (b"[4,", b"SecurityError", b"GenericError", ["UnknownSerialNumber"]),
    ],
)
def test_a_frame_that_is_not_as_it_must_be(
    exam: Exam, frame: bytes, words: bytes, instead: bytes, failed: list[str]
) -> None:
    """The original's criteria, and ours: every part of a frame is looked at."""
    make = partial(MisheardCharger, frame=frame, words=words, instead=instead)
    assert exam.replace(make_charger=make).failed() == failed
