"""Administrators' accounts, for each other (contract §4.5)."""

from __future__ import annotations

from typing import Final

from klein import Klein

from flexicharge.errors import AccountUnknown
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Empty, Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import IDENTITY
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_fields import AskedPeople, ChangedPerson, NewPerson
from flexicharge.rest.people_rules import somebody
from flexicharge.rest.people_shapes import CognitoUser, Done, Users, user_of, users_of

# What stands under `/admin` besides people (design §6, contract §4.5).
RESERVED: Final = frozenset(
    {
        "chargers",
        "commands",
        "idtags",
        "users",
        "sign-in",
        "force-change-password",
        "reset-user-password",
        "set-user-password",
        "set-admin-password",
    }
)


class AdminsApi:
    """Those in the Admins group; one is named by e-mail address or by number.

    The names of other collections are nobody's.
    """

    app = Klein()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @app.route("/admin", methods=["GET"])
    @operation(
        who=ADMIN,
        asks=AskedPeople,
        in_query=True,
        gives=Json(Users),
        errors=IDENTITY,
        clients=("GUI reads the same as of `/admin/users`.",),
    )
    async def every(self, call: Call[AskedPeople]) -> Users:
        """Answer with all administrators, page by page."""
        return users_of(await self.desk.identity.admins(call.asked.listing))

    @app.route("/admin", methods=["POST"])
    @operation(
        who=ADMIN,
        asks=NewPerson,
        gives=Empty(201, "The account was made; there is no body."),
        errors=IDENTITY,
        clients=("GUI sends `name`, `family_name` and `username`, but no password.",),
    )
    async def add(self, call: Call[NewPerson]) -> None:
        """Make an administrator, who must change the password at the first sign-in.

        The password is mailed; without one, one is made up.
        """
        asked = call.asked
        await self.desk.identity.add_admin(
            asked.username, asked.password, asked.attributes
        )

    @app.route("/admin/<username>", methods=["GET"])
    @operation(
        who=ADMIN,
        gives=Json(CognitoUser),
        errors=IDENTITY,
        clients=(
            "GUI asks this to renew its token, and reads a `token` that never was: it "
            "goes on with the one it has.",
        ),
    )
    async def one(self, call: Call[object], username: str) -> CognitoUser:
        """Answer with somebody's account.

        There is no `token` in it: a token is for whoever knows a password, and never
        for whoever may look at an account.
        """
        return user_of(await self.desk.identity.user(_admin(username)))

    @app.route("/admin/<username>", methods=["PUT"])
    @operation(
        who=ADMIN,
        asks=ChangedPerson,
        gives=Json(CognitoUser),
        errors=IDENTITY,
        clients=("GUI needs a body with `UserAttributes`, and sends `email` back.",),
    )
    async def change(self, call: Call[ChangedPerson], username: str) -> CognitoUser:
        """Change attributes as `PUT /admin/users/{username}` does."""
        person = await self.desk.identity.change_user(
            _admin(username), call.asked.attributes
        )
        return user_of(person)

    @app.route("/admin/<username>", methods=["DELETE"])
    @operation(who=ADMIN, gives=Json(Done), errors=IDENTITY)
    async def remove(self, call: Call[object], username: str) -> Done:
        """Delete an account for good."""
        await self.desk.identity.remove_user(_admin(username))
        return Done()

    @app.route("/admin/<username>/enable", methods=["PUT"])
    @operation(who=ADMIN, gives=Json(Done), errors=IDENTITY)
    async def enable(self, call: Call[object], username: str) -> Done:
        """Let somebody sign in again."""
        await self.desk.identity.set_enabled(_admin(username), True)
        return Done()

    @app.route("/admin/<username>/disable", methods=["PUT"])
    @operation(who=ADMIN, gives=Json(Done), errors=IDENTITY)
    async def disable(self, call: Call[object], username: str) -> Done:
        """Let somebody sign in no more; whoever is in is out."""
        await self.desk.identity.set_enabled(_admin(username), False)
        return Done()


def _admin(username: str) -> str:
    if username.lower() in RESERVED:
        raise AccountUnknown(username)
    return somebody(username)
