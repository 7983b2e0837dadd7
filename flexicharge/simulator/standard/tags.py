"""What a charger itself knows of tags: its local list, and a cache of answers."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.standard.configuration import (
    AUTHORIZE_OFFLINE,
    CACHE_ENABLED,
    LIST_ENABLED,
    LIST_MAX,
    PRE_AUTHORIZE,
    SEND_LIST_MAX,
    UNKNOWN_OFFLINE,
    Configuration,
)

ACCEPTED: Final = "Accepted"
INVALID: Final = "Invalid"
FULL: Final = "Full"
NO_LIST: Final = -1


@define(eq=False)
class Tags:
    """Both outlive the power; tags ignore letter case (OCPP 1.6 §3.5)."""

    _configuration: Configuration
    version: int = field(default=0, init=False)
    _list: dict[str, JsonObject] = field(factory=dict, init=False)
    _cache: dict[str, JsonObject] = field(factory=dict, init=False)

    def learn(self, tag: str, info: JsonObject) -> None:
        """Remember what the server has said of a tag."""
        if self._configuration.flag(CACHE_ENABLED):
            self._cache[tag.casefold()] = info

    def clear_cache(self) -> str:
        """Forget it; return the word that ClearCache answers."""
        if not self._configuration.flag(CACHE_ENABLED):
            return "Rejected"
        self._cache.clear()
        return ACCEPTED

    def known(self, tag: str) -> JsonObject | None:
        """Return what is known of a tag: the list goes before the cache."""
        plain = tag.casefold()
        if self._configuration.flag(LIST_ENABLED) and plain in self._list:
            return self._list[plain]
        return self._cache.get(plain)

    def parent(self, tag: str) -> str | None:
        """Return the parent of a tag, if one is known."""
        parent = (self.known(tag) or {}).get("parentIdTag")
        return parent if isinstance(parent, str) else None

    def is_good_unasked(self, tag: str) -> bool:
        """Tell whether a charge may begin without asking the server first."""
        if not self._configuration.flag(PRE_AUTHORIZE):
            return False
        return _is_good(self.known(tag))

    def is_good_offline(self, tag: str) -> bool:
        """Tell whether a charge may begin while nobody can be asked."""
        if not self._configuration.flag(AUTHORIZE_OFFLINE):
            return False
        known = self.known(tag)
        if known is None:
            return self._configuration.flag(UNKNOWN_OFFLINE)
        return _is_good(known)

    def list_version(self) -> int:
        """Return the local list's version: 0 while it is empty, -1 without one."""
        return self.version if self._configuration.flag(LIST_ENABLED) else NO_LIST

    def take_list(self, payload: JsonObject) -> str:
        """Take in a local list; return the word that SendLocalList answers."""
        if not self._configuration.flag(LIST_ENABLED):
            return "NotSupported"
        entries = payload.get("localAuthorizationList", [])
        version, is_full = payload["listVersion"], payload["updateType"] == FULL
        if len(entries) > self._configuration.whole(SEND_LIST_MAX):
            return "Failed"
        if not is_full and version <= self.version:
            return "VersionMismatch"
        merged = _merged({} if is_full else self._list, entries)
        if merged is None or len(merged) > self._configuration.whole(LIST_MAX):
            return "Failed"
        self._list, self.version = merged, version
        return ACCEPTED


def _merged(
    before: dict[str, JsonObject], entries: list[JsonObject]
) -> dict[str, JsonObject] | None:
    """Return a list with entries put in or taken out; None if one comes twice."""
    merged, seen = dict(before), set()
    for entry in entries:
        plain = entry["idTag"].casefold()
        if plain in seen:
            return None
        seen.add(plain)
        info = entry.get("idTagInfo")
        if info is None:
            merged.pop(plain, None)
        else:
            merged[plain] = info
    return merged


def _is_good(info: JsonObject | None) -> bool:
    return info is not None and info.get("status") == ACCEPTED
