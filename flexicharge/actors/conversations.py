"""Which protocol is spoken with a station."""

from __future__ import annotations

from functools import partial
from typing import Final

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
        told = partial(_mended, station.serial_number)
        return Ocpp16Conversation(len(station.connectors), clock.seconds, told)
    return DialectConversation()


def _mended(serial_number: str, repair: Repair) -> None:
    _log.info(
        "{serial_number}: {quirk_id} at {where}: {raw} became {repaired}",
        serial_number=serial_number,
        quirk_id=repair.quirk_id,
        where=repair.where[:SHOWN],
        raw=repr(repair.raw)[:SHOWN],
        repaired=repr(repair.repaired)[:SHOWN],
    )
