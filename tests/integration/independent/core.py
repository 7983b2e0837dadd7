"""What a charger does when it is told to: core profile and triggers of OCPP 1.6."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action

from .memory import Memory, iso_now

TOLD = {"OperatorsVendor": "hello"}


class Core(ChargePoint):  # type: ignore[misc]  # the package has no types
    """Obeys, and does afterwards what it has said it would do."""

    def __init__(
        self,
        connection: Any,
        memory: Memory,
        tasks: asyncio.TaskGroup,
        **more: Any,
    ) -> None:
        super().__init__(memory.identity, connection, **more)
        self.memory = memory
        self._tasks = tasks
        self._doing: set[asyncio.Task[None]] = set()
        self.certified = asyncio.Event()
        self.was_reset = asyncio.Event()

    async def say(self, payload: Any) -> Any:
        """Send a Call and return its answer; raise if that is an error."""
        return await self.call(payload, suppress=False)

    def follow_up(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer was sent."""
        task = self._tasks.create_task(doing)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def settled(self) -> None:
        """Return once all that follows of commands is done."""
        while self._doing:
            await asyncio.wait(self._doing)

    async def report(self, number: int, status: str) -> None:
        """Report a connector's status."""
        await self.say(
            call.StatusNotification(
                connector_id=number,
                error_code="NoError",
                status=status,
                timestamp=iso_now(),
            )
        )

    async def begin(self, number: int, id_tag: str, **more: Any) -> Any:
        """Start a transaction, and return the answer."""
        await self.report(number, "Preparing")
        begun = await self.say(
            call.StartTransaction(
                connector_id=number,
                id_tag=id_tag,
                meter_start=self.memory.register_wh,
                timestamp=iso_now(),
                **more,
            )
        )
        self.memory.transactions[begun.transaction_id] = number
        await self.report(number, "Charging")
        return begun

    async def end(self, transaction_id: int, **more: Any) -> Any:
        """Stop a transaction, and return the answer."""
        number = self.memory.transactions.pop(transaction_id)
        ended = await self.say(
            call.StopTransaction(
                transaction_id=transaction_id,
                meter_stop=self.memory.register_wh,
                timestamp=iso_now(),
                **more,
            )
        )
        await self.report(number, "Available")
        return ended

    @on(Action.get_configuration)
    def get_configuration(self, key: list[str] | None = None) -> Any:
        """Tell some settings, or all; passwords are not told."""
        settings = self.memory.settings
        wanted = key or list(settings)
        known = [name for name in wanted if name in settings]
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": name, "readonly": False, "value": settings[name]}
                for name in known
            ],
            unknown_key=[name for name in wanted if name not in settings],
        )

    @on(Action.change_configuration)
    def change_configuration(self, key: str, value: str) -> Any:
        """Change a setting."""
        if key not in (*self.memory.settings, "AuthorizationKey"):
            return call_result.ChangeConfiguration(status="NotSupported")
        self.memory.settings[key] = value
        return call_result.ChangeConfiguration(status="Accepted")

    @on(Action.clear_cache)
    def clear_cache(self) -> Any:
        """Forget who charged."""
        return call_result.ClearCache(status="Accepted")

    @on(Action.change_availability)
    def change_availability(self, **_: Any) -> Any:
        """Take a connector out of service, or back."""
        return call_result.ChangeAvailability(status="Accepted")

    @after(Action.change_availability)
    def availability_changed(self, connector_id: int, type: str) -> None:  # noqa: A002
        """Report it."""
        status = "Available" if type == "Operative" else "Unavailable"
        self.follow_up(self.report(connector_id, status))

    @on(Action.data_transfer)
    def data_transfer(self, vendor_id: str, **_: Any) -> Any:
        """Know one vendor."""
        if vendor_id not in TOLD:
            return call_result.DataTransfer(status="UnknownVendorId")
        return call_result.DataTransfer(status="Accepted", data=TOLD[vendor_id])

    @on(Action.unlock_connector)
    def unlock_connector(self, connector_id: int) -> Any:
        """Let go of a cable."""
        is_there = connector_id in (1, 2)
        status = "Unlocked" if is_there else "NotSupported"
        return call_result.UnlockConnector(status=status)

    @on(Action.trigger_message)
    def trigger_message(self, requested_message: str, **_: Any) -> Any:
        """Say a Heartbeat when asked for."""
        known = requested_message == "Heartbeat"
        return call_result.TriggerMessage(
            status="Accepted" if known else "NotImplemented"
        )

    @after(Action.trigger_message)
    def triggered(self, **_: Any) -> None:
        """Say it."""
        self.follow_up(self._beat())

    async def _beat(self) -> None:
        await self.say(call.Heartbeat())

    @on(Action.remote_start_transaction)
    def remote_start(self, **_: Any) -> Any:
        """Charge."""
        return call_result.RemoteStartTransaction(status="Accepted")

    @after(Action.remote_start_transaction)
    def remotely_started(self, id_tag: str, connector_id: int = 1, **_: Any) -> None:
        """Start it."""
        self.follow_up(self._begin(connector_id, id_tag))

    async def _begin(self, number: int, id_tag: str) -> None:
        await self.begin(number, id_tag)

    @on(Action.remote_stop_transaction)
    def remote_stop(self, transaction_id: int) -> Any:
        """Stop what runs."""
        runs = transaction_id in self.memory.transactions
        return call_result.RemoteStopTransaction(
            status="Accepted" if runs else "Rejected"
        )

    @after(Action.remote_stop_transaction)
    def remotely_stopped(self, transaction_id: int) -> None:
        """Stop it, 250 Wh later."""
        self.memory.register_wh += 250
        self.follow_up(self._end(transaction_id))

    async def _end(self, transaction_id: int) -> None:
        await self.end(transaction_id, reason="Remote")

    @on(Action.reset)
    def reset(self, **_: Any) -> Any:
        """Begin anew."""
        return call_result.Reset(status="Accepted")

    @after(Action.reset)
    def has_reset(self, **_: Any) -> None:
        """Let its owner pull the plug."""
        self.was_reset.set()
