"""Where a simulation's chargers come from, at the real back end in memory."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from attrs import define, field

from flexicharge.cli.simulate_chargers import (
    Chargers,
    TooFewChargers,
    read_serial_numbers,
)
from flexicharge.model.account import ADMINS
from flexicharge.simulator.errors import BadAnswer, ServerRefused
from flexicharge.simulator.operator import Shown, VirtualOperator
from flexicharge.testing.charge import Charge
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town
from tests.simulator.on_town import Lines
from tests.simulator.toy_server import ToyServer

T = TypeVar("T")
DEMO = [f"abc11{digit}" for digit in range(1, 10)]


@define(eq=False)
class Office:
    """A town, and somebody who looks for chargers in it."""

    town: Town
    lines: Lines = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.lines = Lines(self.town)

    def chargers(self, token: str = "", **how: Any) -> Chargers:
        """Return what finds chargers here."""
        clock, agent = self.town.clock, self.lines.agent()
        operator = VirtualOperator(url="http://town", agent=agent, clock=clock)
        operator.token = token
        return Chargers(operator=operator, seed="42", **how)

    def admin(self) -> str:
        """Return an administrator's token."""
        caller, token = self.town.driver()
        accounts, now = self.town.stores.accounts, self.town.clock.seconds()
        self.town.now(accounts.add_to_group(caller.user_id, ADMINS, now))
        return token

    def now(self, work: Awaitable[T]) -> T:
        """Return what work over HTTP comes to that needs no time."""
        doing = fire(work)
        for _ in range(20):
            self.lines.flush()
        return result_of(doing)

    def serials(self) -> list[str]:
        """Return the serial numbers in service."""
        every = self.town.now(self.town.stores.chargers.get_chargers())
        return [each.serial_number for each in every]


@pytest.fixture
def office(town: Town) -> Office:
    """An office in the demo network."""
    return Office(town)


def test_free_chargers_are_taken_in_the_order_of_their_numbers(office: Office) -> None:
    """As many as are wanted; the one that the server itself runs is not taken."""
    assert office.now(office.chargers().find(3)) == DEMO[:3]
    assert office.now(office.chargers().find(9)) == DEMO


def test_a_charger_in_use_is_not_free(office: Office, town: Town) -> None:
    """Somebody reserved it."""
    charge = Charge(town)
    charge.reserve()
    found = office.now(office.chargers().find(8))
    assert found == [serial for serial in DEMO if serial != "abc117"]


def test_too_few_free_ones_are_told_with_the_cure(office: Office) -> None:
    """How many there are, and how the others can be had."""
    with pytest.raises(TooFewChargers) as caught:
        office.now(office.chargers().find(50))
    assert str(caught.value) == (
        "the scenario wants 50 chargers and 9 are free; use --chargers 9; to have the "
        "missing ones made, give an administrator's token in FLEXICHARGE_ADMIN_TOKEN "
        "(flexicharge token prints one)"
    )


def test_an_administrators_token_makes_what_is_missing(office: Office) -> None:
    """Under names of this seed, on the first site; and takes them away again."""
    chargers = office.chargers(office.admin())
    made = ["sim-42-1", "sim-42-2", "sim-42-3"]
    assert office.now(chargers.find(12)) == DEMO + made
    assert office.serials()[-3:] == made
    assert office.now(chargers.remove()) == (3, 0)
    assert office.serials()[1:] == DEMO
    assert office.now(chargers.remove()) == (0, 0)


def test_what_an_earlier_run_left_is_used_again(office: Office) -> None:
    """No name is made twice, and all are removed this time."""
    token = office.admin()
    office.now(office.chargers(token).find(10))
    again = office.chargers(token)
    assert office.now(again.find(11))[-2:] == ["sim-42-1", "sim-42-2"]
    assert office.now(again.remove()) == (2, 0)


def test_a_charger_that_cannot_be_removed_is_counted(
    office: Office, town: Town
) -> None:
    """One is in use; the server's refusal ends nothing."""
    chargers = office.chargers(office.admin())
    office.now(chargers.find(11))
    [*_, busy, _] = town.now(town.stores.chargers.get_chargers())
    now = town.clock.seconds()
    town.now(
        town.stores.transactions.add_transaction(
            "user-1", busy.connector_id, at=now, reserved_until=now + 300
        )
    )
    removing = fire(chargers.remove())
    office.lines.pass_time(10)
    assert result_of(removing) == (1, 1)


def test_without_the_server_what_was_made_is_left(office: Office, town: Town) -> None:
    """And counted."""
    chargers = office.chargers(office.admin())
    office.now(chargers.find(11))
    town.world.faults.away = True
    removing = fire(chargers.remove())
    office.lines.pass_time(10)
    assert result_of(removing) == (0, 2)


def test_a_server_that_is_slow_for_a_moment_is_asked_again(
    office: Office, town: Town
) -> None:
    """It has just lost a thousand lines, perhaps."""
    chargers = office.chargers(office.admin())
    office.now(chargers.find(11))
    town.world.faults.away = True
    removing = fire(chargers.remove())
    office.lines.pass_time(1)
    town.world.faults.away = False
    office.lines.pass_time(2)
    assert result_of(removing) == (2, 0)


