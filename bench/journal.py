"""What the journal of frames costs: the same server with it and without, in turns.

Chargers of OCPP 1.6 say the same to both. As in `bench.load`, the processor time of the
servers and of their databases counts, never the time that passes.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from contextlib import ExitStack
from statistics import median

from bench.load import TERMINATED, Target, between
from bench.report import US, Cost, Costs, machine, table
from bench.servers import add_standard_chargers, ask, our_server
from bench.sockets import LoadFailed
from bench.standard import OCPP_1_6

HEAD = ("message", "off µs", "on µs", "ratio", "PG off µs", "PG on µs")
KEPT_WITHIN_S = 10.0
FRAMES = "SELECT count(*) FROM frames"
BYTES = """
SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits
WHERE inhparent = 'frames'::regclass
"""
Figures = dict[str, dict[str, float]]


def main(argv: list[str] | None = None) -> int:
    """Measure, print a table and a JSON object; return the exit status."""
    args = _arguments().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # ends children too
    try:
        figures, bytes_per_frame = measure(args.connections, args.messages, args.rounds)
    except (LoadFailed, OSError) as why:
        print(f"bench: {why}", file=sys.stderr)
        return 1
    rows = [(name, *map(str, row.values())) for name, row in figures.items()]
    print(table(HEAD, rows))
    told = {"machine": machine(), "bytesPerFrame": bytes_per_frame, "messages": figures}
    print(json.dumps(told))
    return 0


def measure(connections: int, messages: int, rounds: int) -> tuple[Figures, float]:
    """Return what messages cost without a journal and with it, and a frame's bytes."""
    serials = [f"bench{number:04}" for number in range(connections)]
    with ExitStack() as ends:
        off, on = (_target(ends, serials, JOURNAL_DAYS=days) for days in ("0", "14"))
        for target in (off, on):
            target.play_round(max(1, messages // 10))  # to warm up; not counted
        for number in range(rounds):
            for target in (off, on)[:: 1 if number % 2 else -1]:
                for message, cost in target.play_round(messages).items():
                    target.costs[message].append(cost)
        played = rounds * messages + max(1, messages // 10)
        frames = connections * 2 * (len(off.costs) * played + 2 * (rounds + 1))
        return _figures(off.costs, on.costs), _bytes_of(on, frames)


def _target(ends: ExitStack, serials: list[str], **settings: str) -> Target:
    """Return a server without any charger of its own, whose frames would count."""
    server = our_server(serials, add_standard_chargers, DEMO_CHARGER="0", **settings)
    target = Target(ends.enter_context(server), serials, OCPP_1_6)
    ends.callback(target.close)
    return target


def _bytes_of(target: Target, frames: int) -> float:
    """Return the bytes of a frame on disk; raise `LoadFailed` if not all are there."""
    data_dir = target.server.data_dir
    assert data_dir
    deadline = time.monotonic() + KEPT_WITHIN_S
    while (kept := ask(data_dir, FRAMES)) != frames:
        if time.monotonic() > deadline:
            raise LoadFailed(f"{kept} frames are journalled, not {frames}")
        time.sleep(0.1)
    return round(ask(data_dir, BYTES) / frames, 1)


def _figures(off: Costs, on: Costs) -> Figures:
    return {
        message: {
            "offUs": _median_us([cost.server_s for cost in off[message]]),
            "onUs": _median_us([cost.server_s for cost in on[message]]),
            "ratio": _ratio(off[message], on[message]),
            "postgresOffUs": _median_us([cost.postgres_s for cost in off[message]]),
            "postgresOnUs": _median_us([cost.postgres_s for cost in on[message]]),
        }
        for message in off
    }


def _median_us(seconds: list[float]) -> float:
    return round(median(seconds) * US, 1)


def _ratio(off: list[Cost], on: list[Cost]) -> float:
    """Return the median over rounds of how many times as much the server spent."""
    pairs = zip(off, on, strict=True)
    return round(median(more.server_s / less.server_s for less, more in pairs), 2)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.journal", description=__doc__
    )
    add = parser.add_argument
    add("--connections", type=between(1, 500), default=50, help="chargers (50)")
    add("--messages", type=between(1, 10_000), default=200, help="of each kind (200)")
    add("--rounds", type=between(1, 50), default=5, help="medians are over these (5)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
