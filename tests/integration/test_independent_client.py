"""A charger that is not ours, on real sockets, against a server as people start it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator

import pytest
from attrs import evolve
from websockets.exceptions import InvalidMessage, InvalidStatus

from tests.integration.independent.ground import TAG, Ground, ground
from tests.integration.independent.walks import a_charge, all_commands
from tests.integration.independent.ways import Way


@pytest.fixture(scope="module")
def where() -> Iterator[Ground]:
    """A server with TLS on, and a tag on record."""
    with ground() as where:
        asyncio.run(where.operator.put(f"/admin/idtags/{TAG}"))
        yield where


@pytest.mark.parametrize("profile", range(4))
def test_a_charge_by_each_way_in(where: Ground, profile: int) -> None:
    """From the boot to the bill; each frame and each sample is on record."""
    asyncio.run(a_charge(where, profile))


def test_every_command_is_carried_out(where: Ground) -> None:
    """All 26, as given; then it comes back as it was told to."""
    asyncio.run(all_commands(where))


async def answer_to(way: Way, identity: str) -> int:
    """Return the status of a refusal, 0 if TLS was not even spoken to its end.

    Without its certificate a client of TLS 1.3 hears of that on its first read only.
    """
    try:
        async with way.open(identity):
            return 101
    except InvalidStatus as why:
        return why.response.status_code
    except (ssl.SSLError, InvalidMessage):
        return 0


def test_each_way_in_is_closed_to_who_shows_less(where: Ground) -> None:
    """Its password is looked at, its transport, and whose certificate it is."""

    async def try_all() -> None:
        for profile in (1, 2, 3):
            await where.put_charger(f"CP-shut-{profile}", profile)
        other = where.way_by_hand("CP-shut-other")
        for way, identity, answer in (
            (where.way(0), "CP-shut-1", 401),
            (where.way(1, "not-the-password!"), "CP-shut-1", 401),
            (where.way(1), "CP-shut-2", 403),
            (where.way(2, "not-the-password!"), "CP-shut-2", 401),
            (where.way(0), "CP-shut-3", 403),
            (other, "CP-shut-3", 403),
            (evolve(other, pair=None), "CP-shut-3", 0),
        ):
            assert await answer_to(way, identity) == answer, (way.name, identity)

    asyncio.run(try_all())
