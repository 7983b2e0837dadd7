"""Uploads and updates on a charger of OCPP 1.6: what it reports while they go on."""

from __future__ import annotations

from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.timers import Timers

STEP_S: Final = 10.0
DIAGNOSTICS: Final = "DiagnosticsStatusNotification"
FIRMWARE: Final = "FirmwareStatusNotification"
LOG: Final = "LogStatusNotification"
SIGNED_FIRMWARE: Final = "SignedFirmwareStatusNotification"
UPLOAD: Final = ("Uploading", "Uploaded")
FETCH: Final = ("Downloading", "Downloaded")
SIGNED_FETCH: Final = (*FETCH, "SignatureVerified")
INSTALLING: Final = "Installing"
INSTALLED: Final = "Installed"
IDLE: Final = "Idle"
FILE_NAME: Final = "diagnostics-{serial}.log"
NEXT_FIRMWARE: Final = "1.1"


class Worker(Protocol):
    """The charger that does the jobs."""

    serial_number: str
    firmware: str

    def now(self) -> float:
        """Return what the charger's own clock shows."""

    def say(
        self, action: str, payload: JsonObject, *, was_asked_for: bool = False
    ) -> None:
        """Say something."""

    def restart(self, reason: str) -> None:
        """Start up again, some seconds later."""


@define(eq=False)
class Jobs:
    """One upload and one update at a time; a newer one takes the place of an older."""

    _worker: Worker
    _clock: IReactorTime
    states: dict[str, str] = field(factory=dict, init=False)
    _numbers: dict[str, int] = field(factory=dict, init=False)
    _uploads: Timers = field(init=False)
    _updates: Timers = field(init=False)
    _to_report: tuple[str, int | None] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._uploads, self._updates = Timers(self._clock), Timers(self._clock)

    def upload(self, report: str, number: int | None = None) -> str:
        """Upload a file in two steps; return what it is called."""
        self._uploads.cancel()
        for step, state in enumerate(UPLOAD):
            self._later(self._uploads, step * STEP_S, report, state, number)
        return FILE_NAME.format(serial=self._worker.serial_number)

    def update(self, report: str, starts_at: float, number: int | None = None) -> None:
        """Fetch and install firmware from a time on, with a restart in between."""
        self._updates.cancel()
        wait_s = max(starts_at - self._worker.now(), 0.0)
        fetch = SIGNED_FETCH if report == SIGNED_FIRMWARE else FETCH
        for step, state in enumerate((*fetch, INSTALLING)):
            self._later(self._updates, wait_s + step * STEP_S, report, state, number)
        wait_s += (len(fetch) + 1) * STEP_S
        self._updates.after(wait_s, lambda: self._install(report, number))

    def report_again(self, report: str) -> None:
        """Say how a job stands, because the server wants to know."""
        self._say(
            report,
            self.states.get(report, IDLE),
            self._numbers.get(report),
            was_asked_for=True,
        )

    def started_up(self) -> None:
        """Say of an update that took a restart that it is done."""
        if self._to_report is not None:
            (report, number), self._to_report = self._to_report, None
            self._say(report, INSTALLED, number)

    def cut_power(self) -> None:
        """Forget what was not done."""
        self._uploads.cancel()
        self._updates.cancel()

    def _install(self, report: str, number: int | None) -> None:
        self._worker.firmware = NEXT_FIRMWARE
        self._to_report = report, number
        self._worker.restart("Reboot")

    def _later(
        self,
        timers: Timers,
        after_s: float,
        report: str,
        state: str,
        number: int | None,
    ) -> None:
        timers.after(after_s, lambda: self._say(report, state, number))

    def _say(
        self,
        report: str,
        state: str,
        number: int | None,
        *,
        was_asked_for: bool = False,
    ) -> None:
        self.states[report] = state
        payload: JsonObject = {"status": state}
        if number is not None:
            self._numbers[report] = number
            payload["requestId"] = number
        self._worker.say(report, payload, was_asked_for=was_asked_for)
