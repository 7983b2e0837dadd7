"""The accounts, and what everybody shares who works with them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import (
    AccountUnknown,
    DatabaseAway,
    LastOfGroup,
    NameTaken,
    ParameterInvalid,
    TokenError,
)
from flexicharge.identity.addresses import MAX_ADDRESS, email_of
from flexicharge.identity.challenges import Challenges
from flexicharge.identity.confirmation import RESET, WELCOME, ConfirmationCodes, Letter
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.limits import RateLimit
from flexicharge.identity.pages import Pages
from flexicharge.identity.passwords import NOBODYS_HASH
from flexicharge.identity.sightings import RecentAccounts
from flexicharge.interfaces.accounts import IAccountStore
from flexicharge.interfaces.links import IBackground, IBus
from flexicharge.interfaces.people import IEntropy, IMail, IPasswordHasher, ITokens
from flexicharge.model.account import Account, AccountStatus, Caller
from flexicharge.model.events import ACCOUNTS, SignedOut

T = TypeVar("T")

GUESSES: Final = 100  # wherever they come from; the HTTP side allows each fewer
GUESSES_PER_S: Final = 300.0

TAKEN: Final = "An account with the given email already exists."
GONE: Final = "account disabled or deleted"
REVOKED: Final = "jwt revoked"
LAST_ADMIN: Final = (
    "The last administrator who is enabled can be neither disabled nor deleted."
)


@frozen(kw_only=True)
class Registry:
    """The accounts and all that guards them; the parts of an identity build on it.

    On the bus, topic `ACCOUNTS`, it tells whose tokens became void, and hears it of
    others.
    """

    accounts: IAccountStore
    hasher: IPasswordHasher
    tokens: ITokens
    mail: IMail
    entropy: IEntropy
    clock: IReactorTime
    server_key: ServerKey
    bus: IBus
    background: IBackground
    _welcomes: ConfirmationCodes = field(init=False)
    _resets: ConfirmationCodes = field(init=False)
    _challenges: Challenges = field(init=False)
    _pages: Pages = field(init=False)
    _guesses: RateLimit = field(init=False)
    _recent: RecentAccounts = field(init=False)

    @_welcomes.default
    def _codes_of_those_who_sign_up(self) -> ConfirmationCodes:
        return self._codes(WELCOME)

    @_resets.default
    def _codes_of_those_who_forgot(self) -> ConfirmationCodes:
        return self._codes(RESET)

    @_challenges.default
    def _its_challenges(self) -> Challenges:
        return Challenges(
            accounts=self.accounts,
            entropy=self.entropy,
            clock=self.clock,
            server_key=self.server_key,
        )

    @_pages.default
    def _its_pages(self) -> Pages:
        return Pages(accounts=self.accounts, server_key=self.server_key)

    @_guesses.default
    def _its_guesses(self) -> RateLimit:
        return RateLimit(self.clock, GUESSES, GUESSES_PER_S)

    @_recent.default
    def _its_recent_accounts(self) -> RecentAccounts:
        return RecentAccounts(self.accounts, self.clock)

    def __attrs_post_init__(self) -> None:
        self.bus.subscribe(ACCOUNTS, self._recent.signed_out)

    def _codes(self, letter: Letter) -> ConfirmationCodes:
        return ConfirmationCodes(
            letter=letter,
            accounts=self.accounts,
            mail=self.mail,
            entropy=self.entropy,
            clock=self.clock,
            server_key=self.server_key,
        )

    async def _find(self, address: str) -> Account | None:
        try:
            return await self.accounts.get_account_by_email(address)
        except AccountUnknown:
            return None

    async def _look_up(self, text: str) -> tuple[str, Account | None]:
        """Return an address as limits count it, and its account."""
        try:
            address = email_of(text)
        except ParameterInvalid:
            return text[:MAX_ADDRESS], None
        return address, await self._find(address)

    async def _add(
        self, address: str, password: str, status: AccountStatus, **known: Any
    ) -> Account:
        """Return a new account; raise `NameTaken`."""
        now = self.clock.seconds()
        account = Account(
            account_id=self.entropy.uuid(),
            email=address,
            password_hash=await self.hasher.hash(password),
            status=status,
            enabled=True,
            created_at=now,
            modified_at=now,
            **{"groups": (), **known},
        )
        try:
            await self.accounts.add_account(account)
        except NameTaken:
            raise NameTaken(TAKEN) from None
        return account

    async def _is_password(
        self, address: str, account: Account | None, password: str
    ) -> bool:
        """Tell whether this password opens this account; a wrong one counts.

        It takes one hash, account or not, so that its time tells nothing. What nobody
        had the time to look at is no guess.
        """
        stored = NOBODYS_HASH if account is None else account.password_hash
        with self._guesses.counting(address):
            fits = await self.hasher.verify(stored, password)
        if not fits or account is None or not account.enabled:
            return False
        self._guesses.give_back(address)
        return True

    async def _owner(self, caller: Caller) -> Account:
        """Return the account of a token as it was at most 5 s ago.

        Raise `TokenError` if that has no use for it any more.
        """
        try:
            account = await self._recent.get(caller.user_id)
            if caller.generation > account.generation:
                # It was issued after we looked, and after the tokens before it ended.
                self._recent.forget(caller.user_id)
                account = await self._recent.get(caller.user_id)
        except AccountUnknown:
            raise TokenError(GONE) from None
        return _let_in(caller, account)

    async def _owner_now(self, caller: Caller) -> Account:
        """Return the account of a token as it is now; raise as `_owner` does."""
        try:
            account = await self.accounts.get_account(caller.user_id)
        except AccountUnknown:
            raise TokenError(GONE) from None
        return _let_in(caller, account)

    async def _sign_out(self, account_id: str, why: str, change: Awaitable[T]) -> T:
        """Make a change that voids the tokens of an account, and say so.

        It is said, too, if nobody knows whether the change took effect. Raise
        `ParameterInvalid` for what the last administrator must not be.
        """
        try:
            changed = await change
        except (DatabaseAway, AccountUnknown):
            self.bus.publish(ACCOUNTS, SignedOut(account_id, why))
            raise
        except LastOfGroup:
            raise ParameterInvalid(LAST_ADMIN) from None
        self.bus.publish(ACCOUNTS, SignedOut(account_id, why))
        return changed


def _let_in(caller: Caller, account: Account) -> Account:
    """Return the account of a token, if that is good for it; raise `TokenError`."""
    if not account.enabled:
        raise TokenError(GONE)
    is_kept = bool(caller.token_id) and caller.token_id == account.kept_token
    if caller.generation != account.generation and not is_kept:
        raise TokenError(REVOKED)
    return account
