"""The jobs of stations: uploads of diagnostics and logs, updates of firmware."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.job import (
    FAILED,
    IDLE,
    INSTALLING,
    INVALID_SIGNATURE,
    Job,
)
from flexicharge.charging.beliefs.kept import text_of, whole_of
from flexicharge.interfaces import IAlarms
from flexicharge.model.requests import JobKind
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.confirmations import Outcome, file_name

KIND: Final = "jobs"
KIND_OF: Final = {
    "GetDiagnostics": JobKind.DIAGNOSTICS,
    "UpdateFirmware": JobKind.FIRMWARE,
    "GetLog": JobKind.LOG,
    "SignedUpdateFirmware": JobKind.SIGNED_FIRMWARE,
}
UPDATES: Final = (JobKind.FIRMWARE, JobKind.SIGNED_FIRMWARE)
CANCELLED: Final = "AcceptedCanceled"
EMPTY: Final = "empty"  # there was nothing to upload
ALARMING: Final = frozenset({INVALID_SIGNATURE, "InstallVerificationFailed"})
ALARMING_ANSWERS: Final = frozenset({"InvalidCertificate", "RevokedCertificate"})
MAX_JOBS: Final = 100
MAX_WORD: Final = 50
EXPECTED_FOR_S: Final = 3_600.0  # what is said later is of another job


@frozen
class Jobs:
    """What stations do for us. Reports carry a request id, or are of the newest job."""

    _jobs: Drawer[Job]
    _alarms: IAlarms

    async def asked(
        self, station: Station, action: str, payload: dict[str, Any], at: float
    ) -> None:
        """Note a job that a station is about to be asked for."""
        station_id = station.station_id
        jobs = await self._jobs.all(station_id)
        job = _asked(station, action, payload, jobs, at)
        await self._keep(station_id, jobs, {job.name: job}, at)

    async def not_asked(
        self, station_id: int, action: str, payload: dict[str, Any], since: float
    ) -> None:
        """Forget one that the station was not asked for after all."""
        jobs = await self._jobs.all(station_id)
        request_id = whole_of(payload.get("requestId"))
        job = _unanswered(KIND_OF[action], request_id, jobs.values(), since)
        if job is not None and not job.statuses:
            await self._jobs.drop(station_id, [job.name])

    async def answered(self, answered: Answered) -> None:
        """Note what a station said to a job that it was asked for."""
        kind, asked = KIND_OF[answered.action], answered.asked
        station_id = answered.station.station_id
        jobs = await self._jobs.all(station_id)
        request_id = whole_of(asked.get("requestId"))
        job = _unanswered(kind, request_id, jobs.values(), answered.asked_at)
        if job is None:
            job = _asked(
                answered.station, answered.action, asked, jobs, answered.asked_at
            )
        new = _cancelled(job, answered, jobs) | {job.name: _judged(job, answered)}
        if answered.word in ALARMING_ANSWERS:
            self._alarm(
                "firmware of no good certificate", answered.station, job, answered.word
            )
        await self._keep(station_id, jobs, new, answered.at)

    async def reported(
        self,
        station: Station,
        kind: JobKind,
        status: str,
        request_id: int | None,
        at: float,
    ) -> None:
        """Add a status to the job it is of; without any, it is of one nobody asked."""
        status, request_id = text_of(status, MAX_WORD), whole_of(request_id)
        jobs = await self._jobs.all(station.station_id)
        job = _meant(kind, request_id, jobs.values(), at)
        if status == IDLE and (job is None or not job.is_open):
            return
        if job is None:
            job = Job(name=_name(jobs), kind=kind, request_id=request_id, begun_at=at)
        self._look(station, job, status)
        new = {job.name: job.reported(status, at)}
        await self._keep(station.station_id, jobs, new, at)

    async def booted(self, station: Station, firmware: str, at: float) -> None:
        """Note the firmware that a station boots with, as the proof of an update."""
        jobs = await self._jobs.all(station.station_id)
        updates = [job for job in jobs.values() if job.kind in UPDATES]
        last = max(updates, key=_order, default=None)
        if last is None:
            return
        proven = last.booted(text_of(firmware, MAX_WORD), at)
        if proven is not last:
            await self._jobs.put(station.station_id, {last.name: proven}, at)

    async def all(self, station_id: int) -> tuple[Job, ...]:
        """Return a station's jobs, newest first."""
        jobs = (await self._jobs.all(station_id)).values()
        return tuple(sorted(jobs, key=_order, reverse=True))

    async def _keep(
        self, station_id: int, old: dict[str, Job], new: dict[str, Job], at: float
    ) -> None:
        """Keep new ones; where there are too many, the oldest that are over go."""
        await self._jobs.put(station_id, new, at)
        kept = old | new
        by_age = sorted(kept, key=lambda name: (kept[name].is_open, _order(kept[name])))
        await self._jobs.drop(station_id, by_age[: max(len(kept) - MAX_JOBS, 0)])

    def _look(self, station: Station, job: Job, status: str) -> None:
        if status in ALARMING and not job.has(status):
            self._alarm("firmware is not what was signed", station, job, status)
        if status in INSTALLING and job.has(INVALID_SIGNATURE):
            self._alarm("installs firmware of a bad signature", station, job, status)

    def _alarm(self, what: str, station: Station, job: Job, word: str) -> None:
        self._alarms.raise_alarm(
            what,
            serial_number=station.serial_number,
            job=job.name,
            request_id=job.request_id,
            word=word,
        )


