"""Which virtual charger speaks what."""

from __future__ import annotations

import pytest

from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.makes import make_of
from flexicharge.simulator.standard.station import VirtualStation


def test_the_dialects_charger_is_known() -> None:
    """It comes with what makes its sockets."""
    assert make_of("flexicharge").charger is VirtualCharger


def test_the_charger_of_the_standard_is_known() -> None:
    """It always connects again, and has oddities of its own."""
    make = make_of("ocpp1.6")
    assert make.charger is VirtualStation
    assert make.is_standard
    assert make.reconnects_after_s is not None
    assert set(make.oddities) != set(make_of("flexicharge").oddities)


def test_an_unknown_protocol_is_named_with_the_known_ones() -> None:
    """So that whoever wrote it can mend it."""
    with pytest.raises(SimulatorError, match="'ocpp9'; there are flexicharge, ocpp"):
        make_of("ocpp9")
