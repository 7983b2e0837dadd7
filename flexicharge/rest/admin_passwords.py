"""Other people's passwords, for administrators (contract §4.5)."""

from __future__ import annotations

from klein import Klein

from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import IDENTITY
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_fields import Credentials
from flexicharge.rest.people_rules import somebody
from flexicharge.rest.people_shapes import AwsDone, Done


class PasswordsApi:
    """Passwords that are voided or set anew."""

    app = Klein()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @app.route("/admin/reset-user-password/<username>", methods=["POST"])
    @operation(
        who=ADMIN,
        gives=Json(Done),
        errors=IDENTITY,
        clients=("GUI names the user by e-mail address.",),
    )
    async def reset(self, call: Call[object], username: str) -> Done:
        """Void somebody's password, and mail a code to set a new one."""
        await self.desk.identity.reset_password(somebody(username))
        return Done()

    @app.route("/admin/set-user-password", methods=["POST"])
    @operation(who=ADMIN, asks=Credentials, gives=Json(AwsDone), errors=IDENTITY)
    async def set_for_user(self, call: Call[Credentials]) -> AwsDone:
        """Set a password that need not be changed; 200, though the body says 201."""
        return await self._set(call.asked)

    @app.route("/admin/set-admin-password", methods=["POST"])
    @operation(who=ADMIN, asks=Credentials, gives=Json(AwsDone), errors=IDENTITY)
    async def set_for_admin(self, call: Call[Credentials]) -> AwsDone:
        """Do the same; a failure is 400, where the original said 200 to everything."""
        return await self._set(call.asked)

    async def _set(self, asked: Credentials) -> AwsDone:
        await self.desk.identity.set_password(asked.username, asked.password)
        return AwsDone(Done(), 201)
