"""Chance that nobody may predict, from the operating system."""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces.people import IEntropy

CODE_DIGITS: Final = 6


@implementer(IEntropy)
@frozen
class SystemEntropy:
    """The operating system's randomness, fit for secrets."""

    def code(self) -> str:
        """Return six decimal digits, each as likely as any other."""
        return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"

    def uuid(self) -> str:
        """Return a random UUID (version 4) as text."""
        return str(UUID(bytes=self.token(16), version=4))

    def token(self, nbytes: int) -> bytes:
        """Return random bytes."""
        return secrets.token_bytes(nbytes)
