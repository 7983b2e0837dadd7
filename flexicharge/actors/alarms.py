"""Alarms: what needs a person, said once, counted, and published."""

from __future__ import annotations

from collections import Counter
from typing import Final

from attrs import define, field, frozen
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.interfaces import IAlarms, IBus

ALARMS: Final = "alarms"


@frozen
class Alarm:
    """One alarm as it travels on the topic `alarms`."""

    what: str
    fields: dict[str, object]


@implementer(IAlarms)
@define(eq=False)
class PublishedAlarms:
    """Logs and publishes alarms; `raised` counts them by what they are about."""

    _bus: IBus
    raised: Counter[str] = field(factory=Counter, init=False)
    _log = Logger()

    def raise_alarm(self, what: str, **fields: object) -> None:
        """Log an alarm at level critical, count it, and publish it."""
        self.raised[what] += 1
        self._log.critical("ALARM {what}: {fields}", what=what, fields=fields)
        self._bus.publish(ALARMS, Alarm(what, fields))
