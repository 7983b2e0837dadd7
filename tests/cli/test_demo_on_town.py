"""The whole of `flexicharge demo` at the real back end, in memory."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from flexicharge.cli.demo_screen import Screen
from flexicharge.cli.demo_story import Story
from flexicharge.simulator.car import Car
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import RecordingMail
from flexicharge.testing.town import Town
from tests.simulator.on_town import WS_URL, Lines


def test_a_stranger_signs_up_charges_and_pays(town: Town) -> None:
    """From nothing to a receipt over public interfaces alone."""
    lines, seen = Lines(town), StringIO()
    mail = town.back_end.people.mail
    assert isinstance(mail, RecordingMail)

    async def read_outbox(_: Callable[[], Any]) -> Any:
        return mail.code_for(mail.sent[-1].to)

    charger = lines.charger(
        "abc118", power_w=150_000.0, car=Car(capacity_wh=12_000, stored_wh=4_000)
    )
    story = Story(
        driver=VirtualDriver(url="http://town", agent=lines.agent(), clock=town.clock),
        charger=charger,
        screen=Screen(Console(file=seen, force_terminal=True, width=100)),
        dial=lines.dial,
        run=read_outbox,
        outbox=Path(),
        ws_url=WS_URL,
        seconds=10.0,
    )
    playing = fire(story.play())
    lines.pass_time(15)
    receipt = result_of(playing)
    assert receipt.energyWh == charger.meter.stop_wh
    assert 400 <= receipt.energyWh <= 430
    assert receipt.price == round(receipt.energyWh * 0.25)
    assert "Plugged in abc118: 100008, 2.50 SEK/kWh" in seen.getvalue()
    assert "150.0 kW" in seen.getvalue()
