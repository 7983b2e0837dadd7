"""How administrators come in (contract §4.5)."""

from __future__ import annotations

from klein import Klein

from flexicharge.rest.bearer import ANYBODY
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import SIGNING_IN
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_attempts import Attempts
from flexicharge.rest.people_fields import Credentials, ForcedPassword
from flexicharge.rest.people_shapes import Session, session_of


class AdminSignInApi:
    """The admin site's door.

    It opens for everybody with a password, as the original's did: that somebody is no
    administrator is told by each route behind it, with 403.
    """

    app = Klein()

    def __init__(self, desk: Desk, attempts: Attempts) -> None:
        self.desk = desk
        self._attempts = attempts

    @app.route("/admin/sign-in", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=Credentials,
        gives=Json(Session),
        errors=SIGNING_IN,
        clients=(
            "GUI gives up after 3 s; it reads `accessToken` and `username`, and asks "
            "for a new password if a failure has a `Session`.",
        ),
    )
    async def sign_in(self, call: Call[Credentials]) -> Session:
        """Answer with an access token and whose it is."""
        asked = call.asked
        with self._attempts.risk(call.request, asked.username):
            signed_in = await self.desk.identity.sign_in(
                asked.username, asked.password, office=True
            )
        return session_of(signed_in)

    @app.route("/admin/force-change-password", methods=["POST"])
    @operation(
        who=ANYBODY,
        asks=ForcedPassword,
        gives=Json(Session),
        errors=SIGNING_IN,
        clients=("GUI looks at the status only.",),
    )
    async def force_change_password(self, call: Call[ForcedPassword]) -> Session:
        """Set a password where sign-in asked for a new one; answer as sign-in does."""
        asked = call.asked
        with self._attempts.risk(call.request, asked.username):
            signed_in = await self.desk.identity.change_forced_password(
                asked.username, asked.password, asked.session, office=True
            )
        return session_of(signed_in)