def test_a_token_that_is_none_is_refused_in_the_servers_words(office: Office) -> None:
    """It is not repeated in them."""
    with pytest.raises(ServerRefused) as caught:
        office.now(office.chargers("secret-token").find(10))
    assert caught.value.status == 401
    assert "secret" not in str(caught.value)


def test_on_another_machine_no_charger_is_taken_unasked(office: Office) -> None:
    """One that is shown as Available may be a real one, which would be displaced."""
    with pytest.raises(TooFewChargers) as caught:
        office.now(office.chargers(takes_free=False).find(1))
    assert "none is free; on another machine none is taken unasked" in str(caught.value)
    assert "--serial-file" in str(caught.value)
    made = office.now(office.chargers(office.admin(), takes_free=False).find(2))
    assert made == ["sim-42-1", "sim-42-2"]
    left = office.now(office.chargers(takes_free=False).find(1))
    assert left == ["sim-42-1"]


def test_named_chargers_are_taken_and_no_others(office: Office) -> None:
    """In the order of the file; too many do no harm."""
    chargers = office.chargers(named=["abc119", "abc111", "abc112"])
    assert office.now(chargers.find(2)) == ["abc119", "abc111"]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (
            ["abc111"],
            "wants 2 chargers, and the file names 1; name more, or",
        ),
        (["abc111", "x"], "the server has no charger x; http://town/chargers shows"),
        (list("123456789"), "no charger 1, 2;"),
        (["abc117", "abc111"], "already in use: abc117; name others"),
    ],
)
def test_named_chargers_must_be_there_and_free(
    office: Office, town: Town, named: list[str], words: str
) -> None:
    """Each complaint names them, and what helps."""
    Charge(town).reserve()
    with pytest.raises(TooFewChargers, match=words):
        office.now(office.chargers(named=named).find(2))


def test_of_many_unknown_names_a_few_are_told(office: Office) -> None:
    """A line is a line."""
    with pytest.raises(TooFewChargers, match="no charger 1, 2, 3, 4, 5 and 4 more;"):
        office.now(office.chargers(named=list("123456789")).find(9))


@pytest.mark.parametrize("status", [404, 503])
def test_a_server_without_sites_is_told(office: Office, status: int) -> None:
    """There is nowhere to put chargers; any other refusal is the server's own."""
    toy = ToyServer(office.town.clock)
    toy.answers = {"/chargers": (200, b"[]"), "/chargePoints": (status, b"")}
    operator = VirtualOperator(url="http://toy", agent=toy.agent, clock=toy.clock)
    operator.token = "token"
    kind = TooFewChargers if status == 404 else ServerRefused
    with pytest.raises(kind):
        result_of(Chargers(operator=operator, seed="1").find(2))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/chargers", b'[{"serialNumber": "a", "status": "Available"}]'),
        ("/chargePoints", b'[{"chargePointID": 1}]'),
        ("/chargePoints", b'{"location": [1, 2]}'),
    ],
)
def test_an_answer_of_another_shape_is_told(
    office: Office, path: str, answer: bytes
) -> None:
    """It is no FlexiCharge then."""
    toy = ToyServer(office.town.clock)
    toy.answers[path] = (200, answer)
    operator = VirtualOperator(url="http://toy", agent=toy.agent, clock=toy.clock)
    asking = operator.shown() if path == "/chargers" else operator.first_site()
    with pytest.raises(BadAnswer):
        result_of(asking)


def test_a_new_charger_must_be_an_object(office: Office) -> None:
    """Or nothing is known of it."""
    toy = ToyServer(office.town.clock)
    toy.answers["/chargers"] = (201, b"[]")
    operator = VirtualOperator(url="http://toy", agent=toy.agent, clock=toy.clock)
    with pytest.raises(BadAnswer):
        result_of(operator.add_charger("a", 1, [1.0, 2.0]))
    with pytest.raises(BadAnswer):
        Shown.of({"connectorID": 1, "serialNumber": "a"})


def test_serial_numbers_are_read_from_a_file(tmp_path: Path) -> None:
    """One a line, with comments and empty lines in between."""
    path = tmp_path / "serials"
    path.write_text("abc111\n\n# out of order: abc112\n  abc113  # by the door\n")
    assert read_serial_numbers(path) == ["abc111", "abc113"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """With what is wrong."""
    with pytest.raises(TooFewChargers, match="No such file"):
        read_serial_numbers(tmp_path / "missing")
    (tmp_path / "binary").write_bytes(b"\xff")
    with pytest.raises(TooFewChargers, match="cannot be read"):
        read_serial_numbers(tmp_path / "binary")
    (tmp_path / "twice").write_text("a\nb\na\n")
    with pytest.raises(TooFewChargers, match="names a twice"):
        read_serial_numbers(tmp_path / "twice")
