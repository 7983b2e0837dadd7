"""Prints what is said on every walk, in Markdown."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

from .ground import TAG, Ground, ground
from .transcript import CHARGER, SERVER, Transcript, table
from .walks import Walk, a_charge, all_commands

PROFILES = range(4)


async def walk_all(where: Ground) -> list[Walk]:
    """Walk a charge by each way in, then every command."""
    await where.operator.put(f"/admin/idtags/{TAG}")
    charges = [await a_charge(where, profile) for profile in PROFILES]
    return [*charges, await all_commands(where)]


def summary(walks: list[Walk]) -> Iterator[str]:
    """Yield the lines of what was said."""
    *charges, commands = walks
    yield "### A charge, by each way in"
    yield ""
    yield counted(charges[0].transcript)
    yield ""
    yield from table({f"{walk.name}, ms": walk.transcript for walk in charges})
    yield ""
    yield "### Every command"
    yield ""
    yield counted(commands.transcript)
    yield ""
    yield from table({f"{commands.name}, ms": commands.transcript})
    yield ""


def counted(transcript: Transcript) -> str:
    """Return how much was said."""
    by_charger, by_server = (
        f"{len(calls)} of {len({each.action for each in calls})} actions"
        for calls in map(transcript.calls_by, (CHARGER, SERVER))
    )
    return f"Calls by the charger: {by_charger}; by the server: {by_server}."


def main() -> None:
    """Walk, and print."""
    with ground() as where:
        walks = asyncio.run(walk_all(where))
    sys.stdout.write("\n".join(summary(walks)))


main()
