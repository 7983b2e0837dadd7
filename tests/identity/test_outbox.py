"""Mail of a development server lands in files, and in the log."""

from __future__ import annotations

import stat
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TypeVar

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from zope.interface.verify import verifyObject

from flexicharge.errors import MailNotSent, TooManyRequests
from flexicharge.identity.outbox import DevelopmentOutbox
from flexicharge.identity.threads import at_once
from flexicharge.interfaces.people import IMail
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy

T = TypeVar("T")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data" / "outbox"


@pytest.fixture
def outbox(directory: Path, clock: Clock) -> DevelopmentOutbox:
    return DevelopmentOutbox(directory, clock, SeededEntropy(), at_once)


def test_a_message_can_be_read_by_any_mail_program(
    outbox: DevelopmentOutbox, directory: Path
) -> None:
    """Headers and text are an RFC 5322 message, dated by the server's clock."""
    assert verifyObject(IMail, outbox)
    result_of(outbox.send("driver@example.com", "Välkommen", "Kod: 123456\n"))
    (path,) = directory.iterdir()
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message["To"] == "driver@example.com"
    assert message["Subject"] == "Välkommen"
    assert message["Date"].datetime.timestamp() == 1_800_000_000.0
    assert message["From"]
    assert message.get_content() == "Kod: 123456\n"


def test_messages_sort_by_time(
    outbox: DevelopmentOutbox, directory: Path, clock: Clock
) -> None:
    """The name of a newer file is greater, and none is overwritten."""
    for number in range(12):
        result_of(outbox.send("driver@example.com", str(number), "text"))
        clock.advance(0.5)
    subjects = [
        message_from_bytes(path.read_bytes())["Subject"]
        for path in sorted(directory.iterdir())
    ]
    assert subjects == [str(number) for number in range(12)]


def test_two_messages_of_one_instant_are_both_kept(
    outbox: DevelopmentOutbox, directory: Path
) -> None:
    """Time alone does not name a file."""
    for _ in range(2):
        result_of(outbox.send("driver@example.com", "s", "text"))
    assert len(list(directory.iterdir())) == 2


def test_only_the_owner_can_read_mail(
    outbox: DevelopmentOutbox, directory: Path
) -> None:
    """Codes are in it."""
    result_of(outbox.send("driver@example.com", "s", "text"))
    (path,) = directory.iterdir()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_address_does_not_name_a_file(
    outbox: DevelopmentOutbox, directory: Path
) -> None:
    """Slashes and dots of an address lead nowhere."""
    result_of(outbox.send("../../x@example.com", "s", "text"))
    (path,) = directory.iterdir()
    assert "x@" not in path.name


def test_the_log_shows_the_code(outbox: DevelopmentOutbox) -> None:
    """Whoever runs a development server need not look for the file."""
    with capturedLogs() as events:
        result_of(outbox.send("driver@example.com", "Your code", "It is 123456.\n"))
    told = " ".join(str(formatEvent(event)) for event in events)
    assert "driver@example.com" in told
    assert "Your code" in told
    assert "123456" in told


def test_a_disk_that_takes_nothing_is_an_error_of_mail(
    tmp_path: Path, clock: Clock
) -> None:
    """The caller hears that no mail went out; the log hears why."""
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    outbox = DevelopmentOutbox(blocked, clock, SeededEntropy(), at_once)
    with capturedLogs() as events, pytest.raises(MailNotSent):
        result_of(outbox.send("driver@example.com", "s", "text 123456"))
    told = " ".join(str(formatEvent(event)) for event in events)
    assert str(blocked) in told
    assert "123456" not in told


def test_a_busy_thread_is_told_as_such(directory: Path, clock: Clock) -> None:
    """Mail waits in a bounded queue like everything else."""

    async def busy(work: Callable[[], T]) -> T:
        raise TooManyRequests("busy")

    outbox = DevelopmentOutbox(directory, clock, SeededEntropy(), busy)
    with pytest.raises(TooManyRequests):
        result_of(outbox.send("driver@example.com", "s", "text"))
    assert not directory.exists()