def _order(job: Job) -> tuple[float, str]:
    return job.begun_at, job.name


def _name(jobs: Iterable[str]) -> str:
    return f"{max(map(int, jobs), default=0) + 1:09d}"


def _asked(
    station: Station,
    action: str,
    payload: dict[str, Any],
    jobs: Iterable[str],
    at: float,
) -> Job:
    return Job(
        name=_name(jobs),
        kind=KIND_OF[action],
        request_id=whole_of(payload.get("requestId")),
        asked=True,
        begun_at=at,
        firmware_before="" if station.boot is None else station.boot.firmware,
    )


def _unanswered(
    kind: JobKind, request_id: int | None, jobs: Iterable[Job], since: float
) -> Job | None:
    """Return the job of a command that was given at a time, if we know it."""
    waiting = [
        job
        for job in jobs
        if (job.kind, job.request_id) == (kind, request_id)
        and job.asked
        and not job.is_answered
        and job.begun_at >= since
    ]
    return min(waiting, key=_order, default=None)


def _judged(job: Job, answered: Answered) -> Job:
    """Return a job with what the station said to it; a refusal ends it."""
    said, word = answered.said, answered.word
    named = None if said is None else file_name(said)
    job = evolve(
        job,
        command_id=answered.command_id,
        answer=word,
        answered_at=answered.at,
        file_name=text_of(named),
    )
    if answered.outcome in (Outcome.REFUSED, Outcome.UNSUPPORTED):
        return job.ended(word, answered.at)
    if job.kind is JobKind.DIAGNOSTICS and not job.file_name and not job.statuses:
        return job.ended(EMPTY, answered.at)
    return job


def _cancelled(job: Job, answered: Answered, jobs: dict[str, Job]) -> dict[str, Job]:
    """Return the jobs that ended because the station took this one instead."""
    if answered.word != CANCELLED:
        return {}
    return {
        other.name: other.ended(CANCELLED, answered.at)
        for other in jobs.values()
        if other.kind is job.kind and other.is_open and _order(other) < _order(job)
    }


def _meant(
    kind: JobKind, request_id: int | None, jobs: Iterable[Job], at: float
) -> Job | None:
    """Return the job that a report is of, the newest that it may be."""
    possible = [
        job
        for job in jobs
        if job.kind is kind
        and (request_id is None or job.request_id == request_id)
        and _may_report(job, at)
    ]
    return max(possible, key=_order, default=None)


def _may_report(job: Job, at: float) -> bool:
    """Tell whether more may come of a job.

    One with an id may always speak. Without, what comes long after a success is of
    another one, and so is what comes long after a question that nobody answered.
    """
    if job.request_id is not None:
        return True
    if job.was_turned_down:
        return False
    if job.ended_at is not None:
        return job.ended_as in FAILED or at - job.ended_at < EXPECTED_FOR_S
    is_quiet = job.asked and not job.is_answered and not job.statuses
    return not is_quiet or at - job.begun_at < EXPECTED_FOR_S
