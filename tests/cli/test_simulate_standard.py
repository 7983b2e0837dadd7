"""Chargers of a standard that a simulation makes, at the real back end in memory."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest
from attrs import define, field
from twisted.internet.task import Clock

from flexicharge.cli.simulate_chargers import Chargers, TooFewChargers
from flexicharge.cli.simulate_people import People
from flexicharge.cli.simulate_standard import Stations
from flexicharge.errors import StationUnknown
from flexicharge.model.account import ADMINS
from flexicharge.simulator.errors import BadAnswer, ServerRefused, SimulatorError
from flexicharge.simulator.operator import VirtualOperator
from flexicharge.simulator.scenario.values import Fleet
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.memory import SERVER_KEY
from flexicharge.testing.town import Town
from tests.simulator.on_town import Lines
from tests.simulator.toy_server import ToyServer

T = TypeVar("T")
FLEETS = (
    Fleet(count=2, protocol="ocpp1.6", connectors=2),
    Fleet(count=1, protocol="ocpp1.6"),
)
PASSWORD = bytes.fromhex("9f3ac04be177d25a68b1e90c33f7a1540d82c6be")


@define(eq=False)
class Office:
    """A town, and somebody who makes chargers in it."""

    town: Town
    lines: Lines = field(init=False)
    operator: VirtualOperator = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.lines = Lines(self.town)
        self.operator = VirtualOperator(
            url="http://town", agent=self.lines.agent(), clock=self.town.clock
        )
        self.operator.token = self.admin()

    def stations(self, **how: Any) -> Stations:
        """Return what makes chargers here."""
        how.setdefault("new_password", lambda: PASSWORD)
        return Stations(operator=self.operator, seed="42", **how)

    def admin(self) -> str:
        """Return an administrator's token."""
        caller, token = self.town.driver()
        accounts, now = self.town.stores.accounts, self.town.clock.seconds()
        self.town.now(accounts.add_to_group(caller.user_id, ADMINS, now))
        return token

    def now(self, work: Awaitable[T]) -> T:
        """Return what work over HTTP comes to that needs no time."""
        doing = fire(work)
        for _ in range(30):
            self.lines.flush()
        return result_of(doing)

    def record(self, serial_number: str) -> Any:
        """Return a station as it is stored."""
        return self.town.now(self.town.stores.chargers.get_station(serial_number))


@pytest.fixture
def office(town: Town) -> Office:
    """An office in the demo network."""
    return Office(town)


def test_chargers_are_made_with_their_protocol_connectors_and_password(
    office: Office,
) -> None:
    """What an installer has to know of each comes back."""
    said: list[str] = []
    made = office.now(office.stations(tell=said.append).make(FLEETS))
    assert [*made] == ["sim16-42-1", "sim16-42-2", "sim16-42-3"]
    assert [len(each.numbers) for each in made.values()] == [2, 2, 1]
    assert said == ["Making 3 chargers with passwords"]
    for name, enrolment in made.items():
        station = office.record(name)
        assert station.protocol == "ocpp1.6"
        assert station.credential == SERVER_KEY.station_credential(PASSWORD)
        numbers = tuple(each.connector_id for each in station.connectors)
        assert numbers == enrolment.numbers
        assert enrolment.password == PASSWORD
        assert repr(PASSWORD) not in repr(enrolment)


def test_they_are_removed_with_the_tags_and_can_be_made_again(office: Office) -> None:
    """Nothing is left at the server, and a second removal finds nothing."""
    stations = office.stations()
    office.now(stations.make(FLEETS))
    tag = office.now(stations.tag(3, "somebody"))
    assert office.now(stations.tag(3, "somebody")) == tag
    assert len(tag) <= 20
    kept = office.town.now(office.town.stores.tags.get_tag(tag))
    assert kept is not None
    assert kept.user_id == "somebody"
    assert office.now(stations.remove()) == (3, 0)
    with pytest.raises(StationUnknown):
        office.record("sim16-42-1")
    assert office.town.now(office.town.stores.tags.get_tag(tag)) is None
    assert office.now(stations.remove()) == (0, 0)
    assert len(office.now(stations.make(FLEETS))) == 3


def test_one_that_is_gone_already_needs_no_removal(office: Office) -> None:
    """Somebody else was quicker."""
    stations = office.stations()
    office.now(stations.make(FLEETS))
    office.now(office.operator.withdraw("sim16-42-2"))
    assert office.now(stations.remove()) == (3, 0)


def test_what_cannot_be_removed_is_counted(office: Office) -> None:
    """After some rounds."""
    stations = office.stations()
    office.now(stations.make(FLEETS[1:]))
    office.operator.token = "worthless"  # which is the point
    removing = fire(stations.remove())
    for _ in range(10):
        office.lines.pass_time(1)
    assert result_of(removing) == (0, 1)


def test_without_a_token_none_are_made(office: Office) -> None:
    """The cure is said; who wants none needs none."""
    office.operator.token = ""
    assert office.now(office.stations().make(())) == {}
    with pytest.raises(TooFewChargers, match="FLEXICHARGE_ADMIN_TOKEN"):
        office.now(office.stations().make(FLEETS))


def test_chargers_of_a_standard_are_not_taken_for_those_of_the_dialect(
    office: Office,
) -> None:
    """They are shown as free, but speak otherwise."""
    office.now(office.stations().make(FLEETS))
    chargers = Chargers(operator=office.operator, seed="42")
    found = office.now(chargers.find(10))
    assert not any(each.startswith("sim16-") for each in found)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, b""), TooFewChargers),
        ((503, b"[]"), ServerRefused),
    ],
)
def test_without_a_place_none_are_made(
    clock: Clock, answer: tuple[int, bytes], error: type[Exception]
) -> None:
    """A server without a charge point has nowhere to put them."""
    toy = ToyServer(clock)
    toy.answers["/chargePoints"] = answer
    operator = VirtualOperator(url="http://toy", agent=toy.agent, clock=clock)
    operator.token = "some"  # a toy's
    making = fire(Stations(operator=operator, seed="42").make(FLEETS))
    toy.agent.flush()
    with pytest.raises(error):
        result_of(making)


def test_an_answer_that_cannot_be_read_is_said(clock: Clock) -> None:
    """A charger without connectors is none."""
    toy = ToyServer(clock)
    toy.answers["/admin/chargers/a%20b"] = (201, b'{"connectors": 2}')
    operator = VirtualOperator(url="http://toy", agent=toy.agent, clock=clock)
    enrolling = fire(
        operator.enrol(
            "a b", protocol="ocpp1.6", connectors=1, site_id=1, password=PASSWORD
        )
    )
    toy.agent.flush()
    with pytest.raises(BadAnswer, match="connectors"):
        result_of(enrolling)


def test_nobody_has_a_tag_where_none_are_given_out() -> None:
    """A simulation without an operator."""
    with pytest.raises(SimulatorError, match="tags"):
        result_of(fire(People([]).tag(1)))
