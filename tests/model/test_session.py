"""What a session tells of its energy while it runs, and when it is over."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.model.session import FINAL, RUNNING, UNSTARTED, Session, SessionState

OPENED = Session(
    session_id=1,
    station_id=1,
    serial_number="abc111",
    connector_id=100_000,
    user_id="ida",
    state=SessionState.OPENED,
    opened_at=1_800_000_000.0,
)


def test_every_state_is_unstarted_running_or_final() -> None:
    """No state is left out, and none is two of them."""
    assert sorted(UNSTARTED + RUNNING + FINAL) == sorted(SessionState)


@pytest.mark.parametrize(
    ("start_wh", "last_wh", "energy_wh"),
    [
        (None, None, 0),
        (None, 500, 0),
        (1000, None, 0),
        (1000, 1000, 0),
        (1000, 1750, 750),
        (0, 750, 750),
        (1000, 900, 0),
    ],
)
def test_energy_so_far_is_what_the_meter_rose(
    start_wh: int | None, last_wh: int | None, energy_wh: int
) -> None:
    """Without two registers there is none, and it is never negative."""
    session = evolve(OPENED, meter_start_wh=start_wh, meter_last_wh=last_wh)
    assert session.energy_so_far_wh == energy_wh


@pytest.mark.parametrize("billed_wh", [0, 600])
def test_billed_energy_overrides_the_meter(billed_wh: int) -> None:
    """Once it is sealed nothing else counts, not even where it is nothing."""
    session = evolve(
        OPENED, meter_start_wh=1000, meter_last_wh=1750, energy_wh=billed_wh
    )
    assert session.energy_so_far_wh == billed_wh
