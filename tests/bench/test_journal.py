"""What measures the journal says is correct OCPP 1.6; and a small run of it all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.journal import _figures
from bench.report import Cost
from bench.sockets import MASK
from bench.standard import OCPP_1_6
from bench.workloads import Charger, Speak
from flexicharge.ocpp.frames import Call
from flexicharge.ocpp.v16.frames import read_frame
from flexicharge.ocpp.v16.understanding import understand

ROOT = Path(__file__).resolve().parents[2]
STARTED = b'[3,"x",{"transactionId":7,"idTagInfo":{"status":"Accepted"}}]'


def unmasked(frame: bytes) -> bytes:
    """Return the text in a client's frame."""
    start = frame.index(MASK) + 4
    return bytes(byte ^ MASK[i % 4] for i, byte in enumerate(frame[start:]))


@pytest.mark.parametrize(
    "speak", [OCPP_1_6.start, *OCPP_1_6.measured.values(), OCPP_1_6.stop]
)
def test_every_message_is_understood_without_repairs(speak: Speak) -> None:
    """A message that has to be mended would cost more than one that has not."""
    script = speak(Charger("bench0001", is_bare=False), 1)
    frame, awaited = next(script)
    assert awaited == 1
    heard = read_frame(unmasked(frame))
    assert heard.repairs == ()
    assert isinstance(heard.frame, Call)
    assert understand(heard.frame, 1_800_000_000.0).repairs == ()
    with pytest.raises(StopIteration):
        script.send([STARTED])


def test_ratios_are_within_rounds() -> None:
    """A round in which the whole machine was slow spoils none."""
    off = {"meter": [Cost(10e-6, 1e-6), Cost(90e-6, 2e-6), Cost(20e-6, 3e-6)]}
    on = {"meter": [Cost(20e-6, 4e-6), Cost(180e-6, 5e-6), Cost(60e-6, 6e-6)]}
    assert _figures(off, on) == {
        "meter": {
            "offUs": 20.0,
            "onUs": 60.0,
            "ratio": 2.0,
            "postgresOffUs": 2.0,
            "postgresOnUs": 5.0,
        }
    }


@pytest.mark.soak
def test_a_small_run_reports_every_message() -> None:
    """Both servers start, and every frame is in the journal of one of them."""
    command = ["--connections", "3", "--messages", "10", "--rounds", "2"]
    ran = subprocess.run(
        [sys.executable, "-m", "bench.journal", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = json.loads(ran.stdout.splitlines()[-1])
    assert list(told["messages"]) == ["boot", "heartbeat", "status", "meter"]
    assert told["bytesPerFrame"] > 100
    for message in told["messages"].values():
        assert message["offUs"] > 0
        assert message["onUs"] > 0
