"""Processor time of other processes, from the kernel's own clocks (Linux).

`/proc/<pid>/stat` counts in ticks of 10 ms; the clock of a process counts the same
time, user and system, of all its threads, in nanoseconds.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

CPU_CLOCK = 2  # CPUCLOCK_SCHED in the kernel's clock numbers


def cpu_s(pid: int) -> float:
    """Return the seconds a process has run so far; raise `OSError` if it is gone."""
    return time.clock_gettime(~pid << 3 | CPU_CLOCK)


def family_cpu_s(pid: int) -> dict[int, float]:
    """Return what a process and each of its children have run so far, in seconds."""
    family = {}
    for member in (pid, *children(pid)):
        with suppress(OSError):  # gone since the list was made
            family[member] = cpu_s(member)
    return family


def spent_s(before: dict[int, float], after: dict[int, float]) -> float:
    """Return what those who are still there have run in between, in seconds."""
    return sum(spent - before.get(pid, 0.0) for pid, spent in after.items())


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone since the directory was read
        if int(after_name[1]) == pid:
            found.append(int(stat.parent.name))
    return found
