"""Charging profiles that went with a remote start, until its session begins."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.model.id_tag import folded, same_tag
from flexicharge.model.session import Session

KIND: Final = "remoteStartProfiles"
MAX_WAITING: Final = 50
LASTS_S: Final = 300.0  # as long as cable and tag may take
CLOCKS_DIFFER_S: Final = 60.0  # by so much a start may seem to be before its order


@frozen(kw_only=True)
class StartProfile:
    """A profile of an accepted remote start; a connector of None is any."""

    id_tag: str
    connector_id: int | None
    profile: dict[str, Any]
    asked_at: float

    def led_to(self, session: Session, number: int) -> bool:
        """Tell whether a session on a connector came of it: its tag, where and when."""
        began_at = session.started_at or session.opened_at
        return (
            same_tag(self.id_tag, session.id_tag)
            and self.connector_id in (None, number)
            and -CLOCKS_DIFFER_S <= began_at - self.asked_at < LASTS_S
        )


@frozen
class StartProfiles:
    """What waits for its session; the last one of a tag counts."""

    _waiting: Drawer[StartProfile]

    async def keep(self, station_id: int, new: StartProfile, at: float) -> None:
        """Keep one in place of an earlier one of its tag; those that lapsed go."""
        old = await self._waiting.all(station_id)
        lasting = [
            (name, one) for name, one in old.items() if at - one.asked_at < LASTS_S
        ]
        kept = dict(lasting[-(MAX_WAITING - 1) :])
        kept[folded(new.id_tag)] = new
        await self._waiting.put(station_id, kept, at, instead=True)

    async def take(
        self, station_id: int, session: Session, number: int
    ) -> StartProfile | None:
        """Return the one that led to a session, which waits no longer."""
        for name, one in (await self._waiting.all(station_id)).items():
            if one.led_to(session, number):
                await self._waiting.drop(station_id, [name])
                return one
        return None
