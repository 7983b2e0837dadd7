"""`flexicharge demo` against a server as people start it, over real sockets."""

from __future__ import annotations

import json
import signal

import pytest

from tests.integration.cli.town import Town, wait_for


def test_a_first_charge_ends_with_a_receipt(town: Town) -> None:
    """On stdout stands one object, and the outbox is found through DATA_DIR."""
    out, err = town.demo("--seconds", "1", "--json").communicate(timeout=60)
    receipt = json.loads(out)
    assert receipt["energyWh"] == pytest.approx(150_000 / 3600, abs=20)
    assert receipt["price"] >= 1
    assert receipt["endTimestamp"] >= receipt["startTimestamp"]
    assert "Plugged in abc118: 100008" in err


def test_ctrl_c_stops_the_charge_and_a_namesake_is_refused(town: Town) -> None:
    """The second demonstration says so; the first ends with a receipt and 130."""
    first = town.demo("--seconds", "600", "--json")
    wait_for(first, "Charging")
    second = town.demo("--seconds", "1", "--json")
    out, err = second.communicate(timeout=60)
    assert (second.returncode, out) == (1, "")
    assert "abc118 is already in use (Charging); unplug it or use --serial" in err
    first.send_signal(signal.SIGINT)
    out, _ = first.communicate(timeout=60)
    assert first.returncode == 130
    assert json.loads(out)["energyWh"] > 0


def test_without_a_server_the_cure_is_said(town: Town) -> None:
    """One line on stderr, exit status 1."""
    demo = town.demo("--url", "http://127.0.0.1:1")
    out, err = demo.communicate(timeout=60)
    assert (demo.returncode, out) == (1, "")
    assert err.endswith("; start the server with: twistd -n flexicharge\n")
    assert len(err.splitlines()) == 1
