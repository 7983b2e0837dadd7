"""Which of the subprotocols that a station offers is spoken with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flexicharge.errors import NothingInCommon
from flexicharge.model.site import Protocol

SPOKEN: Final = (Protocol.OCPP_1_6,)
DIALECT_SUBPROTOCOL: Final = "ocpp1.6"  # what the fielded FlexiCharge charger offers


def agreed(offered: Iterable[str], protocol: Protocol) -> str | None:
    """Return the subprotocol to answer a standard station with, None for no answer.

    The first of ours that is offered, exactly as it is offered; `OCPP1.6` will do where
    `ocpp1.6` is not. With none offered the protocol on record is spoken. Raise
    `NothingInCommon` if only others are, or if the record's is one we do not speak.
    """
    if protocol not in SPOKEN:
        raise NothingInCommon(f"its record wants {protocol}")
    words = _said(offered)
    if not words:
        return None
    for ours in SPOKEN:
        for word in sorted(words, key=lambda word: word != ours):
            if word.casefold() == ours:
                return word
    raise NothingInCommon(f"it offers {', '.join(words)[:100]!r}")


def agreed_in_dialect(offered: Iterable[str]) -> str | None:
    """Confirm what is offered, the fielded charger's own word before any other."""
    words = _said(offered)
    if DIALECT_SUBPROTOCOL in words:
        return DIALECT_SUBPROTOCOL
    return words[0] if words else None


def _said(offered: Iterable[str]) -> list[str]:
    """Return what is offered without the blanks that a trailing comma leaves."""
    return [word for word in offered if word]
