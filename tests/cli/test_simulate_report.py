"""What a simulation came to, for people and for programs."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any, cast

import pytest

from flexicharge.cli.simulate import tell
from flexicharge.cli.simulate_books import Books, Misfit
from flexicharge.cli.simulate_report import Report, duration, milliseconds
from flexicharge.simulator.tally import Tally
from flexicharge.testing.deferreds import result_of


def misfit(number: int = 7) -> Misfit:
    """A bill that does not fit."""
    return Misfit(serial_number="abc117", transaction_id=number, what="billed 1 Wh")


def books(*misfits: Misfit, without_payer: int = 0) -> Books:
    """Books with eleven charges that fit."""
    return Books(fitting=11, misfits=misfits, without_payer=without_payer)


def tally() -> Tally:
    """Figures of a day."""
    made = Tally()
    made.total.update({"charges begun": 12, "charges ended": 12, "bills": 11})
    made.total["requests"] = 48
    for milliseconds_ in range(1, 101):
        made.took("POST /transaction", milliseconds_ / 1000)
    made.mishaps["PUT start: couldNotStartTransaction (HTTP 400)"] = 2
    made.mishaps["line lost"] = 5
    return made


def report(**more: Any) -> Report:
    """A report of two hours."""
    known: dict[str, Any] = {
        "scenario": "calm-day",
        "seed": "42",
        "pace": 60.0,
        "lasted_s": 7200.0,
        "took_s": 125.0,
        "chargers": 9,
        "connected": 9,
        "energy_wh": 153_250,
        "price_ore": 38_310,
        "tally": tally(),
        "books": books(),
    }
    return Report(**known | more)


def test_people_read_what_it_came_to() -> None:
    """Chargers, charges, energy, money, answers, mishaps and the books."""
    text = report().as_text().splitlines()
    assert text[:6] == [
        "Simulated 2 h of calm-day in 2 m 5 s (seed 42)",
        "  chargers  9 of 9 connected",
        "  charges   12 begun, 12 ended, 11 billed",
        "  energy    153.250 kWh",
        "  money     383.10 SEK",
        "  requests  48",
    ]
    assert text[6].split() == ["answers", "count", "p50", "p95", "p99", "longest"]
    assert text[7].split()[:4] == ["POST", "/transaction", "100", "53"]
    assert text[7].endswith("100 ms")
    assert text[8:] == [
        "  mishaps   7",
        "           5  line lost",
        "           2  PUT start: couldNotStartTransaction (HTTP 400)",
        "  books     every bill fits: 11",
    ]


def test_programs_read_one_object() -> None:
    """With the same figures in base units."""
    read = json.loads(report(books=books(misfit(), without_payer=1)).as_json())
    assert read["energyWh"] == 153_250
    assert read["priceOre"] == 38_310
    assert read["seed"] == "42"
    assert read["chargers"] == {"wanted": 9, "connected": 9, "removed": 0, "left": 0}
    assert read["answers"]["POST /transaction"]["count"] == 100
    assert read["answers"]["POST /transaction"]["longestSeconds"] == 0.1
    assert list(read["mishaps"].values()) == [5, 2]
    assert read["books"]["withoutPayer"] == 1
    assert read["books"]["misfits"] == ["abc117, transaction 7: billed 1 Wh"]
    assert read["faults"] == read["books"]["misfits"]
    assert read["interrupted"] is False


def test_answers_are_told_in_real_time() -> None:
    """Chargers time them on the scenario's clock, apps on the real one."""
    counted = Tally()
    counted.took("GET /transaction", 0.3)
    counted.took("MeterValues", 0.3)
    answers = json.loads(report(tally=counted).as_json())["answers"]
    longest = {what: answers[what]["longestSeconds"] for what in answers}
    assert longest == {"GET /transaction": 0.3, "MeterValues": 0.005}


def test_what_does_not_fit_is_named() -> None:
    """Each charge by charger and transaction, in place of the good news."""
    text = report(books=books(misfit(), misfit(8))).as_text()
    assert "every bill fits" not in text
    assert text.endswith(
        "Did not fit: 2\n"
        "  abc117, transaction 7: billed 1 Wh\n"
        "  abc117, transaction 8: billed 1 Wh"
    )


def test_of_very_many_the_first_are_named() -> None:
    """The others are in the JSON."""
    text = report(books=books(*map(misfit, range(30)))).as_text().splitlines()
    assert text[-1] == "  and 10 more; --json has all"
    assert text[-2].endswith("transaction 19: billed 1 Wh")


def test_charges_that_nobody_pays_are_counted() -> None:
    """They are no fault: a start can come after its driver has left."""
    told = report(books=books(without_payer=3))
    assert told.faults == []
    assert "  books     charges without a payer: 3" in told.as_text()


def test_faults_of_server_and_simulator_count_as_well() -> None:
    """Whatever makes the figures worth nothing."""
    counted = tally()
    counted.total["server errors"] = 4
    counted.mishaps["simulator: KeyError"] = 1
    told = report(tally=counted, connected=0, left=2, removed=1)
    assert told.faults == [
        "no charger could connect",
        "requests that failed by an error of the server: 4",
        "simulator: KeyError: 1",
        "chargers made for it and still at the server: 2; another run with --seed 42 "
        "removes them",
    ]
    assert "  chargers  0 of 9 connected; 1 made for it, and removed" in told.as_text()


def test_without_requests_there_are_no_answers() -> None:
    """A network that only stands there."""
    text = report(tally=Tally()).as_text()
    assert "answers" not in text
    assert "  mishaps   0" in text


def test_durations_have_two_units_at_most() -> None:
    """As people say them."""
    shown = {
        0.2: "0 s",
        59.6: "1 m",
        125: "2 m 5 s",
        93_784: "1 d 2 h",
        3605: "1 h 5 s",
    }
    assert {seconds: duration(seconds) for seconds in shown} == shown


def test_short_times_are_milliseconds() -> None:
    """With a decimal where it says something."""
    assert (milliseconds(0.00123), milliseconds(1.5)) == ("1.2 ms", "1500 ms")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 0),
        ({"books": books(misfit())}, 1),
        ({"interrupted": True, "books": books(misfit())}, 130),
    ],
)
def test_the_exit_status_says_whether_all_is_right(
    capsys: pytest.CaptureFixture[str], more: dict[str, Any], status: int
) -> None:
    """Whoever broke off knows that something is missing."""

    class Played:
        async def play(self) -> Report:
            return report(**more)

    args = Namespace(json=False)
    assert result_of(tell(cast("Any", Played()), args)) == status
    assert capsys.readouterr().out.startswith("Simulated 2 h of calm-day")
