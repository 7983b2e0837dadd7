"""Section 18: uploads of logs, and updates with signed firmware."""

from __future__ import annotations

from typing import Any, Final

import pytest

from flexicharge.testing.standard_charger import JsonObject

from .scene import Scene

GET_LOG, UPDATE = "GetLog", "SignedUpdateFirmware"
LOCATION: Final = "https://files.example/in/"
BAD_SIGNATURE: Final = "firmware is not what was signed"


def jobs(scene: Scene) -> list[JsonObject]:
    """Return the charger's jobs, newest first."""
    found: list[JsonObject] = scene.get(f"{scene.at}/jobs")
    return found


def words(job: JsonObject) -> list[str]:
    """Return the statuses of a job, in the order they came."""
    return [one["status"] for one in job["statuses"]]


# 079


def log_wanted(number: int = 5) -> JsonObject:
    """Return what asks for the security log."""
    return {
        "log": {"remoteLocation": LOCATION},
        "logType": "SecurityLog",
        "requestId": number,
    }


def ask_for_log(scene: Scene, number: int = 5, word: str = "Accepted") -> None:
    """Have the charger asked for its security log."""
    answer = {"status": word, "filename": f"{number}.log"}
    command = scene.tell(GET_LOG, log_wanted(number), answer)
    assert (command["payload"], command["response"]) == (log_wanted(number), answer)


def log_goes(scene: Scene, status: str, **named: Any) -> None:
    """Let the charger report how an upload goes."""
    said = {"status": status, **named}
    assert scene.charger.call("LogStatusNotification", said) == {}


def test_079_security_log(scene: Scene) -> None:
    """A job under its request id, with two statuses, ended as uploaded."""
    ask_for_log(scene)
    for status in ("Uploading", "Uploaded"):
        log_goes(scene, status, requestId=5)
    [job] = jobs(scene)
    assert (job["kind"], job["requestId"], job["fileName"]) == ("log", 5, "5.log")
    assert words(job) == ["Uploading", "Uploaded"]
    assert (job["answer"], job["endedAs"]) == ("Accepted", "Uploaded")


def test_079_a_request_id_is_filled_in(scene: Scene) -> None:
    """Where the operator leaves it out; the job bears it."""
    payload = {"log": {"remoteLocation": LOCATION}, "logType": "SecurityLog"}
    order = scene.order(GET_LOG, payload)
    order.answer("Accepted")
    number = order.payload["requestId"]
    log_goes(scene, "Uploaded", requestId=number)
    [job] = jobs(scene)
    assert (job["requestId"], job["endedAs"]) == (number, "Uploaded")


def test_079_twin_an_unknown_request_id(scene: Scene) -> None:
    """It is of a job that nobody asked for; the one that was is still open."""
    ask_for_log(scene)
    log_goes(scene, "Uploaded", requestId=77)
    asked, stray = sorted(jobs(scene), key=lambda job: job["requestId"])
    assert (asked["requestId"], asked["endedAs"], words(asked)) == (5, None, [])
    assert (stray["requestId"], stray["asked"]) == (77, False)
    assert words(stray) == ["Uploaded"]


def test_079_twin_no_request_id(scene: Scene) -> None:
    """It is of the last job that it can be of."""
    ask_for_log(scene)
    for status in ("Uploading", "Uploaded"):
        log_goes(scene, status)
    [job] = jobs(scene)
    assert (words(job), job["endedAs"]) == (["Uploading", "Uploaded"], "Uploaded")


@pytest.mark.parametrize("word", ["PermissionDenied", "BadMessage"])
def test_079_twin_it_fails(scene: Scene, word: str) -> None:
    """The job ends so."""
    ask_for_log(scene)
    log_goes(scene, "Uploading", requestId=5)
    log_goes(scene, word, requestId=5)
    [job] = jobs(scene)
    assert (words(job), job["endedAs"]) == (["Uploading", word], word)


def test_079_twin_an_earlier_one_is_cancelled(scene: Scene) -> None:
    """That one ends; the later goes on."""
    ask_for_log(scene, 5)
    log_goes(scene, "Uploading", requestId=5)
    ask_for_log(scene, 6, "AcceptedCanceled")
    log_goes(scene, "Uploaded", requestId=6)
    later, earlier = jobs(scene)
    assert (earlier["requestId"], earlier["endedAs"]) == (5, "AcceptedCanceled")
    assert (later["requestId"], later["endedAs"]) == (6, "Uploaded")


# 080, 081


def firmware(scene: Scene, number: int = 8, **changes: Any) -> JsonObject:
    """Return what orders an update."""
    made = {
        "location": f"{LOCATION}fw.bin",
        "retrieveDateTime": scene.charger.now(),
        "signingCertificate": "-----BEGIN CERTIFICATE-----\nMIIB\n",
        "signature": "c2lnbmF0dXJl",
    }
    return {"requestId": number, "firmware": {**made, **changes}}


