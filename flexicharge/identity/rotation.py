"""Signing keys that are changed in time, while everybody stays signed in."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.identity.key_files import add_key, read_keys, remove_keys
from flexicharge.identity.keys import KeyRing, SigningKey
from flexicharge.interfaces.threads import RunInThread

LOOK_EVERY_S: Final = 10.0  # well within the time for which a new key only verifies


@frozen(kw_only=True)
class KeyRotation:
    """Keeps a ring like its directory, where a command may have put a new key.

    It makes one itself when the newest is as old as a signing key may be.
    """

    ring: KeyRing
    directory: Path
    max_age_s: float
    clock: IReactorTime
    run: RunInThread
    _log = Logger()

    async def look(self) -> None:
        """Bring the ring up to date; raise `StartUpFailed` with the ring as it was."""
        known, now = self.ring.keys, self.clock.seconds()
        keys = await self.run(lambda: self._renewed(known, now))
        for key in keys:
            if key not in known:
                self._log.info("signing key {kid} will be used", kid=key.kid)
        for key in known:
            if key not in keys:
                self._log.info("signing key {kid} is not used any more", kid=key.kid)
        self.ring.replace(keys)

    def _renewed(
        self, known: tuple[SigningKey, ...], now: float
    ) -> tuple[SigningKey, ...]:
        keys = read_keys(self.directory, known)
        if not keys or keys[-1].made_at + self.max_age_s <= now:
            keys = (*keys, add_key(self.directory, now))
        good = KeyRing(keys).good(now)
        remove_keys(self.directory, set(keys).difference(good))
        return good
