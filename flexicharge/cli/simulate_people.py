"""The accounts that a simulation's drivers share, and their apps, signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from attrs import define, field
from twisted.internet.defer import DeferredLock

from flexicharge.cli.newcomer import Credentials, MailRoom
from flexicharge.errors import FlexiChargeError
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerRefused, SimulatorError

# A server takes 100 attempts from an address in 10 minutes, and hashes one password
# after the other: so few are made in a run that ten runs in a row find room.
FRESH_ACCOUNTS: Final = 8
SIGNED_IN_FOR_S: Final = 1200.0  # a third of what a token is good for
TOO_MANY: Final = 429


NewTag = Callable[[int, str], Awaitable[str]]  # of a driver's number and account


class NoAccounts(FlexiChargeError):
    """There is nobody to sign in; the message says why, and what helps."""


def read_accounts(path: Path) -> list[Credentials]:
    """Return the accounts of a file of lines `email:password`; raise `NoAccounts`.

    A line that cannot be read is named by its number, and never shown.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as why:
        raise NoAccounts(f"the accounts cannot be read: {why}") from None
    accounts = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        email, colon, password = line.strip().partition(":")
        if not (email and colon and password):
            raise NoAccounts(f"{path}, line {number}: write email:password")
        accounts.append(Credentials(email, password))
    if not accounts:
        raise NoAccounts(f"{path} has no account; write lines of email:password")
    return accounts


@define(eq=False)
class Account:
    """One account, with one app that is signed in whenever it is asked for."""

    credentials: Credentials
    _app: VirtualDriver
    _signed_in_at: float | None = field(default=None, init=False)
    _lock: DeferredLock = field(factory=DeferredLock, init=False)

    async def app(self) -> VirtualDriver:
        """Return the app, signed in for some more minutes; raise `SimulatorError`."""
        async with self._lock:
            if self._is_stale():
                email, password = self.credentials.email, self.credentials.password
                await self._app.sign_in(email, password)
                self._signed_in_at = self._app.clock.seconds()
        return self._app

    def _is_stale(self) -> bool:
        since = self._signed_in_at
        return since is None or self._app.clock.seconds() - since > SIGNED_IN_FOR_S


@define(eq=False)
class People:
    """Everybody's accounts: drivers share them, in turn."""

    accounts: list[Account]
    new_tag: NewTag | None = None

    async def app(self, number: int) -> VirtualDriver:
        """Return the app of a driver; raise `SimulatorError`."""
        return await self.accounts[number % len(self.accounts)].app()

    async def tag(self, number: int) -> str:
        """Return the tag of a driver; raise `SimulatorError`."""
        if self.new_tag is None:
            raise SimulatorError("nobody gives out tags here")
        app = await self.app(number)
        return await self.new_tag(number, app.user_id)


async def people_of(
    credentials: list[Credentials], new_app: Callable[[], VirtualDriver]
) -> People:
    """Return people with accounts that exist, signed in.

    Raise `NoAccounts` for one that the server refuses, or `SimulatorError`.
    """
    people = People([Account(each, new_app()) for each in credentials])
    for account in people.accounts:
        try:
            await account.app()
        except ServerRefused as why:
            raise NoAccounts(f"{account.credentials.email}: {why}") from None
    return people


async def fresh_people(
    wanted: int, room: MailRoom, new_app: Callable[[], VirtualDriver]
) -> People:
    """Return people who have just signed up, a handful at most.

    Fewer do where the server lets no more in for now. Raise `NoAccounts` if it lets in
    none, `CodeNotFound` or `SimulatorError`.
    """
    people = People([])
    for _ in range(min(wanted, FRESH_ACCOUNTS)):
        app = new_app()
        try:
            account = Account(await room.sign_up(app, "sim"), app)
            await account.app()
        except ServerRefused as why:
            if why.status != TOO_MANY or not people.accounts:
                raise NoAccounts(f"nobody can sign up: {why}; {room.cure}") from None
            break
        people.accounts.append(account)
    return people
