"""`flexicharge simulate` against a server as people start it, over real sockets."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.integration.cli.town import Town, wait_for


def test_a_scenario_is_played_to_its_end(town: Town) -> None:
    """One object on stdout, status 0; accounts are fresh, from the outbox."""
    words = ("--chargers", "3", "--for", "40 s", "--pace", "20", "--seed", "7")
    playing = town.start("simulate", *words, "--json")
    out, err = playing.communicate(timeout=60)
    assert playing.returncode == 0, out + err
    told = json.loads(out)
    assert told["chargers"]["connected"] == 3
    assert (told["seed"], told["faults"]) == ("7", [])
    assert "in about 2 s (--pace 20 --seed 7)" in err


def test_ctrl_c_winds_down_and_a_second_one_leaves_at_once(
    town: Town, tmp_path: Path
) -> None:
    """The first waits for a server that does not answer; the second for nobody."""
    process = town.server.process
    assert process is not None
    serials = tmp_path / "serials"
    serials.write_text("abc114\n")
    more = ("--for", "1 h", "--pace", "60", "--serial-file", str(serials))
    playing = town.start("simulate", *more)
    wait_for(playing, "Simulating")
    wait_for(process, "abc114 is connected")
    process.send_signal(signal.SIGSTOP)
    try:
        playing.send_signal(signal.SIGINT)
        wait_for(playing, "Ctrl-C again to leave at once")
        playing.send_signal(signal.SIGINT)
        out, _ = playing.communicate(timeout=10)
    finally:
        process.send_signal(signal.SIGCONT)
    assert (playing.returncode, out) == (130, "")


def test_ctrl_c_alone_ends_with_a_report(town: Town) -> None:
    """Nothing is left charging at the server."""
    playing = town.start("simulate", "--for", "1 h", "--pace", "20", "--json")
    wait_for(playing, "Simulating")
    playing.send_signal(signal.SIGINT)
    out, _ = playing.communicate(timeout=60)
    assert playing.returncode == 130
    assert json.loads(out)["interrupted"] is True
    _, chargers = town.server.ask("GET", "/chargers")
    assert {charger["status"] for charger in chargers} <= {"Available", "Unavailable"}
