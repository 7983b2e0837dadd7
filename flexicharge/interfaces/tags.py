"""Seam to the tags that drivers show to chargers."""

from __future__ import annotations

from zope.interface import Interface

from flexicharge.model.id_tag import IdTag


class IIdTagStore(Interface):
    """Tags on record, known in any letter case. One method is one commit.

    Every method raises `DatabaseAway` if the database cannot be reached.
    """

    async def put_tag(tag: IdTag, at: float) -> bool:
        """Keep a tag, in place of the one that was there; return whether it is new."""

    async def get_tag(id_tag: str) -> IdTag | None:
        """Return a tag; None if there is none, whatever text it is."""

    async def remove_tag(id_tag: str) -> bool:
        """Forget a tag; False if there is none."""

    async def get_tags(*, after: str = "", limit: int) -> tuple[IdTag, ...]:
        """Return tags in the order of their folded text, from after a given one."""