def update(
    scene: Scene, number: int = 8, word: str = "Accepted", **changes: Any
) -> None:
    """Have the charger told to update itself: it gets what was configured."""
    wanted = firmware(scene, number, **changes)
    command = scene.tell(UPDATE, wanted, word)
    assert (command["payload"], command["response"]) == (wanted, {"status": word})


def goes(scene: Scene, *statuses: str, number: int = 8) -> None:
    """Let the charger report how an update goes."""
    for status in statuses:
        said = {"status": status, "requestId": number}
        assert scene.charger.call("SignedFirmwareStatusNotification", said) == {}


def report_all(scene: Scene, status: str) -> None:
    """Let the charger report a status of all its connectors."""
    for number in (0, 1, 2):
        scene.charger.report(number, status)


@pytest.mark.parametrize("is_said_last", [True, False])
def test_080_signed_update_installed(scene: Scene, *, is_said_last: bool) -> None:
    """The job has all statuses, ended as installed; of the last no order is assumed."""
    update(scene)
    before_the_boot = ["Downloading", "Downloaded", "SignatureVerified"]
    goes(scene, *before_the_boot)
    report_all(scene, "Unavailable")
    assert scene.statuses() == ["Unavailable", "Unavailable"]
    goes(scene, "Installing", "InstallRebooting")
    if not is_said_last:
        goes(scene, "Installed")
    scene.reconnect(after=120)
    assert scene.charger.boot(firmwareVersion="2.0")["status"] == "Accepted"
    event = {"type": "FirmwareUpdated", "timestamp": scene.charger.now()}
    assert scene.charger.call("SecurityEventNotification", event) == {}
    if is_said_last:
        goes(scene, "Installed")
    assert scene.statuses() == ["Available", "Available"]
    [job] = jobs(scene)
    assert words(job) == [
        *before_the_boot,
        "Installing",
        "InstallRebooting",
        "Installed",
    ]
    assert (job["kind"], job["requestId"]) == ("signedFirmware", 8)
    assert (job["endedAs"], job["bootedWith"]) == ("Installed", "2.0")
    [kept] = scene.events("securityEvent")
    assert kept["type"] == "FirmwareUpdated"


@pytest.mark.parametrize("word", ["InvalidCertificate", "RevokedCertificate"])
def test_080_twin_a_certificate_that_is_no_good(scene: Scene, word: str) -> None:
    """The job is over before it began, and there is an alarm."""
    update(scene, word=word)
    [job] = jobs(scene)
    assert (job["answer"], job["endedAs"], words(job)) == (word, word, [])
    assert scene.alarms("firmware of no good certificate") == 1


def test_080_twin_an_earlier_one_is_cancelled(scene: Scene) -> None:
    """That one ends; the later goes on."""
    update(scene, 8)
    goes(scene, "Downloading")
    update(scene, 9, "AcceptedCanceled")
    goes(scene, "Downloading", number=9)
    later, earlier = jobs(scene)
    assert (earlier["requestId"], earlier["endedAs"]) == (8, "AcceptedCanceled")
    assert (later["requestId"], later["endedAs"]) == (9, None)


def test_080_twin_a_status_after_the_end(scene: Scene) -> None:
    """It is answered and kept; the job has ended once."""
    update(scene)
    goes(scene, "Downloading", "Installed")
    [ended] = jobs(scene)
    scene.town.advance(60, step=60)
    goes(scene, "Installed", "Downloading")
    [job] = jobs(scene)
    assert words(job) == ["Downloading", "Installed", "Installed", "Downloading"]
    assert (job["endedAs"], job["endedAt"]) == ("Installed", ended["endedAt"])


@pytest.mark.parametrize(
    "changes", [{"signature": "x" * 801}, {"signingCertificate": "x" * 5501}]
)
def test_080_twin_too_long(scene: Scene, changes: JsonObject) -> None:
    """Refused by us, with the reason; there is no job of it."""
    path = f"{scene.at}/commands/{UPDATE}"
    payload = firmware(scene, **changes)
    answer = scene.ask("POST", path, json={"payload": payload})
    [field] = changes
    assert answer.status == 400
    assert f"firmware.{field}" in answer.json["message"]
    assert (scene.charger.asked(), jobs(scene)) == ([], [])


def test_081_signed_update_bad_signature(scene: Scene) -> None:
    """The bad signature is sent; the job ends so, and there is an alarm."""
    update(scene, signature="no signature at all")
    goes(scene, "Downloading", "Downloaded", "InvalidSignature")
    [job] = jobs(scene)
    assert words(job) == ["Downloading", "Downloaded", "InvalidSignature"]
    assert job["endedAs"] == "InvalidSignature"
    assert scene.alarms(BAD_SIGNATURE) == 1


def test_081_twin_it_installs_all_the_same(scene: Scene) -> None:
    """Another alarm, and the job stays failed."""
    update(scene)
    goes(scene, "Downloaded", "InvalidSignature", "Installing", "Installed")
    [job] = jobs(scene)
    assert (job["endedAs"], words(job)[-1]) == ("InvalidSignature", "Installed")
    assert scene.alarms("installs firmware of a bad signature") == 2
    assert scene.alarms(BAD_SIGNATURE) == 1
