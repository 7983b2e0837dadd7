"""The original's charger tests, under its names and by its criteria (contract §6)."""

from __future__ import annotations

from flexicharge.model.commands import RemoteStop, Reserve
from flexicharge.model.session import RESERVED_FOR_S
from flexicharge.selftests.shapes import check_frame, integer, text
from flexicharge.selftests.stage import Stage


async def boot_notification(stage: Stage) -> None:
    """A charger that boots is answered, and told its number and price."""
    await stage.plug_in()
    accepted = await stage.ear.result("BootNotification")
    check_frame(accepted, status=text, currentTime=integer, interval=integer)
    boot_data = await stage.ear.call("DataTransfer")
    check_frame(boot_data, vendorId=text, messageId=text, data=text)


async def remote_start_transaction(stage: Stage) -> None:
    """A charger is asked to start, says that it did, and is answered."""
    await stage.charger_in_service()
    call = await stage.start_remotely()
    check_frame(call, connectorID=integer, idTag=integer)


async def remote_stop_transaction(stage: Stage) -> None:
    """A charger is asked to stop, says that it did, and is answered."""
    session_id = await stage.running_session()
    command = RemoteStop(
        connector_id=stage.connector.connector_id, session_id=session_id
    )
    call = await stage.command(command, "RemoteStopTransaction")
    check_frame(call, transactionID=integer)
    await stage.ear.result("StopTransaction")


async def reserve_now(stage: Stage) -> None:
    """A charger is asked to reserve, and whoever asked is told that it has."""
    await stage.charger_in_service()
    session_id = await stage.open_session()
    command = Reserve(
        connector_id=stage.connector.connector_id,
        session_id=session_id,
        until=stage.seams.clock.seconds() + RESERVED_FOR_S,
    )
    call = await stage.command(command, "ReserveNow")
    check_frame(
        call, connectorID=integer, expiryDate=integer, idTag=integer, reservationID=text
    )


async def charger_memory_leak(stage: Stage) -> None:
    """Of a charger that has gone nothing is left in memory."""
    await stage.charger_in_service()
    stage.hang_up()
    await stage.until_charger_is_gone()
