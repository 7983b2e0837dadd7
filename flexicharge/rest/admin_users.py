"""Everybody's accounts, for administrators (contract §4.5)."""

from __future__ import annotations

from klein import Klein

from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import IDENTITY
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_fields import AskedPeople, ChangedPerson, NewPerson
from flexicharge.rest.people_rules import somebody
from flexicharge.rest.people_shapes import (
    CognitoUser,
    Done,
    NewUser,
    UserDetails,
    Users,
    details_of,
    user_of,
    users_of,
)


class UsersApi:
    """All people; one is named by e-mail address or by number."""

    app = Klein()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @app.route("/admin/users", methods=["GET"])
    @operation(
        who=ADMIN,
        asks=AskedPeople,
        in_query=True,
        gives=Json(Users),
        errors=IDENTITY,
        clients=(
            "GUI reads `Username`, `Enabled`, `UserCreateDate` (with a `T`) and the "
            "attributes by name.",
        ),
    )
    async def every(self, call: Call[AskedPeople]) -> Users:
        """Answer with everybody, page by page, whatever group they are in.

        `NextToken` is the `pagination_token` of the next page. A filter finds those of
        whom an attribute begins with its value, whatever the case.
        """
        return users_of(await self.desk.identity.users(call.asked.listing))

    @app.route("/admin/users", methods=["POST"])
    @operation(
        who=ADMIN,
        asks=NewPerson,
        gives=Json(NewUser, 201, "The account that was made."),
        errors=IDENTITY,
        clients=(
            "GUI branches on `code`, and shows what follows `: ` in the `message` of "
            "`InvalidPasswordException`.",
        ),
    )
    async def add(self, call: Call[NewPerson]) -> NewUser:
        """Make an account whose password must be changed at the first sign-in.

        The password is mailed; without one, one is made up.
        """
        asked = call.asked
        person = await self.desk.identity.add_user(
            asked.username, asked.password, asked.attributes
        )
        return NewUser(User=user_of(person))

    @app.route("/admin/users/<username>", methods=["GET"])
    @operation(
        who=ADMIN,
        gives=Json(UserDetails),
        errors=IDENTITY,
        clients=(
            "GUI reads `username` as the e-mail address and `userId` as the name.",
        ),
    )
    async def one(self, call: Call[object], username: str) -> UserDetails:
        """Answer with what is known of somebody."""
        return details_of(await self.desk.identity.user(somebody(username)))

    @app.route("/admin/users/<username>", methods=["PUT"])
    @operation(
        who=ADMIN,
        asks=ChangedPerson,
        gives=Json(CognitoUser),
        errors=IDENTITY,
        clients=(
            "GUI needs a body with `UserAttributes`, where the original sent none.",
            'GUI shows "Must be correct format" at its e-mail field for '
            "`InvalidParameterException`.",
        ),
    )
    async def change(self, call: Call[ChangedPerson], username: str) -> CognitoUser:
        """Change attributes of somebody; answer with how they stand.

        An `email` that is no e-mail address, such as the name that GUI may send there,
        is 400 and nothing is changed: ignored, the edit would seem to have worked, and
        taken, nobody could sign in with it.
        """
        person = await self.desk.identity.change_user(
            somebody(username), call.asked.attributes
        )
        return user_of(person)

    @app.route("/admin/users/<username>", methods=["DELETE"])
    @operation(who=ADMIN, gives=Json(Done), errors=IDENTITY)
    async def remove(self, call: Call[object], username: str) -> Done:
        """Delete an account for good; what its owner owes stays."""
        await self.desk.identity.remove_user(somebody(username))
        return Done()

    @app.route("/admin/users/<username>/enable", methods=["PUT"])
    @operation(who=ADMIN, gives=Json(Done), errors=IDENTITY)
    async def enable(self, call: Call[object], username: str) -> Done:
        """Let somebody sign in again."""
        await self.desk.identity.set_enabled(somebody(username), True)
        return Done()

    @app.route("/admin/users/<username>/disable", methods=["PUT"])
    @operation(who=ADMIN, gives=Json(Done), errors=IDENTITY)
    async def disable(self, call: Call[object], username: str) -> Done:
        """Let somebody sign in no more; whoever is in is out."""
        await self.desk.identity.set_enabled(somebody(username), False)
        return Done()
