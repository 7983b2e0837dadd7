"""Tags that drivers show to chargers, in memory."""

from __future__ import annotations

from attrs import frozen
from zope.interface import implementer

from flexicharge.interfaces import IIdTagStore
from flexicharge.model.id_tag import IdTag, folded
from flexicharge.storage.memory.guards import (
    stored_at,
    stored_count,
    stored_tag,
    stored_text,
)
from flexicharge.storage.memory.world import MemoryWorld


@implementer(IIdTagStore)
@frozen
class MemoryIdTags:
    """The tags of a world; see `IIdTagStore`."""

    _world: MemoryWorld

    async def put_tag(self, tag: IdTag, at: float) -> bool:
        """Keep a tag, in place of the one that was there; return whether it is new."""
        async with self._world.commit("put_tag"):
            stored_at(at)
            key = folded(tag.id_tag)
            is_new = key not in self._world.tags
            self._world.tags[key] = stored_tag(tag)
            return is_new

    async def get_tag(self, id_tag: str) -> IdTag | None:
        """Return a tag; None if there is none, whatever text it is."""
        async with self._world.commit("get_tag"):
            return self._world.tags.get(folded(id_tag))

    async def remove_tag(self, id_tag: str) -> bool:
        """Forget a tag; False if there is none."""
        async with self._world.commit("remove_tag"):
            return self._world.tags.pop(folded(id_tag), None) is not None

    async def get_tags(self, *, after: str = "", limit: int) -> tuple[IdTag, ...]:
        """Return tags in the order of their folded text, from after a given one."""
        async with self._world.commit("get_tags"):
            first = folded(stored_text(after))
            keys = sorted(key for key in self._world.tags if key > first)
            return tuple(self._world.tags[key] for key in keys[: stored_count(limit)])
