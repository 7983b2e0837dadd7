"""Which protocol is spoken with a station."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.model.site import Protocol, Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.dialect_conversation import DialectConversation
from flexicharge.ocpp.v16.conversation import Ocpp16Conversation
from flexicharge.ocpp.v16.quirks.rules import Repair

SHOWN: Final = 50  # characters of a station's own words in a line of the log

_log = Logger()


def conversation_with(station: Station, clock: IReactorTime) -> IConversation:
    """Return a conversation in the protocol that a station's record names."""
    if station.protocol is Protocol.OCPP_1_6:
        record = _Repairs(station.serial_number)
        return Ocpp16Conversation(len(station.connectors), clock.seconds, record.add)
    return DialectConversation()


@define(eq=False)
class _Repairs:
    """What was mended of one connection's frames: the first of each kind is logged."""

    _serial_number: str
    _seen: set[str] = field(factory=set, init=False)

    def add(self, repair: Repair) -> None:
        """Take note of a repair; a charger may need the same one in every frame."""
        if repair.quirk_id in self._seen:
            return
        self._seen.add(repair.quirk_id)
        _log.info(
            "{serial_number}: {quirk_id} at {where}: {raw} became {repaired}",
            serial_number=self._serial_number,
            quirk_id=repair.quirk_id,
            where=repair.where[:SHOWN],
            raw=repr(repair.raw)[:SHOWN],
            repaired=repr(repair.repaired)[:SHOWN],
        )
