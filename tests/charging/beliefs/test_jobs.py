"""Uploads and updates: every status in its order, ended once, alarms where due."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.beliefs.job import MAX_STATUSES, Job
from flexicharge.charging.beliefs.jobs import MAX_JOBS
from flexicharge.model.requests import Boot, JobKind
from flexicharge.testing.deferreds import result_of

from .stage import Stage

AT = "2027-02-01T00:00:00Z"
UPDATE = {"location": "https://files.example/v2.bin", "retrieveDate": AT}
JsonObject = dict[str, Any]


def log(number: int = 1) -> JsonObject:
    return {
        "logType": "SecurityLog",
        "requestId": number,
        "log": {"remoteLocation": "https://files.example/"},
    }


def signed(number: int = 1) -> JsonObject:
    firmware = {
        "location": "https://files.example/v2.bin",
        "retrieveDateTime": AT,
        "signingCertificate": "-----BEGIN CERTIFICATE-----",
        "signature": "AAAA",
    }
    return {"requestId": number, "firmware": firmware}


def diagnose(stage: Stage, answer: JsonObject | str | None = None) -> None:
    stage.command(
        "GetDiagnostics",
        {"location": "ftp://user:hunter2@files.example"},
        {"fileName": "diag.zip"} if answer is None else answer,
    )


def update(stage: Stage, answer: JsonObject | str = "") -> None:
    stage.command("UpdateFirmware", UPDATE, answer or {})


def report(
    stage: Stage, kind: JobKind, *statuses: str, request_id: int | None = None
) -> None:
    for status in statuses:
        stage.clock.advance(1)
        result_of(
            stage.beliefs.job_reported(
                stage.station, kind, status, request_id, stage.now
            )
        )


def boot(stage: Stage, firmware: str) -> None:
    stage.clock.advance(1)
    result_of(stage.beliefs.booted(stage.station, Boot(firmware=firmware), stage.now))


def all_of(stage: Stage) -> tuple[Job, ...]:
    return result_of(stage.known.jobs(stage.station))


def only(stage: Stage) -> Job:
    (job,) = all_of(stage)
    return job


def words(job: Job) -> list[str]:
    return [one.status for one in job.statuses]


WHOLE = ("Downloading", "Downloaded", "Installing", "Installed")


# as the cases have it


def test_an_update_is_a_job_with_every_status(stage: Stage) -> None:
    """044_1: in order, each with its time, ended Installed; the boot is the proof."""
    boot(stage, "1.0")
    update(stage)
    report(stage, JobKind.FIRMWARE, *WHOLE[:3])
    boot(stage, "2.0")
    report(stage, JobKind.FIRMWARE, "Installed")
    job = only(stage)
    assert words(job) == list(WHOLE)
    assert (job.ended_as, job.ended_at) == ("Installed", stage.now)
    assert job.booted_with == "2.0"
    assert (job.asked, job.command_id) == (True, "command 1")


def test_a_failed_download_that_is_tried_again_reopens_the_job(stage: Stage) -> None:
    """044_2: the operator sees both."""
    update(stage)
    report(stage, JobKind.FIRMWARE, "Downloading", "DownloadFailed")
    assert only(stage).ended_as == "DownloadFailed"
    report(stage, JobKind.FIRMWARE, "Downloading")
    job = only(stage)
    assert (job.is_open, job.reopened) == (True, 1)
    assert words(job) == ["Downloading", "DownloadFailed", "Downloading"]


def test_a_failed_installation_is_one_although_a_boot_came(stage: Stage) -> None:
    """044_3: but what the boot shows stands beside it."""
    update(stage)
    report(stage, JobKind.FIRMWARE, *WHOLE[:3])
    boot(stage, "1.0")
    report(stage, JobKind.FIRMWARE, "InstallationFailed")
    boot(stage, "2.0")
    boot(stage, "3.0")
    job = only(stage)
    assert (job.ended_as, job.booted_with) == ("InstallationFailed", "2.0")


def test_diagnostics_are_a_job_with_a_file(stage: Stage) -> None:
    """045_1: and its address, which has a password in it, stands nowhere."""
    diagnose(stage)
    report(stage, JobKind.DIAGNOSTICS, "Uploading", "Uploaded")
    assert (only(stage).file_name, only(stage).ended_as) == ("diag.zip", "Uploaded")
    assert "hunter2" not in repr(stage.world.notebooks)


def test_without_a_file_there_is_nothing_to_upload(stage: Stage) -> None:
    """045_1: the job is closed empty."""
    for answer in ({}, {"fileName": ""}, {"fileName": 7}):
        diagnose(stage, answer)
        assert all_of(stage)[0].ended_as == "empty"


def test_an_upload_that_works_after_all_counts(stage: Stage) -> None:
    """045_2: Uploaded after UploadFailed: both kept, the last one counts."""
    diagnose(stage)
    report(stage, JobKind.DIAGNOSTICS, "Uploading", "UploadFailed", "Uploaded")
    job = only(stage)
    assert (job.ended_as, words(job)[1:]) == ("Uploaded", ["UploadFailed", "Uploaded"])


def test_a_log_is_a_job_under_its_request_id(stage: Stage) -> None:
    """079: also of two at once."""
    for number in (1, 2):
        stage.command("GetLog", log(number), {"status": "Accepted", "filename": "a"})
    report(stage, JobKind.LOG, "Uploading", "Uploaded", request_id=1)
    second, first = all_of(stage)
    assert (first.request_id, first.ended_as, first.file_name) == (1, "Uploaded", "a")
    assert (second.request_id, second.statuses) == (2, ())


def test_a_signed_update_keeps_its_six_statuses(stage: Stage) -> None:
    """080: no order is assumed."""
    stage.command("SignedUpdateFirmware", signed(), {"status": "Accepted"})
    said = ("Downloading", "Downloaded", "SignatureVerified", "InstallRebooting")
    report(stage, JobKind.SIGNED_FIRMWARE, *said, request_id=1)
    report(stage, JobKind.SIGNED_FIRMWARE, "Installed", "Installing", request_id=1)
    job = only(stage)
    assert words(job) == [*said, "Installed", "Installing"]
    assert job.ended_as == "Installed"
    assert stage.alarms.raised == []


def test_a_bad_signature_ends_the_job_with_an_alarm(stage: Stage) -> None:
    """081: once, however often it is said."""
    stage.command("SignedUpdateFirmware", signed(), {"status": "Accepted"})
    report(stage, JobKind.SIGNED_FIRMWARE, "Downloaded", request_id=1)
    report(stage, JobKind.SIGNED_FIRMWARE, *["InvalidSignature"] * 2, request_id=1)
    assert only(stage).ended_as == "InvalidSignature"
    assert len(stage.alarms.raised) == 1


def test_installing_in_spite_of_a_bad_signature_is_an_alarm(stage: Stage) -> None:
    """081: the job stays failed."""
    stage.command("SignedUpdateFirmware", signed(), {"status": "Accepted"})
    said = ("InvalidSignature", "Installing", "Installed")
    report(stage, JobKind.SIGNED_FIRMWARE, *said, request_id=1)
    assert only(stage).ended_as == "InvalidSignature"
    assert len(stage.alarms.raised) == 3


# as the field has it


def test_all_statuses_twice_end_a_job_once(stage: Stage) -> None:
    """044_1: the order of arrival is kept."""
    update(stage)
    report(stage, JobKind.FIRMWARE, *WHOLE)
    ended_at = only(stage).ended_at
    report(stage, JobKind.FIRMWARE, *WHOLE)
    job = only(stage)
    assert words(job) == [*WHOLE, *WHOLE]
    assert (job.ended_as, job.ended_at, job.reopened) == ("Installed", ended_at, 0)


def test_straight_to_the_end_is_an_end(stage: Stage) -> None:
    """044_1: without a boot there is no proof."""
    update(stage)
    report(stage, JobKind.FIRMWARE, "Installed")
    assert (only(stage).ended_as, only(stage).booted_with) == ("Installed", None)


def test_idle_ends_no_job_and_begins_none(stage: Stage) -> None:
    """054: nothing of the kind is under way."""
    report(stage, JobKind.DIAGNOSTICS, "Idle")
    assert all_of(stage) == ()
    diagnose(stage)
    report(stage, JobKind.DIAGNOSTICS, "Uploading", "Idle")
    assert only(stage).is_open
    report(stage, JobKind.DIAGNOSTICS, "Uploaded", "Idle")
    assert words(only(stage)) == ["Uploading", "Idle", "Uploaded"]


@pytest.mark.parametrize("request_id", [None, 77])
def test_a_status_without_a_job_is_kept(stage: Stage, request_id: int | None) -> None:
    """044_3, 079: nobody asked for it, as far as we know."""
    said = ("Uploading", "BadMessage")
    report(stage, JobKind.LOG, *said, request_id=request_id)
    job = only(stage)
    assert (job.asked, job.request_id, job.ended_as) == (
        False,
        request_id,
        "BadMessage",
    )


def test_a_status_without_its_id_is_of_the_newest_job(stage: Stage) -> None:
    """079: the requestId is missing."""
    for number in (1, 2):
        stage.command("GetLog", log(number), {"status": "Accepted"})
        stage.clock.advance(1)
    report(stage, JobKind.LOG, "PermissionDenied")
    assert all_of(stage)[0].ended_as == "PermissionDenied"
    assert all_of(stage)[1].is_open


def test_statuses_may_overtake_the_answer(stage: Stage) -> None:
    """They are of the job that is being asked for, not of the one before it."""
    diagnose(stage)
    report(stage, JobKind.DIAGNOSTICS, "Uploaded")
    payload = {"location": "https://files.example"}
    command = stage.ask("GetDiagnostics", payload)
    report(stage, JobKind.DIAGNOSTICS, "Uploading")
    stage.answer(command, payload, {"fileName": "second.zip"})
    report(stage, JobKind.DIAGNOSTICS, "Uploaded")
    second, first = all_of(stage)
    assert words(first) == ["Uploaded"]
    assert words(second) == ["Uploading", "Uploaded"]
    assert second.file_name == "second.zip"


def test_a_job_that_was_not_answered_goes_on(stage: Stage) -> None:
    """The answer was lost, the charger uploads: after a restart of ours too."""
    command = stage.ask("GetLog", log())
    stage.restart()
    report(stage, JobKind.LOG, "Uploading", request_id=1)
    assert only(stage).asked
    assert not only(stage).is_answered
    stage.answer(command, log(), {"status": "Accepted"}, late=True)
    report(stage, JobKind.LOG, "Uploaded", request_id=1)
    assert (only(stage).answer, only(stage).ended_as) == ("Accepted", "Uploaded")


def test_an_answer_without_a_known_job_makes_one(stage: Stage) -> None:
    """What we knew of it is gone: the answer tells it anew."""
    command = stage.ask("GetLog", log())
    result_of(stage.book.forget(stage.station.station_id, "jobs"))
    stage.answer(command, log(), {"status": "Accepted"})
    assert (only(stage).request_id, only(stage).command_id) == (1, "command 1")


def test_what_comes_long_after_a_success_is_another_job(stage: Stage) -> None:
    """Nobody is known to have asked for it."""
    update(stage)
    report(stage, JobKind.FIRMWARE, *WHOLE)
    stage.clock.advance(86_400)
    report(stage, JobKind.FIRMWARE, "Downloading")
    second, first = all_of(stage)
    assert (second.asked, first.ended_as) == (False, "Installed")


def test_what_comes_long_after_a_question_is_another_job(stage: Stage) -> None:
    """A command that nobody answered and nothing came of is given up."""
    stage.ask("UpdateFirmware", UPDATE)
    stage.clock.advance(86_400)
    report(stage, JobKind.FIRMWARE, "Downloading")
    assert [job.asked for job in all_of(stage)] == [False, True]


@pytest.mark.parametrize(
    ("answer", "ended_as", "alarms"),
    [
        ({"status": "Rejected"}, "Rejected", 0),
        ({"status": "InvalidCertificate"}, "InvalidCertificate", 1),
        ({"status": "RevokedCertificate"}, "RevokedCertificate", 1),
        ("NotSupported", "NotSupported", 0),
        ({"status": "Perhaps"}, None, 0),
        ({"status": "AcceptedCanceled"}, None, 0),
    ],
)
def test_an_answer_is_placed(
    stage: Stage, answer: JsonObject | str, ended_as: str | None, alarms: int
) -> None:
    """080: a refusal ends the job before it began."""
    stage.command("SignedUpdateFirmware", signed(), answer)
    assert only(stage).ended_as == ended_as
    assert len(stage.alarms.raised) == alarms


def test_a_new_job_may_cancel_the_one_before_it(stage: Stage) -> None:
    """079: AcceptedCanceled ends the earlier one."""
    stage.command("GetLog", log(1), {"status": "Accepted"})
    stage.clock.advance(1)
    stage.command("SignedUpdateFirmware", signed(1), {"status": "Accepted"})
    stage.command("GetLog", log(2), {"status": "AcceptedCanceled"})
    ended = {(job.kind, job.request_id): job.ended_as for job in all_of(stage)}
    assert ended == {
        (JobKind.LOG, 1): "AcceptedCanceled",
        (JobKind.SIGNED_FIRMWARE, 1): None,
        (JobKind.LOG, 2): None,
    }


def test_a_refused_job_gets_no_status(stage: Stage) -> None:
    """What a charger reports then is of the job that it has."""
    diagnose(stage)
    stage.clock.advance(1)
    diagnose(stage, "NotSupported")
    report(stage, JobKind.DIAGNOSTICS, "Uploading")
    refused, running = all_of(stage)
    assert (words(refused), words(running)) == ([], ["Uploading"])


def test_a_job_that_was_never_asked_for_is_none(stage: Stage) -> None:
    """The charger was gone: unless it spoke of it after all."""
    payload = log()
    command = stage.ask("GetLog", payload)
    result_of(stage.beliefs.not_sent(stage.station, command, payload))
    assert all_of(stage) == ()
    command = stage.ask("GetLog", payload)
    report(stage, JobKind.LOG, "Uploading", request_id=1)
    result_of(stage.beliefs.not_sent(stage.station, command, payload))
    assert words(only(stage)) == ["Uploading"]


def test_a_status_that_is_said_again_and_again_has_a_cap(stage: Stage) -> None:
    """What was too much is counted."""
    update(stage)
    report(stage, JobKind.FIRMWARE, *["Downloading"] * 3)
    job = only(stage)
    for second in range(MAX_STATUSES + 7):
        job = job.reported("Downloading", float(second))
    assert (len(job.statuses), job.left_out) == (MAX_STATUSES, 10)
    assert job.reported("Installed", 1e6).ended_as == "Installed"


def test_the_same_report_twice_is_one(stage: Stage) -> None:
    """A commit whose answer was lost is made again."""
    update(stage)
    report(stage, JobKind.FIRMWARE, "Downloading")
    at = stage.now
    again = stage.beliefs.job_reported(
        stage.station, JobKind.FIRMWARE, "Downloading", None, at
    )
    result_of(again)
    assert words(only(stage)) == ["Downloading"]


def test_only_so_many_jobs_are_kept(stage: Stage) -> None:
    """The oldest that are over go; one that is open stays."""
    update(stage)
    (first,) = result_of(stage.book.beliefs(stage.station.station_id, "jobs"))
    stage.clock.advance(1)
    stage.command("GetLog", log(7), {"status": "Rejected"})
    rejected = all_of(stage)[0].name
    stage.fill("jobs", rejected, MAX_JOBS + 3, "request_id", "begun_at")
    update(stage)
    stage.clock.advance(1000)
    stage.command("GetLog", log(900), {"status": "Rejected"})
    jobs = all_of(stage)
    assert len(jobs) == MAX_JOBS
    assert jobs[0].request_id == 900
    assert first in {job.name for job in jobs}


def test_a_boot_without_an_update_proves_nothing(stage: Stage) -> None:
    """Nor does one before anything was installed."""
    boot(stage, "1.0")
    diagnose(stage)
    update(stage)
    report(stage, JobKind.FIRMWARE, "Downloading")
    boot(stage, "1.0")
    assert [job.booted_with for job in all_of(stage)] == [None, None]
