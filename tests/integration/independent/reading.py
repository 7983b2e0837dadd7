"""What an operator reads of a charger afterwards, held against what was said."""

from __future__ import annotations

import json
from typing import Any

from .charge import Charged
from .commands import NEW_PASSWORD
from .ground import TAG
from .operator import Operator
from .transcript import CHARGER, SERVER, Exchange, Transcript

SECRET = NEW_PASSWORD.encode().hex()
MASK = "***"
SIDES = ((CHARGER, "in"), (SERVER, "out"))


async def demand_charge(operator: Operator, identity: str, charged: Charged) -> None:
    """Fail unless the charge is on record as it was, with all that was measured."""
    at = f"/admin/chargers/{identity}/transactions"
    [listed] = await operator.get(f"{at}?idTag={TAG.lower()}")
    assert listed["transactionId"] == charged.transaction_id
    assert listed["state"] == "ended"
    assert listed["idTag"] == listed["stopIdTag"] == TAG
    assert listed["connectorId"] == 1
    assert listed["meterStart"] == charged.meter_start_wh
    assert listed["meterStop"] == charged.meter_stop_wh
    assert listed["energyWh"] == charged.meter_stop_wh - charged.meter_start_wh
    assert (listed["stopReason"], listed["endReason"]) == ("Local", "station")
    read = await operator.get_until(
        f"{at}/{charged.transaction_id}",
        lambda read: len(read["meterValues"]) >= len(charged.values),
    )
    kept = {json.dumps(each["sampledValue"]) for each in read["meterValues"]}
    assert kept == {json.dumps(each["sampledValue"]) for each in charged.values}


async def demand_journal(
    operator: Operator, identity: str, transcript: Transcript
) -> None:
    """Fail unless every frame is in the journal as it was said, and found good."""
    wanted = len(transcript.frames)
    read = await operator.get_until(
        f"/admin/chargers/{identity}/messages?limit=1000",
        lambda read: len(read) >= wanted,
    )
    frames = read[::-1]
    for side, direction in SIDES:
        kept = [each["raw"] for each in frames if each["direction"] == direction]
        said = transcript.said_by(side)
        assert kept == [text.replace(SECRET, MASK) for text in said]
    assert {each["verdict"] for each in frames} == {"ok"}
    assert [each for each in frames if each["repairs"]] == []
    took_ms = {
        (each["direction"], each["messageId"]): each["latencyMs"]
        for each in frames
        if each["raw"].startswith("[3,")
    }
    for call in transcript.exchanges:
        known_ms = took_ms["in" if call.sender == SERVER else "out", call.message_id]
        assert known_ms > 0
        if call.sender == SERVER:
            call.took_s = known_ms / 1000  # to and fro, which only the sender knows


async def demand_commands(
    operator: Operator, identity: str, transcript: Transcript
) -> None:
    """Fail unless each command is on record with the answer that it was given."""
    calls = transcript.calls_by(SERVER)
    at = f"/admin/chargers/{identity}/commands?limit=1000"
    read = await operator.get_until(
        at, lambda read: {each["status"] for each in read} == {"result"}
    )
    assert all(each["sent"] for each in read)
    on_record = [(each["action"], each["payload"], each["response"]) for each in read]
    assert on_record[::-1] == [_as_kept(each) for each in calls]


def _as_kept(call: Exchange) -> tuple[str, Any, Any]:
    payload = json.loads(json.dumps(call.payload).replace(SECRET, MASK))
    return call.action, payload, call.answer
