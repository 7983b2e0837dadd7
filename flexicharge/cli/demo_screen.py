"""What `flexicharge demo` shows: its steps, a bar while energy flows, the receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from flexicharge.model.money import ORE_PER_SEK
from flexicharge.model.tariff import WH_PER_KWH
from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.errors import BadAnswer
from flexicharge.simulator.live import LiveMetrics


@frozen(kw_only=True)
class Receipt:
    """What a charge came to: whole Wh, whole öre, times in whole POSIX seconds."""

    transactionID: int
    energyWh: int
    price: int
    startTimestamp: int
    endTimestamp: int

    @classmethod
    def of(cls, bill: JsonObject) -> Receipt:
        """Return the receipt in a transaction; raise `BadAnswer` if it is none."""
        try:
            return msgspec.convert(bill, cls)
        except msgspec.ValidationError as why:
            raise BadAnswer(f"The server's bill cannot be read: {why}") from None

    def as_json(self) -> str:
        """Return the receipt as one JSON object."""
        return msgspec.json.encode(self).decode()

    def as_text(self, charger: str) -> str:
        """Return the receipt for people, in local time."""
        started, ended = _local(self.startTimestamp), _local(self.endTimestamp)
        return "\n".join(
            (
                f"Receipt for transaction {self.transactionID}",
                f"  charger  {charger}",
                f"  started  {started:%Y-%m-%d %H:%M:%S}",
                f"  ended    {ended:%Y-%m-%d %H:%M:%S}",
                f"  energy   {self.energyWh / WH_PER_KWH:.3f} kWh",
                f"  price    {self.price / ORE_PER_SEK:.2f} SEK",
            )
        )


class Screen:
    """Steps as lines, and on a terminal a bar that follows the battery."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} %  {task.fields[flow]}"),
            console=console,
            auto_refresh=False,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("battery", total=100, flow="", visible=False)

    def step(self, text: str) -> None:
        """Say what has just been done."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def show(self, metrics: LiveMetrics) -> None:
        """Show one moment of the charge."""
        flow = f"{metrics.energy_wh:.0f} Wh  {metrics.power_w / 1000:.1f} kW"
        self._bar.update(self._task, completed=metrics.percent, flow=flow, visible=True)
        self._bar.refresh()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()


def _local(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC).astimezone()
