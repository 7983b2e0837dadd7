"""Keys change in time, and whoever is signed in notices nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from twisted.internet.task import Clock

from flexicharge.config import read_settings
from flexicharge.errors import StartUpFailed, TokenError
from flexicharge.identity.key_files import add_key, open_ring, read_keys, remove_keys
from flexicharge.identity.keys import ANNOUNCED_S, OUTLIVES_S, KeyRing
from flexicharge.identity.rotation import LOOK_EVERY_S, KeyRotation
from flexicharge.identity.tokens import SignedTokens
from flexicharge.service import BackEnd
from flexicharge.service.back_end import as_it_is
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.certificates import known_authority
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import ISSUER, SeededEntropy, signing_key
from flexicharge.testing.memory import driver_account, memory_stores, people

DAYS_90 = 90 * 86_400.0


def put_key(directory: Path, at: float) -> None:
    """Put the key of all tests into a directory: making one takes long."""
    pem = signing_key().private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path = directory / f"signing-{int(at)}.pem"
    path.touch(0o600)
    path.write_bytes(pem)


class Server:
    """A server's ring and tokens over a directory, on the test's clock."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.clock, self.directory = clock, directory
        put_key(directory, clock.seconds())
        self.ring = open_ring(directory, clock.seconds())
        self.tokens = SignedTokens(self.ring, ISSUER, SeededEntropy())
        self.in_thread = 0
        self.rotation = KeyRotation(
            ring=self.ring,
            directory=directory,
            max_age_s=DAYS_90,
            clock=clock,
            run=self._run,
        )

    def look(self) -> list[str]:
        """Look at the directory once; return the names of all keys."""
        result_of(self.rotation.look())
        return [key.kid for key in self.ring.keys]

    def issue(self) -> str:
        now = self.clock.seconds()
        return self.tokens.issue(driver_account("ida", 1, now), now)

    def takes(self, token: str) -> bool:
        try:
            self.tokens.read(token, self.clock.seconds())
        except TokenError:
            return False
        return True

    async def _run(self, work: Callable[[], object]) -> object:
        self.in_thread += 1
        return work()


@pytest.fixture
def server(tmp_path: Path, clock: Clock) -> Server:
    return Server(tmp_path, clock)


def test_a_key_is_kept_until_it_is_old(server: Server, clock: Clock) -> None:
    """Looking again makes none, and is done beside the reactor."""
    (first,) = server.look()
    clock.advance(DAYS_90 - 1)
    assert server.look() == [first]
    assert server.in_thread == 2


def test_an_old_key_gets_a_successor(server: Server, clock: Clock) -> None:
    """It is published at once, signs a little later, and its file is the owner's."""
    (first,) = server.look()
    clock.advance(DAYS_90)
    _, second = server.look()
    published = server.tokens.published_keys(clock.seconds())
    assert [key["kid"] for key in published] == [first, second]
    assert server.ring.signing(clock.seconds()).kid == first
    clock.advance(ANNOUNCED_S)
    assert server.ring.signing(clock.seconds()).kid == second
    assert {path.stat().st_mode & 0o777 for path in server.directory.iterdir()} == {
        0o600
    }


def test_nobody_is_signed_out_by_a_rotation(server: Server, clock: Clock) -> None:
    """A token of the old key is good for the whole of its hour."""
    clock.advance(DAYS_90)
    server.look()
    clock.advance(ANNOUNCED_S - 1)
    token = server.issue()
    for _ in range(11):
        clock.advance(300.0)
        server.look()
        assert server.takes(token)
    clock.advance(400.0)
    assert not server.takes(token)


def test_a_key_whose_time_is_over_is_removed(server: Server, clock: Clock) -> None:
    """From the ring and from the disk; its successor stays."""
    clock.advance(DAYS_90)
    first, second = server.look()
    clock.advance(ANNOUNCED_S + OUTLIVES_S - 1)
    assert server.look() == [first, second]
    clock.advance(1)
    assert server.look() == [second]
    assert [key.kid for key in read_keys(server.directory)] == [second]


def test_a_key_that_a_command_made_is_noticed(server: Server, clock: Clock) -> None:
    """Before anybody signs with it."""
    (first,) = server.look()
    made = add_key(server.directory, clock.seconds())
    command = KeyRing(read_keys(server.directory))
    assert command.signing(clock.seconds()).kid == first
    assert LOOK_EVERY_S < ANNOUNCED_S
    clock.advance(LOOK_EVERY_S)
    assert server.look() == [first, made.kid]


def test_a_key_that_is_gone_is_not_believed_from_memory(
    server: Server, clock: Clock
) -> None:
    """Forgetting all old keys signs everybody out, however often they were here."""
    token = server.issue()
    assert server.takes(token)
    old = server.ring.keys
    new = add_key(server.directory, clock.seconds())
    remove_keys(server.directory, old)
    assert server.look() == [new.kid]
    assert not server.takes(token)
    assert server.takes(server.issue())


def test_a_directory_that_was_emptied_has_a_new_key(server: Server) -> None:
    """As at the first start."""
    (first,) = server.look()
    remove_keys(server.directory, server.ring.keys)
    (second,) = server.look()
    assert second != first


def test_a_damaged_key_changes_nothing(server: Server, clock: Clock) -> None:
    """It is told; whoever is signed in stays so."""
    token = server.issue()
    (server.directory / "signing-1900000000.pem").write_text("no key")
    with pytest.raises(StartUpFailed):
        server.look()
    assert server.takes(token)


def test_a_back_end_looks_at_its_keys(clock: Clock) -> None:
    """Every few seconds, if it was told how."""
    looks: list[float] = []

    async def look() -> None:
        looks.append(clock.seconds())

    stores = memory_stores(MemoryWorld(clock), as_it_is)
    back_end = BackEnd(
        clock=clock,
        settings=read_settings({}),
        stores=stores,
        people=evolve(people(SeededEntropy()), look_at_keys=look),
        authority=known_authority(read_settings({}), clock, SeededEntropy()),
        probe=stores.chargers.get_charge_points,
    )
    back_end.start()
    clock.pump([LOOK_EVERY_S] * 3)
    back_end.halt()
    clock.advance(LOOK_EVERY_S)
    assert len(looks) == 3
