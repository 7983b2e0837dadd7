"""People's passwords: what they must look like, and how they are kept."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from attrs import frozen
from zope.interface import implementer

from flexicharge.errors import PasswordTooWeak
from flexicharge.interfaces.people import IEntropy, IPasswordHasher
from flexicharge.interfaces.threads import RunInThread

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 256

# Argon2id with 19 MiB and two passes: some 20 ms of one core for each password.
TIME_COST: Final = 2
MEMORY_KIB: Final = 19 * 1024
LANES: Final = 1
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
_ARGON2: Final = PasswordHasher(
    time_cost=TIME_COST,
    memory_cost=MEMORY_KIB,
    parallelism=LANES,
    hash_len=HASH_BYTES,
    salt_len=SALT_BYTES,
)


def _unpadded(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


NOBODYS_HASH: Final = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={LANES}"
    f"${_unpadded(bytes(SALT_BYTES))}${_unpadded(bytes(HASH_BYTES))}"
)
"""A hash no known password fits, as costly to check as any other."""

# The character classes in the order Cognito complains about them.
_CLASSES: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("lowercase", str.islower),
    ("uppercase", str.isupper),
    ("numeric", str.isdecimal),
    ("symbol", lambda char: not char.isalnum() and not char.isspace()),
)


def check_policy(password: str) -> None:
    """Raise `PasswordTooWeak`, naming the first rule that is broken (contract §7.2).

    At least 8 and at most 256 characters, among them an upper-case letter, a lower-case
    letter, a digit and a symbol.
    """
    if len(password) < MIN_LENGTH:
        raise _weak("Password not long enough")
    if len(password) > MAX_LENGTH:
        raise _weak("Password too long")
    for name, is_member in _CLASSES:
        if not any(map(is_member, password)):
            raise _weak(f"Password must have {name} characters")


def made_up_password(entropy: IEntropy) -> str:
    """Return a password of 96 random bits that has every class the policy asks for."""
    return f"Fc1-{entropy.token(12).hex()}"


def _weak(reason: str) -> PasswordTooWeak:
    # Apps cut the first 38 characters off to show the reason alone (contract §4.4).
    return PasswordTooWeak(f"Password did not conform with policy: {reason}")


@implementer(IPasswordHasher)
@frozen
class ThreadedHasher:
    """Argon2id in a thread; how many may wait is the thread's business."""

    _run: RunInThread

    async def hash(self, password: str) -> str:
        """Return a salted hash in argon2's own encoding, parameters included."""
        return await self._run(lambda: _ARGON2.hash(_octets(password)))

    async def verify(self, password_hash: str, password: str) -> bool:
        """Tell whether a password fits a hash of ours."""
        return await self._run(lambda: _fits(password_hash, password))


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _ARGON2.verify(password_hash, _octets(password))
    except (VerifyMismatchError, InvalidHashError):  # some accounts have no hash
        return False


def _octets(password: str) -> bytes:
    """Return whatever somebody typed as bytes, half a surrogate pair included."""
    return password.encode("utf-8", "surrogatepass")
