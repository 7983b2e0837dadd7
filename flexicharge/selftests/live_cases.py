"""The original's live metrics tests, under its names and by its criteria (§6)."""

from __future__ import annotations

from flexicharge.selftests.shapes import check_frame, number, samples
from flexicharge.selftests.stage import Stage


async def meter_values(stage: Stage) -> None:
    """What a charger meters arrives at the live socket of its driver."""
    await stage.watch()
    await stage.running_session()
    frame = await stage.phone.call("MeterValues")
    check_frame(
        frame,
        connectorId=number,
        transactionId=number,
        timestamp=number,
        values=samples,
    )


async def user_memory_leak(stage: Stage) -> None:
    """Of a driver who watches no more nothing is left in memory."""
    await stage.charger_in_service()
    await stage.watch()
    stage.hang_up()
    await stage.until_driver_is_gone()


async def charger_memory_leak(stage: Stage) -> None:
    """Nor of a charger that went at the same moment, in mid-charge."""
    stage.hang_up()
    await stage.until_charger_is_gone()
