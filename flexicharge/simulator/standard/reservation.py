"""A connector that is held for a tag until a time."""

from __future__ import annotations

from attrs import frozen

from flexicharge.simulator.standard.tags import Tags


@frozen(kw_only=True)
class Reservation:
    """Who may charge; tags of one parent may too. The time is POSIX seconds."""

    reservation_id: int
    tag: str
    expires_at: float
    parent: str | None = None

    def is_for(self, tag: str, tags: Tags) -> bool:
        """Tell whether a tag may charge."""
        if self.tag.casefold() == tag.casefold():
            return True
        return self.parent is not None and self.parent == tags.parent(tag)
