"""The tags that drivers show to chargers over HTTP, for operators (design §6)."""

from __future__ import annotations

from typing import Any, Final

from klein import Klein

from flexicharge.errors import IdTagUnknown, Invalid
from flexicharge.interfaces import IIdTagStore
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Empty, Itself, Json, Told
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.paging import Page
from flexicharge.rest.replies import json_reply
from flexicharge.rest.tag_fields import Tag, WantedTag, tag_named, tag_shape_of

CHANGED: Final = Told(200, "The tag, as it is from now on.", shape=Tag)
MADE: Final = Told(201, "The tag that was made.", shape=Tag)


class TagsApi:
    """Tags on record; letter case does not tell them apart."""

    app = Klein()

    def __init__(self, desk: Desk, tags: IIdTagStore) -> None:
        self.desk = desk
        self._tags = tags

    @app.route("/admin/idtags", methods=["GET"])
    @operation(who=ADMIN, asks=Page, in_query=True, gives=Json(list[Tag]))
    async def every(self, call: Call[Page]) -> list[Tag]:
        """Answer with tags in order, at most `limit` after that one."""
        page = call.asked
        found = await self._tags.get_tags(after=page.after, limit=page.limit)
        return list(map(tag_shape_of, found))

    @app.route("/admin/idtags/<id_tag>", methods=["GET"])
    @operation(who=ADMIN, gives=Json(Tag))
    async def one(self, call: Call[Any], id_tag: str) -> Tag:
        """Answer with one tag, in any letter case; 404 and no body if there is none."""
        found = await self._tags.get_tag(tag_named(id_tag))
        if found is None:
            raise IdTagUnknown(id_tag)
        return tag_shape_of(found)

    @app.route("/admin/idtags/<id_tag>", methods=["PUT"])
    @operation(who=ADMIN, asks=WantedTag, gives=Itself((CHANGED, MADE)))
    async def put(self, call: Call[WantedTag], id_tag: str) -> bytes:
        """Keep a tag, 201 if it is new, or replace one, 200.

        What is not said is as usual: `Accepted`, without an end, nobody's. Stations of
        OCPP 1.6 can send no tag of more than 20 characters.
        """
        try:
            tag = call.asked.named(tag_named(id_tag))
        except IdTagUnknown:
            raise Invalid("invalidIdTag") from None
        is_new = await self._tags.put_tag(tag, self.desk.clock.seconds())
        return json_reply(call.request, tag_shape_of(tag), 201 if is_new else 200)

    @app.route("/admin/idtags/<id_tag>", methods=["DELETE"])
    @operation(who=ADMIN, gives=Empty(204, "It is forgotten."))
    async def remove(self, call: Call[Any], id_tag: str) -> None:
        """Forget a tag, which is Invalid from then on; 404 if there is none."""
        if not await self._tags.remove_tag(tag_named(id_tag)):
            raise IdTagUnknown(id_tag)
