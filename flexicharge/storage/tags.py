"""Tags that drivers show to chargers, in PostgreSQL."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IDatabase, IIdTagStore
from flexicharge.interfaces.stores import Row
from flexicharge.model.id_tag import IdTag, TagStatus, folded
from flexicharge.storage.values import is_storable

# A row that was inserted, and not updated, has never been locked by anybody.
PUT_TAG: Final = """
INSERT INTO id_tags (
    folded, id_tag, status, expires_at, type, parent_id_tag, user_id,
    several_at_once, at
)
VALUES (
    %(folded)s, %(id_tag)s, %(status)s, to_timestamp(%(expires_at)s), %(type)s,
    %(parent_id_tag)s, %(user_id)s, %(several_at_once)s, to_timestamp(%(at)s)
)
ON CONFLICT (folded) DO UPDATE SET
    id_tag = excluded.id_tag, status = excluded.status,
    expires_at = excluded.expires_at, type = excluded.type,
    parent_id_tag = excluded.parent_id_tag, user_id = excluded.user_id,
    several_at_once = excluded.several_at_once, at = excluded.at
RETURNING xmax = 0
"""
READ_TAGS: Final = """
SELECT id_tag, status, extract(epoch FROM expires_at)::float8, type, parent_id_tag,
    user_id, several_at_once
FROM id_tags
"""
READ_TAG: Final = READ_TAGS + "WHERE folded = %(folded)s"
LIST_TAGS: Final = (
    READ_TAGS + "WHERE folded > %(after)s ORDER BY folded LIMIT %(limit)s"
)
REMOVE_TAG: Final = "DELETE FROM id_tags WHERE folded = %(folded)s RETURNING true"


@implementer(IIdTagStore)
@frozen
class PostgresIdTags:
    """The tags on record that survive a restart; see `IIdTagStore`."""

    _database: IDatabase

    async def put_tag(self, tag: IdTag, at: float) -> bool:
        """Keep a tag, in place of the one that was there; return whether it is new."""
        params = {
            "folded": folded(tag.id_tag),
            "id_tag": tag.id_tag,
            "status": tag.status,
            "expires_at": tag.expires_at,
            "type": tag.type,
            "parent_id_tag": tag.parent_id_tag,
            "user_id": tag.user_id,
            "several_at_once": tag.several_at_once,
            "at": at,
        }
        ((is_new,),) = await self._database.query(PUT_TAG, params)
        return bool(is_new)

    async def get_tag(self, id_tag: str) -> IdTag | None:
        """Return a tag; None if there is none, whatever text it is."""
        rows = await self._rows_of(READ_TAG, id_tag)
        return _tag_of(rows[0]) if rows else None

    async def remove_tag(self, id_tag: str) -> bool:
        """Forget a tag; False if there is none."""
        return bool(await self._rows_of(REMOVE_TAG, id_tag))

    async def get_tags(self, *, after: str = "", limit: int) -> tuple[IdTag, ...]:
        """Return tags in the order of their folded text, from after a given one."""
        rows = await self._database.query(
            LIST_TAGS, {"after": folded(after), "limit": limit}
        )
        return tuple(map(_tag_of, rows))

    async def _rows_of(self, sql: str, id_tag: str) -> list[Row]:
        if not is_storable(id_tag):
            return []
        return await self._database.query(sql, {"folded": folded(id_tag)})


def _tag_of(row: Row) -> IdTag:
    id_tag, status, expires_at, kind, parent_id_tag, user_id, several_at_once = row
    return IdTag(
        id_tag=id_tag,
        status=TagStatus(status),
        expires_at=expires_at,
        type=kind,
        parent_id_tag=parent_id_tag,
        user_id=user_id,
        several_at_once=several_at_once,
    )
