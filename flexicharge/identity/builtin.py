"""Accounts of our own: who somebody is in a network that has no Cognito."""

from __future__ import annotations

from typing import Final

from attrs import evolve, field, frozen
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from flexicharge.errors import (
    AccountUnconfirmed,
    AccountUnknown,
    NameTaken,
    NotAuthorized,
    ParameterInvalid,
    TokenError,
)
from flexicharge.identity.addresses import MAX_ADDRESS, email_of
from flexicharge.identity.confirmation import NOBODY, ConfirmationCodes
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.limits import RateLimit
from flexicharge.identity.passwords import NOBODYS_HASH, check_policy
from flexicharge.identity.sightings import RecentAccounts
from flexicharge.interfaces.people import (
    IEntropy,
    IIdentity,
    IMail,
    IPasswordHasher,
    ITokens,
)
from flexicharge.interfaces.stores import IAccountStore
from flexicharge.model.account import ADMINS, Account, AccountStatus, Caller, SignedIn

GUESSES: Final = 10
GUESSES_PER_S: Final = 300.0

WRONG: Final = "Incorrect username or password."
TAKEN: Final = "An account with the given email already exists."
UNCONFIRMED: Final = "User is not confirmed."
GONE: Final = "account disabled or deleted"


@implementer(IIdentity)
@frozen(kw_only=True)
class BuiltInIdentity:
    """People who sign up here, with an e-mail address and a password."""

    accounts: IAccountStore
    hasher: IPasswordHasher
    tokens: ITokens
    mail: IMail
    entropy: IEntropy
    clock: IReactorTime
    server_key: ServerKey
    _codes: ConfirmationCodes = field(init=False)
    _guesses: RateLimit = field(init=False)
    _recent: RecentAccounts = field(init=False)

    @_codes.default
    def _its_codes(self) -> ConfirmationCodes:
        return ConfirmationCodes(
            accounts=self.accounts,
            mail=self.mail,
            entropy=self.entropy,
            clock=self.clock,
            server_key=self.server_key,
        )

    @_guesses.default
    def _its_guesses(self) -> RateLimit:
        return RateLimit(self.clock, GUESSES, GUESSES_PER_S)

    @_recent.default
    def _its_recent_accounts(self) -> RecentAccounts:
        return RecentAccounts(self.accounts, self.clock)

    async def sign_up(self, email: str, password: str) -> None:
        """Make an unconfirmed account and mail it a code.

        Repeated with the same password before the address is confirmed, it mails a new
        code: the first may be lost, or the answer was. Raise as `IIdentity` says.
        """
        address = email_of(email)
        check_policy(password)
        account = await self._find(address)
        if account is None:
            account = await self._add(address, password, AccountStatus.UNCONFIRMED)
        elif not await self._may_repeat(account, password):
            raise NameTaken(TAKEN)
        await self._codes.send(account)

    async def verify(self, email: str, code: str) -> None:
        """Confirm the e-mail address of an account; raise as `IIdentity` says."""
        address, account = await self._look_up(email)
        account_id = NOBODY if account is None else account.account_id
        await self._codes.use(address, account_id, code.strip())
        now = self.clock.seconds()
        await self.accounts.set_account_status(account_id, AccountStatus.CONFIRMED, now)

    async def sign_in(self, email: str, password: str) -> SignedIn:
        """Return an access token; raise as `IIdentity` says.

        Ten wrong passwords in 5 minutes are too many for an address, known or not.
        """
        address, account = await self._look_up(email)
        fits = await self._is_password(address, account, password)
        if account is None or not fits:
            raise NotAuthorized(WRONG)
        if account.status is not AccountStatus.CONFIRMED:
            raise AccountUnconfirmed(UNCONFIRMED)
        token = self.tokens.issue(account, self.clock.seconds())
        return SignedIn(access_token=token, account=account)

    async def admit(self, token: str) -> Caller:
        """Return who a token stands for, with the groups of the last 5 seconds.

        Raise `TokenError`, or `DatabaseAway`: nobody is let in unseen.
        """
        caller = self.tokens.read(token, self.clock.seconds())
        try:
            account = await self._recent.get(caller.user_id)
        except AccountUnknown:
            raise TokenError(GONE) from None
        if not account.enabled:
            raise TokenError(GONE)
        return evolve(caller, groups=frozenset(account.groups))

    async def make_admin(self, email: str, password: str) -> tuple[Account, bool]:
        """Return an admin's account, and True if it had to be made.

        One that exists keeps its password. Raise `PasswordTooWeak`, `ParameterInvalid`,
        or `AccountUnconfirmed` for one whose address was never verified: anybody could
        have chosen its password.
        """
        address = email_of(email)
        account = await self._find(address)
        is_new = account is None
        if account is None:
            check_policy(password)
            account = await self._add(address, password, AccountStatus.CONFIRMED)
        elif account.status is AccountStatus.UNCONFIRMED:
            raise AccountUnconfirmed(UNCONFIRMED)
        now = self.clock.seconds()
        await self.accounts.add_to_group(account.account_id, ADMINS, now)
        return await self.accounts.get_account(account.account_id), is_new

    async def _look_up(self, text: str) -> tuple[str, Account | None]:
        """Return an address as limits count it, and its account."""
        try:
            address = email_of(text)
        except ParameterInvalid:
            return text[:MAX_ADDRESS], None
        return address, await self._find(address)

    async def _find(self, address: str) -> Account | None:
        try:
            return await self.accounts.get_account_by_email(address)
        except AccountUnknown:
            return None

    async def _add(self, address: str, password: str, status: AccountStatus) -> Account:
        now = self.clock.seconds()
        account = Account(
            account_id=self.entropy.uuid(),
            email=address,
            password_hash=await self.hasher.hash(password),
            status=status,
            enabled=True,
            groups=(),
            created_at=now,
            modified_at=now,
        )
        try:
            await self.accounts.add_account(account)
        except NameTaken:
            raise NameTaken(TAKEN) from None
        return account

    async def _may_repeat(self, account: Account, password: str) -> bool:
        """Tell whether whoever signs up again is the one who did before."""
        if account.status is not AccountStatus.UNCONFIRMED:
            return False
        return await self._is_password(account.email, account, password)

    async def _is_password(
        self, address: str, account: Account | None, password: str
    ) -> bool:
        """Tell whether this password opens this account; a wrong one counts.

        It takes one hash, account or not, so that its time tells nothing.
        """
        self._guesses.take(address)
        stored = NOBODYS_HASH if account is None else account.password_hash
        fits = await self.hasher.verify(stored, password)
        if not fits or account is None or not account.enabled:
            return False
        self._guesses.give_back(address)
        return True
