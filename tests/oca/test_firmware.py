"""Section 12: firmware and diagnostics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from flexicharge.testing.standard_charger import BOOT

from .scene import JsonObject, Reply, Scene

LOCATION = "https://firmware.example/v2.bin"


def update(scene: Scene) -> JsonObject:
    """Order an update; return what the charger was asked."""
    wanted = {
        "location": LOCATION,
        "retrieveDate": scene.charger.now(),
        "retries": 2,
        "retryInterval": 60,
    }
    command = scene.tell("UpdateFirmware", wanted, {})
    assert command["status"] == "result"
    asked: JsonObject = command["payload"]
    return asked


def diagnostics(scene: Scene, reply: Reply, location: str = "ftp://logs/") -> None:
    """Order diagnostics."""
    command = scene.tell("GetDiagnostics", {"location": location}, reply)
    assert command["status"] == "result"


def say(scene: Scene, *statuses: str, job: str = "Firmware") -> None:
    """Report how a job goes; each report is answered `{}`."""
    for status in statuses:
        answer = scene.charger.call(f"{job}StatusNotification", {"status": status})
        assert answer == {}
        scene.town.advance(1)


def all_are(scene: Scene, status: str) -> None:
    """Report a status of all connectors and the charger itself."""
    for number in range(3):
        scene.charger.report(number, status)


def boot(scene: Scene, firmware: str = "2.0") -> None:
    """Boot with a firmware."""
    said = {**BOOT, "firmwareVersion": firmware}
    assert scene.charger.call("BootNotification", said)["status"] == "Accepted"


def install(scene: Scene) -> None:
    """Go through an update up to the boot after it, and be back in service."""
    say(scene, "Downloading", "Downloaded")
    all_are(scene, "Unavailable")
    say(scene, "Installing")
    scene.reconnect(after=60)
    boot(scene)
    all_are(scene, "Available")


def jobs(scene: Scene) -> list[JsonObject]:
    """Return the jobs on record, the newest first."""
    jobs: list[JsonObject] = scene.read("jobs")
    return jobs


def words(job: JsonObject) -> list[str]:
    """Return the statuses of a job, in the order they came."""
    return [one["status"] for one in job["statuses"]]


def test_044_1_update_installed(scene: Scene) -> None:
    """The location goes out as given; the job has every status, and its end."""
    assert update(scene)["location"] == LOCATION
    install(scene)
    say(scene, "Installed")
    [job] = jobs(scene)
    assert words(job) == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert (job["endedAs"], job["asked"]) == ("Installed", True)
    assert scene.statuses() == ["Available", "Available"]
    assert scene.shown()["firmwareVersion"] == "2.0"


def test_044_1_twin_straight_to_installed(scene: Scene) -> None:
    """Without any boot the job has ended; the firmware of the next boot proves it."""
    update(scene)
    say(scene, "Installed")
    [job] = jobs(scene)
    assert (job["endedAs"], job["bootedWith"]) == ("Installed", None)
    boot(scene, "2.0")
    [job] = jobs(scene)
    assert (job["endedAs"], job["bootedWith"]) == ("Installed", "2.0")


def test_044_1_twin_all_statuses_twice(scene: Scene) -> None:
    """The job ends once, and the order of arrival is kept."""
    update(scene)
    every = ["Downloading", "Downloaded", "Installing", "Installed"]
    say(scene, *every)
    [first] = jobs(scene)
    say(scene, *every)
    [job] = jobs(scene)
    assert words(job) == [*every, *every]
    assert (job["endedAs"], job["endedAt"]) == ("Installed", first["endedAt"])
    assert job["reopened"] == 0


def test_044_2_update_download_failed(scene: Scene) -> None:
    """The job has ended so."""
    update(scene)
    say(scene, "Downloading", "DownloadFailed")
    [job] = jobs(scene)
    assert words(job) == ["Downloading", "DownloadFailed"]
    assert job["endedAs"] == "DownloadFailed"


def test_044_2_twin_the_charger_tries_again(scene: Scene) -> None:
    """The job reopens, and both tries are to be seen."""
    update(scene)
    say(scene, "Downloading", "DownloadFailed", "Downloading")
    [job] = jobs(scene)
    assert (job["endedAs"], job["reopened"]) == (None, 1)
    assert words(job) == ["Downloading", "DownloadFailed", "Downloading"]
    say(scene, "Downloaded", "Installing", "Installed")
    assert jobs(scene)[0]["endedAs"] == "Installed"


def test_044_3_update_installation_failed(scene: Scene) -> None:
    """The job has failed although a boot came."""
    update(scene)
    install(scene)
    say(scene, "InstallationFailed")
    [job] = jobs(scene)
    assert job["endedAs"] == "InstallationFailed"
    assert scene.statuses() == ["Available", "Available"]


def test_044_3_twin_the_boot_shows_the_new_version(scene: Scene) -> None:
    """It is on record beside the failure."""
    boot(scene, "1.0")
    update(scene)
    install(scene)
    say(scene, "InstallationFailed")
    [job] = jobs(scene)
    assert (job["endedAs"], job["bootedWith"]) == ("InstallationFailed", "2.0")
    assert job["firmwareBefore"] == "1.0"


def test_044_3_twin_a_status_without_any_job(scene: Scene) -> None:
    """After a restart of ours, say: it is answered and kept."""
    scene.town.crash(down_for=60)
    scene.charger.connect()
    say(scene, "InstallationFailed")
    [job] = jobs(scene)
    assert (job["asked"], job["endedAs"]) == (False, "InstallationFailed")


def test_045_1_diagnostics(scene: Scene) -> None:
    """The job has the file's name, and its end."""
    wanted = {
        "location": "ftp://logs.example/",
        "startTime": scene.charger.now(ago=3600),
        "stopTime": scene.charger.now(),
        "retries": 1,
        "retryInterval": 30,
    }
    scene.tell("GetDiagnostics", wanted, {"fileName": "d.zip"})
    say(scene, "Uploading", "Uploaded", job="Diagnostics")
    [job] = jobs(scene)
    assert (job["fileName"], words(job)) == ("d.zip", ["Uploading", "Uploaded"])
    assert job["endedAs"] == "Uploaded"


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    """All that is logged during a test."""
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def test_045_1_the_password_of_the_location_is_shown_nowhere(
    scene: Scene, logged: list[LogEvent]
) -> None:
    """It reaches the charger, and neither log, journal nor record."""
    location = "ftp://robot:s3cr3t@logs.example/"
    order = scene.order("GetDiagnostics", {"location": location})
    assert order.payload["location"] == location
    command = order.answer({"fileName": "d.zip"})
    say(scene, "Uploading", "Uploaded", job="Diagnostics")
    shown = [str(command), str(scene.messages("GetDiagnostics")), str(jobs(scene))]
    shown += [formatEvent(event) for event in logged]
    assert [text for text in shown if "s3cr3t" in text] == []


@pytest.mark.parametrize("reply", [{}, {"fileName": ""}])
def test_045_1_twin_there_is_nothing_to_upload(scene: Scene, reply: JsonObject) -> None:
    """The job is closed, empty."""
    diagnostics(scene, reply)
    [job] = jobs(scene)
    assert (job["endedAs"], job["fileName"]) == ("empty", None)


def test_045_2_diagnostics_upload_failed(scene: Scene) -> None:
    """The job has ended so."""
    diagnostics(scene, {"fileName": "d.zip"})
    say(scene, "Uploading", "UploadFailed", job="Diagnostics")
    [job] = jobs(scene)
    assert (job["fileName"], job["endedAs"]) == ("d.zip", "UploadFailed")


def test_045_2_twin_uploaded_after_all(scene: Scene) -> None:
    """Both are kept; the last one counts."""
    diagnostics(scene, {"fileName": "d.zip"})
    say(scene, "Uploading", "UploadFailed", "Uploaded", job="Diagnostics")
    [job] = jobs(scene)
    assert words(job) == ["Uploading", "UploadFailed", "Uploaded"]
    assert job["endedAs"] == "Uploaded"
