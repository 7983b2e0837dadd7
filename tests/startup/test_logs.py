"""LOG_LEVEL and the log twistd writes."""

from __future__ import annotations

from attrs import define, field
from twisted.logger import ILogObserver, LogEvent, Logger, LogPublisher
from zope.interface import implementer

from flexicharge.startup.logs import LogFilter


@implementer(ILogObserver)
@define(eq=False)
class Reader:
    """Somebody who reads the log."""

    lines: list[str] = field(factory=list)

    def __call__(self, event: LogEvent) -> None:
        """Read one message."""
        self.lines.append(event["log_format"])


def test_less_severe_messages_are_left_out() -> None:
    """From the start of the service on, an observer sees its level and above."""
    reader = Reader()
    publisher = LogPublisher(reader)
    log = Logger(observer=publisher)
    LogFilter("warn", publisher).startService()
    log.info("quiet")
    log.warn("loud")
    log.critical("louder")
    assert reader.lines == ["loud", "louder"]
