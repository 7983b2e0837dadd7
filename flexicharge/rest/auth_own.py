"""One's own account over HTTP (contract §4.4)."""

from __future__ import annotations

from klein import Klein

from flexicharge.rest.bearer import USER
from flexicharge.rest.declared.gives import Empty, Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import IDENTITY
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_fields import Profile
from flexicharge.rest.people_shapes import Done, UserInformation, information_of


class OwnAccountApi:
    """What people say about themselves, under their own token and no other name.

    Whatever else a body has is not looked at: nobody makes themselves verified, or an
    administrator.
    """

    app = Klein()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @app.route("/auth/user-information", methods=["GET"])
    @operation(
        who=USER,
        gives=Json(UserInformation),
        errors=IDENTITY,
        clients=("AND and MYP read all keys; what is not known is an empty text.",),
    )
    async def read(self, call: Call[object]) -> UserInformation:
        """Answer with what is known of the token's owner."""
        return information_of(await self.desk.identity.whoami(call.token))

    @app.route("/auth/user-information", methods=["PUT"])
    @operation(
        who=USER,
        asks=Profile,
        gives=Empty(204, "It is known from now on."),
        errors=IDENTITY,
        clients=("AND sends empty texts for what was not filled in.",),
    )
    async def change(self, call: Call[Profile]) -> None:
        """Change what is known; keys that are left out stay, empty texts clear."""
        await self.desk.identity.change_me(call.token, call.asked.attributes)

    @app.route("/auth/delete-user", methods=["DELETE", "POST"])
    @operation(who=USER, gives=Json(Done), errors=IDENTITY)
    async def remove(self, call: Call[object]) -> Done:
        """Delete the token's owner for good.

        The original documented DELETE, and had POST.
        """
        await self.desk.identity.delete_me(call.token)
        return Done()
