"""Accounts over HTTP: what people do who have no token yet (contract §4.4)."""

from __future__ import annotations

from typing import Final

from klein import Klein

from flexicharge.errors import NotAuthorized, TokenError
from flexicharge.rest.bearer import ANYBODY
from flexicharge.rest.declared.gives import Empty, Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import IDENTITY, SIGNING_IN
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_attempts import Attempts
from flexicharge.rest.people_fields import (
    ChangedPassword,
    CodeOf,
    Credentials,
    ForcedPassword,
    ForgottenPassword,
)
from flexicharge.rest.people_rules import somebody
from flexicharge.rest.people_shapes import (
    AwsDone,
    CodeSent,
    Done,
    Session,
    code_sent,
    session_of,
)

NO_TOKEN: Final = "Invalid Access Token"


class AuthApi:
    """From nothing to a token, and back in with a password that was lost.

    What fails is 400, never 401: apps take that for the end of their session.
    """

    app = Klein()

    def __init__(self, desk: Desk, attempts: Attempts) -> None:
        self.desk = desk
        self._attempts = attempts

    @app.route("/auth/sign-up", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=Credentials,
        gives=Empty(),
        errors=IDENTITY,
        clients=(
            "IOS reads `statusCode`, `code` and `message` of a failure, and cuts 38 "
            "characters off that of `InvalidPasswordException`.",
            "MYP also sends `confirmPassword`; FLU and MYP show `message`.",
        ),
    )
    async def sign_up(self, call: Call[Credentials]) -> None:
        """Make an account and mail it a code; 200 without a body."""
        self._attempts.spend(call.request)
        await self.desk.identity.sign_up(call.asked.username, call.asked.password)

    @app.route("/auth/verify", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=CodeOf,
        gives=Empty(),
        errors=IDENTITY,
        clients=("AND looks for exactly 200; FLU, IOS and MYP show `message`.",),
    )
    async def verify(self, call: Call[CodeOf]) -> None:
        """Confirm an account with the code that was mailed; 200 without a body."""
        with self._attempts.risk(call.request):
            await self.desk.identity.verify(call.asked.username, call.asked.code)

    @app.route("/auth/sign-in", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=Credentials,
        gives=Json(Session),
        errors=SIGNING_IN,
        clients=(
            "AND takes 200 and 400 only, and reads `accessToken`, `user_id`, "
            "`username`, `email`.",
            "IOS takes anything with a `code` for a failure.",
            "BPT signs in with a form.",
        ),
    )
    async def sign_in(self, call: Call[Credentials]) -> Session:
        """Answer with an access token and whose it is."""
        asked = call.asked
        with self._attempts.risk(call.request, asked.username):
            signed_in = await self.desk.identity.sign_in(asked.username, asked.password)
        return session_of(signed_in)

    @app.route("/auth/force-change-password", methods=["POST"])
    @operation(who=ANYBODY, asks=ForcedPassword, gives=Json(Session), errors=SIGNING_IN)
    async def force_change_password(self, call: Call[ForcedPassword]) -> Session:
        """Set a password where sign-in asked for a new one; answer as sign-in does."""
        asked = call.asked
        with self._attempts.risk(call.request, asked.username):
            signed_in = await self.desk.identity.change_forced_password(
                asked.username, asked.password, asked.session
            )
        return session_of(signed_in)

    @app.route("/auth/forgot-password/<username>", methods=["POST"])
    @operation(
        who=ANYBODY,
        gives=Json(CodeSent),
        errors=IDENTITY,
        clients=("AND takes a body that is not JSON for a broken connection.",),
    )
    async def forgot_password(self, call: Call[object], username: str) -> CodeSent:
        """Mail a code to set a new password; unknown accounts look the same."""
        self._attempts.spend(call.request)
        delivery = await self.desk.identity.forgot_password(somebody(username))
        return code_sent(delivery)

    @app.route("/auth/confirm-forgot-password", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=ForgottenPassword,
        gives=Json(AwsDone),
        errors=IDENTITY,
        clients=("AND shows 400 as a code that is wrong.",),
    )
    async def confirm_forgot_password(self, call: Call[ForgottenPassword]) -> AwsDone:
        """Set a new password with the code that was mailed; whoever is in is out."""
        asked = call.asked
        with self._attempts.risk(call.request):
            await self.desk.identity.confirm_forgot_password(
                asked.username, asked.code, asked.password
            )
        self._attempts.forgive(call.request, asked.username)
        return AwsDone(Done(), 200)

    @app.route("/auth/change-password", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=ChangedPassword,
        gives=Json(Done),
        errors=IDENTITY,
        clients=("MYP sends the token in the body, and shows `message`.",),
    )
    async def change_password(self, call: Call[ChangedPassword]) -> Done:
        """Change the password of a token's owner; a bad token is 400, too."""
        asked = call.asked
        with self._attempts.risk(call.request, asked.token):
            try:
                await self.desk.identity.change_password(
                    asked.token, asked.previous, asked.proposed
                )
            except TokenError:
                raise NotAuthorized(NO_TOKEN) from None
        return Done()
