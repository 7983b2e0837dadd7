"""LOG_LEVEL, applied to whichever log twistd was told to write."""

from __future__ import annotations

from attrs import define
from twisted.application.service import Service
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    LogPublisher,
)


@define(eq=False)
class LogFilter(Service):
    """Keeps what is less severe than a level out of the log from its start on.

    twistd sets up its log (standard output, a file, syslog, or an observer of the
    operator's own) between making the service and starting it, so this wraps what it
    finds when it is started. `LogPublisher` has no public way to ask for that.
    """

    _level: str
    _publisher: LogPublisher

    def startService(self) -> None:
        """Put a filter before every observer there is."""
        super().startService()
        level = LogLevel.levelWithName(self._level)
        severe = LogLevelFilterPredicate(defaultLogLevel=level)
        for observer in tuple(self._publisher._observers):
            self._publisher.removeObserver(observer)
            self._publisher.addObserver(FilteringLogObserver(observer, [severe]))
