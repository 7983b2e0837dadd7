"""People who are not known yet: they sign up, sign in, or have lost a password."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from attrs import field, frozen

from flexicharge.errors import (
    CodeMismatch,
    IdentityAway,
    IdentityError,
    NewPasswordRequired,
    NotAuthorized,
    PasswordTooWeak,
    Stopping,
    TooManyRequests,
)
from flexicharge.identity.addresses import MAX_ADDRESS, masked
from flexicharge.identity.cognito import refusals
from flexicharge.identity.cognito.answers import SignIn, User, person_of_token, read
from flexicharge.identity.cognito.calls import AwsRefused
from flexicharge.identity.cognito.reception import CHANGED, Reception
from flexicharge.identity.cognito.refusals import told
from flexicharge.identity.limits import RateLimit
from flexicharge.identity.passwords import check_policy
from flexicharge.model.account import EMAIL, Delivery, SignedIn

GUESSES: Final = 100  # wherever they come from; the HTTP side allows each fewer
GUESSES_PER_S: Final = 300.0
TRIES: Final = 5
TRIES_PER_S: Final = 900.0
MAILS: Final = 5
MAILS_PER_S: Final = 86_400.0

CHALLENGE: Final = "NEW_PASSWORD_REQUIRED"
SECOND_FACTOR: Final = "This account asks for more than a password to sign in."


@frozen(kw_only=True, slots=False)
class Strangers(Reception):
    """What anybody may ask for.

    AWS limits attempts at accounts that exist, and by that tells which do. Ours are
    the same for all: a hundred wrong passwords in 5 minutes, five wrong codes in 15
    minutes, five mails a day for an address.
    """

    _guesses: RateLimit = field(init=False)
    _tries: RateLimit = field(init=False)
    _mails: RateLimit = field(init=False)

    @_guesses.default
    def _some_guesses(self) -> RateLimit:
        return RateLimit(self.clock, GUESSES, GUESSES_PER_S)

    @_tries.default
    def _a_few_tries(self) -> RateLimit:
        return RateLimit(self.clock, TRIES, TRIES_PER_S)

    @_mails.default
    def _a_few_mails_a_day(self) -> RateLimit:
        return RateLimit(self.clock, MAILS, MAILS_PER_S)

    async def sign_up(self, email: str, password: str) -> None:
        """Make an unconfirmed account; AWS mails the code."""
        email = email.strip()
        with told(refusals.plainly):
            await self.cognito.for_anybody(
                "SignUp",
                email,
                Password=password,
                UserAttributes=[{"Name": EMAIL, "Value": email}],
            )

    async def verify(self, email: str, code: str) -> None:
        """Confirm the e-mail address of an account; raise as `IIdentity` says.

        A code that is too old is a wrong one: AWS does not tell it from none.
        """
        with _counted(self._tries, email), told(refusals.to_code_bearer):
            await self.cognito.for_anybody(
                "ConfirmSignUp", email.strip(), ConfirmationCode=code.strip()
            )
        self._tries.forget(_key(email))

    async def sign_in(
        self, email: str, password: str, *, office: bool = False
    ) -> SignedIn:
        """Return an access token; raise as `IIdentity` says.

        AWS may ask for a reset of a password without having looked at that given.
        """
        with _counted(self._guesses, email), told(refusals.to_arrival):
            answer = await self.cognito.sign_in(email.strip(), password, office=office)
        self._guesses.give_back(_key(email))
        return self._signed_in(answer)

    async def change_forced_password(
        self, email: str, new_password: str, session: str, *, office: bool = False
    ) -> SignedIn:
        """Answer the challenge; AWS takes the same answer from both sites."""
        with _counted(self._guesses, email), told(refusals.to_challenged):
            answer = await self.cognito.answer_challenge(
                email.strip(), new_password, session
            )
        self._guesses.give_back(_key(email))
        return self._signed_in(answer)

    async def forgot_password(self, email: str) -> Delivery:
        """Have AWS mail a code, if it can; what is returned does not tell.

        Why it cannot is in the log, unless it would be the same for everybody.
        """
        self._mails.take(_key(email))
        try:
            await self.cognito.for_anybody("ForgotPassword", email.strip())
        except AwsRefused as why:
            if refusals.is_of_everybody(why):
                raise refusals.plainly(why) from None
            refusals.kept_quiet(why)
        return Delivery(destination=masked(email))

    async def confirm_forgot_password(
        self, email: str, code: str, new_password: str
    ) -> None:
        """Set a new password; raise as `IIdentity` says, but see `verify`."""
        email = email.strip()
        try:
            with _counted(self._tries, email), told(refusals.to_code_bearer):
                await self.cognito.for_anybody(
                    "ConfirmForgotPassword",
                    email,
                    ConfirmationCode=code.strip(),
                    Password=new_password,
                )
        except (CodeMismatch, PasswordTooWeak):
            # Of accounts that exist, AWS looks at the password before the code, by the
            # rules of the pool. Of all accounts we tell by ours.
            check_policy(new_password)
            raise CodeMismatch(refusals.WRONG_CODE) from None
        self._tries.forget(_key(email))
        await self._sign_out_everywhere(email)

    async def _sign_out_everywhere(self, username: str) -> None:
        """Void the tokens of whoever has just set a password.

        That is done, so if this fails it is the log that hears of it.
        """
        ask = self.cognito.for_office
        try:
            with told(refusals.to_office):
                found = await ask("AdminGetUser", Username=username)
                await ask("AdminUserGlobalSignOut", Username=username)
            self._sign_out(read(found, User).person.user_id, CHANGED)
        except IdentityError as why:
            self._log.warn("tokens outlive a password: {why}", why=type(why).__name__)

    def _signed_in(self, answered: Mapping[str, Any]) -> SignedIn:
        answer = read(answered, SignIn)
        if answer.ChallengeName == CHALLENGE:
            raise NewPasswordRequired(answer.Session, answer.ChallengeParameters)
        if answer.AuthenticationResult is None:
            self._log.warn(
                "the pool asks for {challenge}, which no app can answer",
                challenge=answer.ChallengeName,
            )
            raise NotAuthorized(SECOND_FACTOR)
        tokens = answer.AuthenticationResult
        return SignedIn(
            access_token=tokens.AccessToken, person=person_of_token(tokens.IdToken)
        )


@contextmanager
def _counted(limit: RateLimit, name: str) -> Iterator[None]:
    """Take a try for somebody; what AWS never looked at costs none."""
    limit.take(_key(name))
    try:
        yield
    except (IdentityAway, Stopping, TooManyRequests):
        limit.give_back(_key(name))
        raise


def _key(name: str) -> str:
    return name.strip().lower()[:MAX_ADDRESS]
