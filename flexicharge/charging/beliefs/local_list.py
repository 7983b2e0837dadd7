"""The local list of tags that we believe to be on a station (OCPP 1.6 §5.15)."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of, whole_of
from flexicharge.errors import UnusableValue
from flexicharge.model.id_tag import TagStatus, TagVerdict, folded
from flexicharge.ocpp.v16.commands import ListEntry, UpdateType
from flexicharge.ocpp.v16.confirmations import Outcome, list_version
from flexicharge.ocpp.v16.times import posix_of

KIND: Final = "localList"
VERSION: Final = "version"
TAG: Final = "tag "  # before a tag, so that none is taken for the version
MAX_VERSION: Final = (1 << 31) - 1
MISMATCH: Final = "VersionMismatch"
NEVER_SENT: Final = "it was never sent in full"
CONTRADICTED: Final = "the station tells another version"
NOT_TAKEN: Final = "the station did not take the last change"


@frozen(kw_only=True)
class KeptEntry:
    """What is kept under a name: a tag with its verdict, or the version itself."""

    version: int | None = None
    told: int | None = None
    doubt: str = ""
    id_tag: str = ""
    verdict: TagVerdict | None = None
    at: float


@frozen(kw_only=True)
class LocalList:
    """What we believe to be on a station, and since when (POSIX).

    A `version` of None was never sent nor told. `told` is the version that the station
    itself told last. Where there is `doubt` only a full list makes sure again.
    """

    version: int | None
    told: int | None
    doubt: str
    entries: tuple[ListEntry, ...]
    at: float | None

    @property
    def newest_version(self) -> int:
        """The highest version that either side has spoken of."""
        return max(self.version or 0, self.told or 0, 0)


@frozen
class LocalLists:
    """The stations' local lists, as they were taken."""

    _kept: Drawer[KeptEntry]

    async def told(self, answered: Answered) -> None:
        """Believe the answer to a GetLocalListVersion; 0 is an empty list."""
        if answered.said is None:
            return
        version = _version(list_version(answered.said))
        if version is None:
            return
        station_id, at = answered.station.station_id, answered.at
        kept = await self._kept.all(station_id)
        old = kept.get(VERSION)
        if version == 0:
            new = KeptEntry(version=0, told=0, at=at)
            await self._kept.put(station_id, {VERSION: new}, at, instead=True)
            return
        believed = None if old is None else old.version
        doubt = CONTRADICTED if old is not None else NEVER_SENT
        if believed == version and old is not None:
            doubt = old.doubt if old.doubt != CONTRADICTED else ""
        new = KeptEntry(version=believed, told=version, doubt=doubt, at=at)
        await self._kept.put(station_id, {VERSION: new}, at)

    async def sent(self, answered: Answered) -> None:
        """Believe the answer to a SendLocalList; what was not taken changes nothing.

        But then nobody can be sure of a list that was to be changed.
        """
        station_id, at = answered.station.station_id, answered.at
        is_full = answered.asked.get("updateType") == UpdateType.FULL
        kept = await self._kept.all(station_id)
        if answered.is_done:
            await self._taken(answered, kept, is_full=is_full)
            return
        old = kept.get(VERSION)
        is_doubtful = answered.said is not None and answered.outcome is Outcome.REFUSED
        if is_doubtful and not is_full and old is not None:
            new = evolve(old, doubt=NOT_TAKEN, at=at)
            await self._kept.put(station_id, {VERSION: new}, at)

    async def believed(self, station_id: int) -> LocalList:
        """Return what we believe to be on a station."""
        kept = await self._kept.all(station_id)
        version = kept.get(VERSION)
        entries = [ListEntry(one.id_tag, one.verdict) for one in _tags(kept).values()]
        return LocalList(
            version=None if version is None else version.version,
            told=None if version is None else version.told,
            doubt=NEVER_SENT if version is None else version.doubt,
            entries=tuple(entries),
            at=None if version is None else version.at,
        )

    async def _taken(
        self, answered: Answered, kept: dict[str, KeptEntry], *, is_full: bool
    ) -> None:
        at, old = answered.at, kept.get(VERSION)
        doubt = ""
        if not is_full:
            doubt = NEVER_SENT if old is None else old.doubt
        version = KeptEntry(
            version=_version(answered.asked.get("listVersion")), doubt=doubt, at=at
        )
        tags = {} if is_full else _tags(kept)
        for name, tag in _changes(answered.asked, at).items():
            if tag is None:
                tags.pop(name, None)
            else:
                tags[name] = tag
        await self._kept.put(
            answered.station.station_id, {**tags, VERSION: version}, at, instead=True
        )


def _tags(kept: dict[str, KeptEntry]) -> dict[str, KeptEntry]:
    return {name: one for name, one in kept.items() if name != VERSION}


def _changes(payload: dict[str, Any], at: float) -> dict[str, KeptEntry | None]:
    """Return the entries of a list by name; None stands for a tag that goes."""
    changes: dict[str, KeptEntry | None] = {}
    for entry in payload.get("localAuthorizationList") or ():
        id_tag = text_of(entry.get("idTag"))
        verdict = _verdict(entry.get("idTagInfo"))
        changes[TAG + folded(id_tag)] = (
            None
            if verdict is None
            else KeptEntry(id_tag=id_tag, verdict=verdict, at=at)
        )
    return changes


def _verdict(info: Any) -> TagVerdict | None:
    if not isinstance(info, dict):
        return None
    expires_at = None
    if info.get("expiryDate") is not None:
        try:
            expires_at = posix_of(info["expiryDate"])
        except UnusableValue:
            return None
    return TagVerdict(
        status=TagStatus(info["status"]),
        expires_at=expires_at,
        parent_id_tag=text_of(info.get("parentIdTag")) or None,
    )


def _version(value: object) -> int | None:
    version = whole_of(value)
    return version if version is not None and 0 <= version <= MAX_VERSION else None
