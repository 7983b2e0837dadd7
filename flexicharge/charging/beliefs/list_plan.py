"""Which tags a station should have in its local list, and what gets them there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from flexicharge.charging.beliefs.local_list import MAX_VERSION, LocalList
from flexicharge.model.id_tag import IdTag, TagVerdict, folded, verdict_on
from flexicharge.ocpp.v16.commands import ListEntry, SendLocalList, UpdateType

LONGEST_TAG: Final = 20  # IdToken, OCPP 1.6 §7.28
ENTRIES_AT_ONCE: Final = 250  # where the station did not tell how many it takes
MOST_AT_ONCE: Final = 4_000  # more would not fit into a frame
MOST_ENTRIES: Final = 20_000


@frozen(kw_only=True)
class ListLimits:
    """How many entries a station takes at once, and holds; None was not told."""

    at_once: int | None = None
    in_all: int | None = None


@frozen(kw_only=True)
class ListPlan:
    """What is to be sent, in this order; nothing if the station has it all.

    `left_out` are tags that are too many, or too long for OCPP 1.6. A station that has
    said that it keeps no list is not `supported`.
    """

    commands: tuple[SendLocalList, ...] = ()
    left_out: int = 0
    supported: bool = True


def plan(
    believed: LocalList,
    tags: Iterable[IdTag],
    limits: ListLimits,
    now: float,
    *,
    full: bool = False,
) -> ListPlan:
    """Return what brings a station's list up to date.

    A full list if asked for, or if we cannot be sure of what is there.
    """
    wanted, left_out = _wanted(tags, limits, now)
    is_sure = bool(believed.version) and not believed.doubt and not full
    if not is_sure:
        commands = _commands(list(wanted.values()), believed, limits, is_full=True)
    else:
        changes = _changes(believed, wanted)
        commands = _commands(changes, believed, limits, is_full=False)
    return ListPlan(commands=commands, left_out=left_out)


def _wanted(
    tags: Iterable[IdTag], limits: ListLimits, now: float
) -> tuple[dict[str, ListEntry], int]:
    """Return the entries by folded tag, and how many tags were left out."""
    wanted: dict[str, ListEntry] = {}
    most = limits.in_all or MOST_ENTRIES
    left_out = 0
    for tag in tags:
        is_too_long = not 0 < len(tag.id_tag) <= LONGEST_TAG
        if is_too_long or len(wanted) >= min(most, MOST_ENTRIES):
            left_out += 1
        else:
            entry = ListEntry(tag.id_tag, _verdict(tag, now))
            wanted[folded(tag.id_tag)] = entry
    return wanted, left_out


def _verdict(tag: IdTag, now: float) -> TagVerdict:
    """Return a verdict as it comes back from the wire: in whole seconds."""
    verdict = verdict_on(tag, now)
    expires_at, parent = verdict.expires_at, verdict.parent_id_tag
    return TagVerdict(
        verdict.status,
        None if expires_at is None else float(int(expires_at)),
        parent if parent and len(parent) <= LONGEST_TAG else None,
    )


def _changes(believed: LocalList, wanted: dict[str, ListEntry]) -> list[ListEntry]:
    """Return what differs: first the tags that go, which makes room."""
    there = {folded(entry.id_tag): entry for entry in believed.entries}
    gone = [ListEntry(there[name].id_tag) for name in there if name not in wanted]
    changed = [
        entry
        for name, entry in wanted.items()
        if name not in there or there[name].verdict != entry.verdict
    ]
    return [*gone, *changed]


def _commands(
    entries: list[ListEntry], believed: LocalList, limits: ListLimits, *, is_full: bool
) -> tuple[SendLocalList, ...]:
    """Return the lists that carry some entries: at most the first one is full."""
    size = min(limits.at_once or ENTRIES_AT_ONCE, MOST_AT_ONCE)
    parts = [entries[at : at + size] for at in range(0, len(entries), size)]
    if is_full and not parts:
        parts = [[]]
    version = believed.newest_version + 1
    if version + len(parts) > MAX_VERSION:
        version = 1
    return tuple(
        SendLocalList(
            list_version=version + number,
            local_authorization_list=tuple(part),
            update_type=(
                UpdateType.FULL if is_full and number == 0 else UpdateType.DIFFERENTIAL
            ),
        )
        for number, part in enumerate(parts)
    )
