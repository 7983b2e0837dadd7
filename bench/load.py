"""The load: the same messages to a bare Autobahn and to the server, round by round.

It counts the processor time of the servers, never the time that passes. Everything
stays on loopback and ends by itself.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import report
from bench.cpu import cpu_s, family_cpu_s, spent_s
from bench.report import Cost, Costs
from bench.servers import Server, bare_server, count_readings, our_server
from bench.sockets import Client, LoadFailed, play_all
from bench.workloads import DIALECT, Charger, Load, Speak

ONE_PLAY_WITHIN_S = 120.0
AFTERMATH_S = 0.3  # what a server does after its answer is part of what a message costs
TERMINATED = 143


class Target:
    """A server with all its chargers connected."""

    def __init__(
        self, server: Server, serials: list[str], load: Load = DIALECT
    ) -> None:
        self.server, self._load = server, load
        self.costs: Costs = {message: [] for message in load.measured}
        is_bare = server.postmaster is None
        self._chargers = [Charger(each, is_bare) for each in serials]
        self._clients = [Client(server.port, load.path + each) for each in serials]

    def play_round(self, times: int) -> dict[str, Cost]:
        """Play every workload, `times` messages per charger; return what one cost."""
        costs = {}
        for message, speak in self._load.measured.items():
            if speak is self._load.meter:
                self._play(self._load.start, 1)
                stored = self._stored()
            costs[message] = self._measure(speak, times)
        self._check_stored(stored + times * len(self._chargers))
        self._play(self._load.stop, 1)
        return costs

    def close(self) -> None:
        """Disconnect everybody."""
        for client in self._clients:
            client.close()

    def _measure(self, speak: Speak, times: int) -> Cost:
        server, postgres = cpu_s(self.server.pid), self._postgres()
        self._play(speak, times)
        time.sleep(AFTERMATH_S)
        server_s = cpu_s(self.server.pid) - server
        postgres_s = spent_s(postgres, self._postgres())
        messages = times * len(self._chargers)
        return Cost(server_s / messages, postgres_s / messages)

    def _play(self, speak: Speak, times: int) -> None:
        scripts = (speak(charger, times) for charger in self._chargers)
        plays = list(zip(self._clients, scripts, strict=True))
        play_all(plays, ONE_PLAY_WITHIN_S)

    def _postgres(self) -> dict[int, float]:
        postmaster = self.server.postmaster
        return family_cpu_s(postmaster) if postmaster else {}

    def _stored(self) -> int:
        return count_readings(self.server.data_dir) if self.server.data_dir else 0

    def _check_stored(self, expected: int) -> None:
        if self.server.data_dir and self._stored() != expected:
            raise LoadFailed(f"{self._stored()} readings are stored, not {expected}")


def main(argv: list[str] | None = None) -> int:
    """Measure, print a table and a JSON object; return the exit status."""
    args = _arguments().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # ends children too
    try:
        bare, ours = measure(args.connections, args.messages, args.rounds)
    except (LoadFailed, OSError) as why:
        print(f"bench: {why}", file=sys.stderr)
        return 1
    figures = report.summary(bare, ours)
    load = {key: getattr(args, key) for key in ("connections", "messages", "rounds")}
    text = report.as_json(load, figures)
    print(report.as_table(figures))
    print(text)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")
    return 0


def measure(connections: int, messages: int, rounds: int) -> tuple[Costs, Costs]:
    """Return what messages cost on a bare Autobahn and on the server, by round."""
    serials = [f"bench{number:04}" for number in range(connections)]
    with _targets(serials) as targets:
        for target in targets:
            target.play_round(max(1, messages // 10))  # to warm up; not counted
        for number in range(rounds):
            for target in targets[:: 1 if number % 2 else -1]:
                for message, cost in target.play_round(messages).items():
                    target.costs[message].append(cost)
        bare, ours = targets
        return bare.costs, ours.costs


@contextmanager
def _targets(serials: list[str]) -> Iterator[list[Target]]:
    with ExitStack() as ends:
        servers = [
            ends.enter_context(bare_server()),
            ends.enter_context(our_server(serials)),
        ]
        targets = [Target(server, serials) for server in servers]
        for target in targets:
            ends.callback(target.close)
        yield targets


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--connections", type=between(1, 500), default=50, help="chargers (50)")
    add("--messages", type=between(1, 10_000), default=200, help="of each kind (200)")
    add("--rounds", type=between(1, 50), default=5, help="medians are over these (5)")
    add("--json", type=Path, help="write the JSON object to a file too")
    return parser


def between(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number between two bounds from an option."""

    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"not between {least} and {most}")
        return value

    return number
