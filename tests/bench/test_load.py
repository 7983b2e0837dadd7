"""The load script: its own WebSocket frames, its figures, and a small run of it all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cpu import spent_s
from bench.report import Cost, as_table, summary
from bench.sockets import MASK, masked

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("size", "head"),
    [(0, b"\x81\x80"), (125, b"\x81\xfd"), (126, b"\x81\xfe\x00\x7e")],
)
def test_frames_are_masked_text(size: int, head: bytes) -> None:
    """Length and mask stand where RFC 6455 §5.2 wants them; unmasked it is the text."""
    payload = bytes(number % 251 for number in range(size))
    frame = masked(payload)
    assert frame.startswith(head + MASK)
    body = frame[len(head) + 4 :]
    assert bytes(b ^ MASK[i % 4] for i, b in enumerate(body)) == payload


def test_figures_are_medians_and_ratios_are_within_rounds() -> None:
    """A round in which the whole machine was slow spoils neither."""
    bare = {"meter": [Cost(10e-6, 0), Cost(90e-6, 0), Cost(20e-6, 0)]}
    ours = {"meter": [Cost(20e-6, 1e-6), Cost(180e-6, 9e-6), Cost(60e-6, 2e-6)]}
    figures = summary(bare, ours)["meter"]
    assert (figures["bareUs"], figures["oursUs"]) == (20.0, 60.0)
    assert (figures["ratio"], figures["postgresUs"]) == (2.0, 2.0)
    assert as_table({"meter": figures}).splitlines()[1].split() == [
        "meter",
        "20.0",
        "60.0",
        "2.0",
        "2.0",
    ]


def test_those_who_came_count_and_those_who_went_do_not() -> None:
    """A process that ended takes its past with it, and must not be subtracted."""
    assert spent_s({1: 5.0, 2: 7.0}, {1: 6.0, 3: 0.5}) == 1.5


@pytest.mark.soak
def test_a_small_run_reports_every_message() -> None:
    """Both servers start, every row is stored, and nothing refuses a message."""
    command = ["--connections", "3", "--messages", "10", "--rounds", "2"]
    ran = subprocess.run(
        [sys.executable, "-m", "bench", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    figures = json.loads(ran.stdout.splitlines()[-1])["messages"]
    assert list(figures) == ["boot", "heartbeat", "status", "meter"]
    for message in figures.values():
        assert message["bareUs"] > 0
        assert message["oursUs"] > 0
    assert figures["meter"]["postgresUs"] > 0
