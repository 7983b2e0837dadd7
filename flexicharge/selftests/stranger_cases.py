"""Our own tests: what strangers get to see, which is nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from flexicharge.selftests.errors import SelfTestFailed
from flexicharge.selftests.stage import Stage
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import LinkLost, ServerRefused

UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
SECURITY_ERROR: Final = "SecurityError"


async def unknown_serial_number(stage: Stage) -> None:
    """A charger that nobody has added is told so, and dropped."""
    name = f"selftest-unknown-{stage.seams.entropy.token(8).hex()}"
    nobody = stage.new_charger(name)
    with suppress(LinkLost):  # it may be dropped before it counts as open
        await stage.dial_charger(nobody)
    refusal = await nobody.ear.refusal()
    if refusal[2:3] != [SECURITY_ERROR]:
        raise SelfTestFailed(f"an unknown charger was told {refusal}")
    with suppress(LinkLost):
        await nobody.until(Screen.NOT_AVAILABLE, within_s=stage.seams.patience_s)


async def live_metrics_authorisation(stage: Stage) -> None:
    """With another driver's token there is no live socket."""

    async def watch() -> None:
        socket = await stage.dial_live(stage.stranger, stage.new_ear())
        socket.hang_up()

    await refused("a live socket with another's token", watch, UNAUTHORIZED)


async def authorisation(stage: Stage) -> None:
    """Another driver, and nobody, can neither see nor stop a charge."""
    going_on = stage.visit.transaction_id if stage.visit else None
    number = going_on or await stage.open_session()
    stranger, nobody = stage.stranger, _nobody_like(stage.driver)
    mine = f"/transaction/userTransactions/{stage.driver.user_id}"
    for what, ask, status in (
        ("another's charge", lambda: stranger.read(number), NOT_FOUND),
        ("another's list", lambda: stranger.get(mine), FORBIDDEN),
        ("a charge without a token", lambda: nobody.read(number), UNAUTHORIZED),
        ("a stop without a token", lambda: nobody.stop(number), UNAUTHORIZED),
        ("the stop of another's charge", lambda: stranger.stop(number), NOT_FOUND),
    ):
        await refused(what, ask, status)


async def charger_lists(stage: Stage) -> None:
    """The charger of these tests is in no list, nor found by number or serial."""
    await stage.charger_in_service()
    nobody, serial = _nobody_like(stage.driver), stage.connector.serial_number
    number = stage.connector.connector_id
    for path in ("/chargers", "/chargers/available"):
        if any(each["connectorID"] == number for each in await nobody.get(path)):
            raise SelfTestFailed(f"{path} shows the charger of the self tests")
    if await nobody.get(f"/chargers/serial/{serial}") != []:
        raise SelfTestFailed("the charger of the self tests is found by its serial")
    path = f"/chargers/{number}"
    await refused(path, lambda: nobody.get(path), NOT_FOUND)


async def refused(what: str, ask: Callable[[], Awaitable[object]], status: int) -> None:
    """Raise `SelfTestFailed` unless what is asked for is refused with a status."""
    try:
        await ask()
    except ServerRefused as why:
        if why.status == status:
            return
        raise SelfTestFailed(f"{what} was refused with {why.status}") from None
    raise SelfTestFailed(f"{what} was not refused")


def _nobody_like(driver: VirtualDriver) -> VirtualDriver:
    """Return an app in which nobody has signed in."""
    return VirtualDriver(
        url=driver.url,
        agent=driver.agent,
        clock=driver.clock,
        within_s=driver.within_s,
    )
