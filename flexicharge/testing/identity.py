"""People's fakes: hashing that takes no time, mail that can be read, known chance.

`People` is the built-in identity put together with them.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import shake_256
from itertools import count
from typing import Final
from uuid import UUID

from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from flexicharge.actors.background import Background
from flexicharge.actors.bus import LocalBus
from flexicharge.errors import MailNotSent
from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.identity.keys import RSA_BITS, KeyRing, ServerKey, SigningKey
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces.accounts import IAccountStore
from flexicharge.interfaces.people import IEntropy, IMail, IPasswordHasher

ISSUER: Final = "http://flexicharge.example"
PASSWORD: Final = "Passw0rd!"


@implementer(IPasswordHasher)
@define
class InstantHasher:
    """Hashes that anybody can read; it counts what it was asked for.

    `waiting_for` delays what is asked from then on, `outcome` is raised instead.
    """

    verified: int = 0
    hashed: int = 0
    waiting_for: Deferred[None] | None = None
    outcome: Exception | None = None

    async def hash(self, password: str) -> str:
        """Return the password, marked as a hash."""
        await self._work()
        self.hashed += 1
        return f"hash of {password}"

    async def verify(self, password_hash: str, password: str) -> bool:
        """Tell whether a password fits."""
        await self._work()
        self.verified += 1
        return password_hash == f"hash of {password}"

    async def _work(self) -> None:
        if self.outcome is not None:
            raise self.outcome
        if self.waiting_for is not None:
            await self.waiting_for


@frozen
class Letter:
    """One message that was sent."""

    to: str
    subject: str
    text: str


@implementer(IMail)
@define
class RecordingMail:
    """Keeps what is sent; while `refusing`, takes nothing."""

    sent: list[Letter] = field(factory=list)
    refusing: bool = False

    async def send(self, to: str, subject: str, text: str) -> None:
        """Keep a message, or raise `MailNotSent`."""
        if self.refusing:
            raise MailNotSent("The verification code could not be sent.")
        self.sent.append(Letter(to, subject, text))

    def code_for(self, to: str) -> str:
        """Return the code in the newest message to an address."""
        texts = [letter.text for letter in self.sent if letter.to == to]
        codes: list[str] = re.findall(r"\b\d{6}\b", texts[-1])
        return codes[0]


@implementer(IEntropy)
class SeededEntropy:
    """Chance that is the same on every run."""

    def __init__(self, seed: str = "test") -> None:
        self._seed = seed
        self._draws = count()

    def code(self) -> str:
        """Return six decimal digits."""
        return f"{int.from_bytes(self.token(8), 'big') % 10**6:06}"

    def uuid(self) -> str:
        """Return a UUID (version 4) as text."""
        return str(UUID(bytes=self.token(16), version=4))

    def token(self, nbytes: int) -> bytes:
        """Return bytes decided by the seed and how many draws came before."""
        return shake_256(f"{self._seed}:{next(self._draws)}".encode()).digest(nbytes)


@cache
def signing_key() -> SigningKey:
    """Return a key pair; making one takes long, so there is one for all tests."""
    return SigningKey(rsa.generate_private_key(65537, RSA_BITS), 0)


def key_ring() -> KeyRing:
    """Return a ring with that key alone."""
    return KeyRing([signing_key()])


@frozen
class People:
    """The built-in identity with everything it stands on in a test's hands."""

    clock: IReactorTime
    accounts: IAccountStore
    hasher: InstantHasher = field(factory=InstantHasher)
    mail: RecordingMail = field(factory=RecordingMail)
    entropy: SeededEntropy = field(factory=SeededEntropy)
    bus: LocalBus = field(init=False)
    background: Background = field(factory=Background, init=False)
    tokens: SignedTokens = field(init=False)
    identity: BuiltInIdentity = field(init=False)

    @bus.default
    def _its_bus(self) -> LocalBus:
        return LocalBus(self.clock)

    @tokens.default
    def _its_tokens(self) -> SignedTokens:
        return SignedTokens(key_ring(), ISSUER, self.entropy)

    @identity.default
    def _its_identity(self) -> BuiltInIdentity:
        return BuiltInIdentity(
            accounts=self.accounts,
            hasher=self.hasher,
            tokens=self.tokens,
            mail=self.mail,
            entropy=self.entropy,
            clock=self.clock,
            server_key=ServerKey(b"k" * 32),
            bus=self.bus,
            background=self.background,
        )

    async def join(self, email: str, password: str = PASSWORD) -> None:
        """Sign somebody up and confirm the address."""
        await self.identity.sign_up(email, password)
        await self.identity.verify(email, self.mail.code_for(email))

    async def token_of(self, email: str, password: str = PASSWORD) -> str:
        """Sign somebody in."""
        return (await self.identity.sign_in(email, password)).access_token
