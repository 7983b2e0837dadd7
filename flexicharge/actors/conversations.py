"""Which protocol is spoken with a station."""

from __future__ import annotations

from flexicharge.model.site import Protocol, Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.dialect_conversation import DialectConversation
from flexicharge.ocpp.v16.conversation import Ocpp16Conversation
from flexicharge.ocpp.v16.quirks.rules import UNKNOWN_MAKE, Make


def conversation_with(station: Station) -> IConversation:
    """Return a conversation in the protocol that a station's record names.

    One that comes back in mid-charge may not say again whose make it is: what it said
    the last time counts.
    """
    if station.protocol is Protocol.OCPP_1_6:
        boot = station.boot
        make = (
            UNKNOWN_MAKE
            if boot is None
            else Make(vendor=boot.vendor, model=boot.model, firmware=boot.firmware)
        )
        return Ocpp16Conversation(make)
    return DialectConversation()
