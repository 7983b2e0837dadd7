"""What chargers of OCPP 1.6 do in the field, each oddity by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.standard.oddities import STANDARD_ODDITIES, twists_of
from tests.simulator.standard.central import Bench
from tests.simulator.standard.conftest import MakeBench

Shows = Callable[[Bench], object]


def first(bench: Bench, action: str) -> dict[str, Any]:
    """Return what was first said under an action."""
    return bench.payloads(action)[0]


def samples(bench: Bench) -> Any:
    """Return the samples of the first reading."""
    return first(bench, "MeterValues")["meterValue"][0]["sampledValue"]


def values(bench: Bench, measurand: str) -> list[Any]:
    """Return what was said of a measurand, reading by reading."""
    return [
        sample["value"]
        for reading in bench.payloads("MeterValues")
        for value in reading["meterValue"]
        for sample in value["sampledValue"]
        if sample.get("measurand") == measurand
    ]


def stamped(bench: Bench) -> str:
    """Return the time of the start."""
    stamp: str = first(bench, "StartTransaction")["timestamp"]
    return stamp


REGISTER = "Energy.Active.Import.Register"

# What shows in five minutes of a charge that a tag ends.
SHOWS: dict[str, Shows] = {
    "invalid-json": lambda b: any(b"[,{" in text for text in b.central.texts),
    "empty-frames": lambda b: b"" in b.central.texts,
    "null-payloads": lambda b: b.payloads("BootNotification") == [None],
    "message-type-1": lambda b: any(t.startswith(b"[1,") for t in b.central.texts),
    "many-elements": lambda b: len(json.loads(b.central.texts[0])) == 5,
    "numbers-for-ids": lambda b: isinstance(b.central.ids[0], int),
    "long-ids": lambda b: len(b.central.ids[0]) > 60,
    "misspelt-actions": lambda b: b.said["heartBeat "] == 1,
    "zoneless-times": lambda b: stamped(b) == "2027-01-15T08:00:00",
    "short-zones": lambda b: stamped(b) == "2027-01-15T10:00:00+02",
    "local-times": lambda b: stamped(b) == "2027-01-15T10:00:00Z",
    "times-of-1970": lambda b: stamped(b) == "1970-01-01T08:00:00Z",
    "times-of-year-one": lambda b: stamped(b) == "0001-01-01T00:00:00Z",
    "times-of-29-february": lambda b: "02-29" in stamped(b),
    "times-missing": lambda b: "timestamp" not in first(b, "StopTransaction"),
    "transaction-id-0": lambda b: first(b, "StopTransaction")["transactionId"] == 0,
    "transaction-id-minus-1": lambda b: first(b, "MeterValues")["transactionId"] == -1,
    "transaction-id-max": lambda b: (
        first(b, "StopTransaction")["transactionId"] == 2**63 - 1
    ),
    "stop-unnumbered": lambda b: "transactionId" not in first(b, "StopTransaction"),
    "no-transaction-id": lambda b: "transactionId" not in first(b, "MeterValues"),
    "numbers-as-text": lambda b: first(b, "StartTransaction")["meterStart"] == "0",
    "numbers-with-fraction": lambda b: isinstance(
        first(b, "StopTransaction")["meterStop"], float
    ),
    "null-fields": lambda b: "reservationId" in first(b, "StartTransaction"),
    "many-connectors": lambda b: (
        b.charger.configuration.text("NumberOfConnectors") == "1634030126"
    ),
    "start-repeated": lambda b: b.said["StartTransaction"] == 2,
    "same-id-again": lambda b: b.said["StopTransaction"] == 2,
    "fresh-ids-for-retries": lambda b: True,
    "start-after-stop": lambda b: b.actions[-2] == "StartTransaction",
    "stop-never": lambda b: not b.said["StopTransaction"],
    "stop-repeated": lambda b: b.said["StopTransaction"] == 4,
    "orphan-stop": lambda b: first(b, "StopTransaction")["transactionId"] == 999_999,
    "stop-lost-with-power": lambda b: b.said["StopTransaction"] == 1,
    "readings-after-stop": lambda b: b.actions[-3:-1] == 2 * ["MeterValues"],
    "closing-reading-late": lambda b: b.actions[-2] == "MeterValues",
    "charging-before-start": lambda b: b.statuses[2:4] == 2 * ["Charging"],
    "old-sessions": lambda b: b.said["StartTransaction"] == 21,
    "no-memory": lambda b: True,
    "connector-0": lambda b: first(b, "MeterValues")["connectorId"] == 0,
    "empty-values": lambda b: samples(b)[0]["value"] == "",
    "missing-samples": lambda b: samples(b) == [],
    "single-samples": lambda b: isinstance(samples(b), dict),
    "noise-in-readings": lambda b: samples(b)[0]["measurand"] == "Frequency",
    "bare-samples": lambda b: [*samples(b)[0]] == ["value"],
    "numbers-for-values": lambda b: isinstance(samples(b)[0]["value"], float),
    "power-in-hertz": lambda b: samples(b)[1]["unit"] == "Hz",
    "power-in-kw": lambda b: samples(b)[1]["value"] == "22.000",
    "energy-in-kwh": lambda b: (
        (samples(b)[0]["value"], samples(b)[0]["unit"]) == ("0.367", "kWh")
    ),
    "meter-backwards": lambda b: (
        int(values(b, REGISTER)[2]) < int(values(b, REGISTER)[1])
    ),
    "stop-below-reading": lambda b: (
        first(b, "StopTransaction")["meterStop"] < int(values(b, REGISTER)[-1])
    ),
    "unknown-status-words": lambda b: "Occupied" in b.statuses,
    "unknown-error-codes": lambda b: (
        first(b, "StatusNotification")["errorCode"] == "Error"
    ),
    "unknown-reasons": lambda b: "by user" in first(b, "StopTransaction")["reason"],
    "over-long-strings": lambda b: (
        len(first(b, "BootNotification")["chargePointSerialNumber"]) > 400
        and len(first(b, "StatusNotification")["info"]) == 400
    ),
    "misspelt-names": lambda b: "connectorID" in first(b, "MeterValues"),
    "extra-fields": lambda b: first(b, "BootNotification")["seq"] == 1,
    "serial-behind-tag": lambda b: first(b, "Authorize")["idTag"] == "TAG1_12345678",
    "small-tags": lambda b: first(b, "StopTransaction")["idTag"] == "tag1",
    "suspended-for-preparing": lambda b: "SuspendedEV" in b.statuses,
    "boot-loop": lambda b: b.said["BootNotification"] > 20,
    "heartbeats": lambda b: b.said["Heartbeat"] > 30,
    "status-flood": lambda b: b.said["StatusNotification"] == 200,
    "vendor-messages": lambda b: b.said["DataTransfer"] == 5,
}  # fmt: skip


@pytest.mark.parametrize("name", STANDARD_ODDITIES)
def test_an_oddity_shows_and_the_truth_is_kept(bench: MakeBench, name: str) -> None:
    """The central system that takes everything has the charge as it was."""
    made = bench(oddities=(name,))
    made.central.answers["heartBeat "] = {}
    made.charge(310)
    made.show()
    made.pass_time(70 if name == "invalid-json" else 0, 10.0)
    shows = SHOWS.get(name, lambda _: True)
    assert shows(made), made.central.calls
    charge = made.charger.charges[-1]
    assert charge.is_over
    assert charge.transaction_id is not None
    assert charge.charged_wh == pytest.approx(1894, abs=1)
    assert charge.stop_kept == (name != "stop-never")
    if name == "stop-below-reading":
        assert charge.stop_wh == charge.meter_start_wh + 947
    elif name != "stop-never":
        assert charge.stop_wh == charge.meter_start_wh + 1894


def test_every_oddity_says_what_it_is_and_where_it_was_seen() -> None:
    """A field note, or a rule of tolerance that it is an example of."""
    for oddity in STANDARD_ODDITIES.values():
        assert oddity.about
        assert oddity.source


def test_an_unknown_oddity_is_named_with_the_known_ones() -> None:
    """So that whoever wrote it can mend it."""
    with pytest.raises(SimulatorError, match=r"'nonsense'; there are answers-errors,"):
        twists_of(["nonsense"])


def test_answers_come_a_minute_late(bench: MakeBench) -> None:
    """What was asked for is done at once all the same."""
    made = bench(oddities=("answers-late",))
    made.plug_in()
    assert made.order("RemoteStartTransaction", idTag="FCAE") is None
    assert made.said["StartTransaction"] == 1
    made.pass_time(60, 10.0)
    assert made.central.results == {}
    made.pass_time(31)
    assert made.central.results["order-RemoteStartTransaction"] == [
        {"status": "Accepted"}
    ]


def test_a_deaf_one_answers_nothing(bench: MakeBench) -> None:
    """It beats, and does none of what it is asked."""
    made = bench(oddities=("deaf",))
    made.plug_in()
    assert made.order("RemoteStartTransaction", idTag="FCAE") is None
    made.pass_time(301, 10.0)
    assert (made.said["StartTransaction"], made.said["Heartbeat"]) == (0, 1)


def test_a_contrary_one_refuses_everything(bench: MakeBench) -> None:
    """With an error that is misspelt and short."""
    made = bench(oddities=("answers-errors",))
    made.central.say(2, "order-1", "Reset", {"type": "Soft"})
    made.flush()
    assert made.central.texts[-1] == b'[4,"order-1","NotSuported"]'
    assert made.restarts == 0


def test_a_particular_one_starts_only_where_a_connector_is_named(
    bench: MakeBench,
) -> None:
    """Its refusal is that of the answer; what it is asked for properly it does."""
    made = bench(oddities=("needs-connector",))
    assert made.order("RemoteStartTransaction", idTag="FCAE") == {"status": "Rejected"}
    assert made.order("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    asked = {"idTag": "FCAE", "connectorId": 1}
    assert made.order("RemoteStartTransaction", **asked) == {"status": "Accepted"}


def test_a_retry_under_a_fresh_id_is_another_call(bench: MakeBench) -> None:
    """With the same payload."""
    made = bench(oddities=("fresh-ids-for-retries",))
    made.central.answers["StartTransaction"] = "InternalError"
    made.charge(61)
    starts = [
        i
        for i, a in zip(made.central.ids, made.actions, strict=True)
        if a == "StartTransaction"
    ]
    assert len(starts) == 2
    assert starts[1] == f"{starts[0]}-1"


def test_one_without_a_memory_tells_nothing_later(bench: MakeBench) -> None:
    """What happened without a line has never been."""
    made = bench(oddities=("no-memory",))
    made.charge(60)
    made.lose()
    made.pass_time(60)
    made.show()
    made.connect()
    assert made.said["StopTransaction"] == 0
    assert not made.charger.charges[0].stop_kept


def test_a_stop_is_lost_with_the_power(bench: MakeBench) -> None:
    """And said where the power stays."""
    made = bench(oddities=("stop-lost-with-power",))
    made.charge(60)
    made.cut_power()
    made.power_up()
    assert made.said["StopTransaction"] == 0


@pytest.mark.parametrize(
    ("oddities", "expected"),
    [
        ((), ["StatusNotification", "StatusNotification"]),
        (("silent-reconnect",), []),
        (
            ("boot-on-reconnect",),
            ["BootNotification", "StatusNotification", "StatusNotification"],
        ),
    ],
)
def test_what_is_said_when_the_line_is_back(
    bench: MakeBench, oddities: tuple[str, ...], expected: list[str]
) -> None:
    """Statuses; nothing; or a boot first."""
    made = bench(oddities=oddities)
    made.lose()
    made.central.calls.clear()
    made.connect()
    assert made.actions == expected


def test_old_sessions_are_told_in_order_with_their_times(bench: MakeBench) -> None:
    """A hundred days of them, each with the number that its start was given."""
    made = bench(oddities=("old-sessions",))
    starts, stops = made.payloads("StartTransaction"), made.payloads("StopTransaction")
    assert len(starts) == len(stops) == 20
    assert starts[0]["timestamp"] == "2026-10-07T08:00:00.000Z"
    assert [stop["transactionId"] for stop in stops] == list(range(101, 121))
    assert all(charge.stop_kept for charge in made.charger.charges)
    assert {charge.charged_wh for charge in made.charger.charges} == {7000}
