"""Bringing a station's local list up to date, when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.beliefs.configuration import Configurations
from flexicharge.charging.beliefs.features import Features
from flexicharge.charging.beliefs.giving import Give
from flexicharge.charging.beliefs.list_plan import (
    MOST_ENTRIES,
    ListLimits,
    ListPlan,
    plan,
)
from flexicharge.charging.beliefs.local_list import MISMATCH, LocalLists
from flexicharge.charging.beliefs.turns import Turns
from flexicharge.interfaces import IIdTagStore
from flexicharge.model.id_tag import IdTag
from flexicharge.model.site import Station
from flexicharge.model.station_command import (
    DEFAULT_TIMEOUT_S,
    CommandState,
    StationCommand,
)
from flexicharge.ocpp.v16.commands import (
    GetLocalListVersion,
    SendLocalList,
    UpdateType,
)
from flexicharge.ocpp.v16.payloads import ChargerCommand, payload_of

PAGE: Final = 1_000
AT_ONCE: Final = "SendLocalListMaxLength"
IN_ALL: Final = "LocalAuthListMaxLength"


@frozen(kw_only=True)
class ListPush:
    """What was sent, in order, and whether the station now has what it should."""

    commands: tuple[StationCommand, ...]
    is_up_to_date: bool
    left_out: int = 0


@frozen
class ListPushes:
    """Sends local lists; one push at a time to each station."""

    _lists: LocalLists
    _configurations: Configurations
    _features: Features
    _tags: IIdTagStore
    _clock: IReactorTime
    _turns: Turns = field(factory=Turns, init=False)

    async def next(
        self, station: Station, tags: Sequence[IdTag], *, full: bool = False
    ) -> ListPlan:
        """Return what brings a station's list up to these tags.

        Nothing for a station that has said that it keeps no list.
        """
        station_id = station.station_id
        if not await self._features.can(
            station_id, "SendLocalList", "GetLocalListVersion"
        ):
            return ListPlan(left_out=len(tags), supported=False)
        limits = ListLimits(
            at_once=await self._configurations.number(station_id, AT_ONCE),
            in_all=await self._configurations.number(station_id, IN_ALL),
        )
        believed = await self._lists.believed(station_id)
        return plan(believed, tags, limits, self._clock.seconds(), full=full)

    async def push(self, station: Station, give: Give) -> ListPush:
        """Send what is missing, of all tags on record.

        A change that is not taken is followed by one full list, once (OCA 043).
        """
        async with self._turns.of(station.station_id):
            tags = await self._all_tags()
            planned = await self.next(station, tags)
            sent = await _send_all(planned.commands, station, give)
            if sent and _needs_full(planned.commands, sent):
                if _word(sent[-1]) == MISMATCH:
                    sent.append(await _send(GetLocalListVersion(), station, give))
                planned = await self.next(station, tags, full=True)
                sent = [*sent, *await _send_all(planned.commands, station, give)]
            left = await self.next(station, tags)
            return ListPush(
                commands=tuple(sent),
                is_up_to_date=left.supported and not left.commands,
                left_out=left.left_out,
            )

    async def _all_tags(self) -> list[IdTag]:
        tags: list[IdTag] = []
        after = ""
        while page := await self._tags.get_tags(after=after, limit=PAGE):
            tags += page
            after = page[-1].id_tag
            if len(page) < PAGE or len(tags) > MOST_ENTRIES:
                break
        return tags


async def _send_all(
    commands: Sequence[SendLocalList], station: Station, give: Give
) -> list[StationCommand]:
    """Send lists in order, up to the first that is not taken."""
    sent: list[StationCommand] = []
    for command in commands:
        sent.append(await _send(command, station, give))
        if _word(sent[-1]) != "Accepted":
            break
    return sent


async def _send(
    command: ChargerCommand, station: Station, give: Give
) -> StationCommand:
    return await give(
        station.serial_number, command.action, payload_of(command), DEFAULT_TIMEOUT_S
    )


def _word(command: StationCommand) -> str:
    """Return the status that a command was answered with; '' if it has none."""
    if command.state is not CommandState.RESULT:
        return ""
    return str((command.response or {}).get("status", ""))


def _needs_full(
    planned: Sequence[SendLocalList], sent: Sequence[StationCommand]
) -> bool:
    """Tell whether a list was refused in a way that a full one may mend."""
    last, word = planned[len(sent) - 1], _word(sent[-1])
    is_change = last.update_type is UpdateType.DIFFERENTIAL
    return word == MISMATCH or (is_change and word == "Failed")
