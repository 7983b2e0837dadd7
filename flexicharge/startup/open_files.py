"""How many sockets and files a process may have open at a time."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Final

ENOUGH: Final = 65_536  # where the system itself names no limit

Limits = tuple[int, int]


def allow_open_files(
    ask: Callable[[], Limits] = lambda: resource.getrlimit(resource.RLIMIT_NOFILE),
    take: Callable[[Limits], None] = lambda limits: resource.setrlimit(
        resource.RLIMIT_NOFILE, limits
    ),
) -> int:
    """Raise this process's limit as far as its user may, and return it.

    A shell gives 1,024 as a rule and allows far more; each charger takes one.
    """
    soft, hard = ask()
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted if soft == resource.RLIM_INFINITY else soft
    try:
        take((wanted, hard))
    except (OSError, ValueError):  # some systems name a limit that they do not grant
        return soft
    return wanted
