"""How many sockets a process may have, asked of a system that is made up."""

from __future__ import annotations

import resource

import pytest
from attrs import define

from flexicharge.startup.open_files import ENOUGH, allow_open_files

UNLIMITED = resource.RLIM_INFINITY


@define
class System:
    """A soft and a hard limit, and whether a change is granted."""

    limits: tuple[int, int]
    grants: bool = True

    def ask(self) -> tuple[int, int]:
        """Return the limits."""
        return self.limits

    def take(self, limits: tuple[int, int]) -> None:
        """Change them, or refuse."""
        if not self.grants:
            raise ValueError("not allowed to raise maximum limit")
        self.limits = limits

    def allow(self) -> int:
        """Ask for as much as there is."""
        return allow_open_files(self.ask, self.take)


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ((1024, 20_000), (20_000, 20_000), 20_000),
        ((20_000, 20_000), (20_000, 20_000), 20_000),
        ((256, UNLIMITED), (ENOUGH, UNLIMITED), ENOUGH),
        ((100_000, UNLIMITED), (100_000, UNLIMITED), 100_000),
        ((UNLIMITED, UNLIMITED), (UNLIMITED, UNLIMITED), ENOUGH),
    ],
)
def test_as_many_as_the_system_grants(
    before: tuple[int, int], after: tuple[int, int], allowed: int
) -> None:
    """The soft limit goes up to the hard one, and never down."""
    system = System(before)
    assert (system.allow(), system.limits) == (allowed, after)


def test_a_system_that_refuses_is_left_as_it_is() -> None:
    """Some name a limit that they do not grant."""
    system = System((256, UNLIMITED), grants=False)
    assert system.allow() == 256


def test_this_process_has_what_it_is_told() -> None:
    """The real limit, which is raised for good and hurts nobody."""
    allowed = allow_open_files()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft in (allowed, UNLIMITED)
