"""Somebody who signs up at a server and reads the code where it keeps its mail."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from attrs import field, frozen
from twisted.internet.task import deferLater

from flexicharge.cli.outbox import newest_code
from flexicharge.errors import FlexiChargeError
from flexicharge.interfaces.threads import RunInThread
from flexicharge.simulator.driver import VirtualDriver

LOOK_AGAIN_S: Final = 0.2


class CodeNotFound(FlexiChargeError):
    """No code came, or it cannot be read; the message says where, and what helps."""


@frozen
class Credentials:
    """What opens an account."""

    email: str
    password: str = field(repr=False)


@frozen(kw_only=True)
class MailRoom:
    """A server's development outbox, read beside the reactor by `run`.

    `cure` is what a person can do where it cannot be read.
    """

    outbox: Path
    run: RunInThread
    cure: str

    async def sign_up(self, driver: VirtualDriver, name: str) -> Credentials:
        """Make a fresh account called after `name`, confirm it, and return its key.

        Raise `CodeNotFound` or `SimulatorError`.
        """
        fresh = Credentials(
            email=f"{name}-{secrets.token_hex(4)}@flexicharge.example",
            password=f"Demo-1-{secrets.token_urlsafe(12)}",
        )
        await driver.sign_up(fresh.email, fresh.password)
        await driver.verify(fresh.email, await self._code(driver, fresh.email))
        return fresh

    async def _code(self, driver: VirtualDriver, email: str) -> str:
        deadline = driver.clock.seconds() + driver.within_s
        while driver.clock.seconds() < deadline:
            try:
                code = await self.run(lambda: newest_code(self.outbox, email))
            except OSError as why:
                words = f"the outbox cannot be read: {why}; {self.cure}"
                raise CodeNotFound(words) from why
            if code is not None:
                return code
            await deferLater(driver.clock, LOOK_AGAIN_S)
        raise CodeNotFound(f"no mail to {email} came to {self.outbox}; {self.cure}")
