"""What a station can and cannot do, by what it said when it was asked."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of
from flexicharge.ocpp.v16.confirmations import Outcome

KIND: Final = "features"
# Where the status of an answer is about one thing asked for, not about the action.
SUBJECTS: Final = {
    "TriggerMessage": "requestedMessage",
    "ExtendedTriggerMessage": "requestedMessage",
    "UnlockConnector": "connectorId",
}
ABOUT_A_KEY: Final = "ChangeConfiguration"  # NotSupported is of the key: no feature
MAX_SUBJECT: Final = 64


@frozen(kw_only=True)
class Feature:
    """Whether a station can do an action, by its word at a POSIX time.

    `subject` is what it was about, where that matters: a message, or a connector.
    """

    action: str
    subject: str = ""
    supported: bool
    word: str
    at: float


@frozen
class Features:
    """Remembers what was refused as unsupported, and what was not."""

    _features: Drawer[Feature]

    async def learn(self, answered: Answered) -> None:
        """Take note of an answer that tells whether the station knows an action."""
        supported = _tells(answered)
        if supported is None:
            return
        subject = _subject(answered)
        marks = {"": supported or subject != "", subject: supported}
        features = [
            Feature(
                action=answered.action,
                subject=about,
                supported=mark,
                word=answered.word,
                at=answered.at,
            )
            for about, mark in marks.items()
        ]
        await self._features.put(
            answered.station.station_id,
            {_name(one.action, one.subject): one for one in features},
            answered.at,
        )

    async def all(self, station_id: int) -> tuple[Feature, ...]:
        """Return what is known of a station, by action."""
        return tuple((await self._features.all(station_id)).values())

    async def can(self, station_id: int, *actions: str) -> bool:
        """Tell whether the last word on any of these actions was not a refusal."""
        known = await self._features.all(station_id)
        words = [known[name] for name in actions if name in known]
        last = max(words, key=lambda feature: feature.at, default=None)
        return last is None or last.supported


def _tells(answered: Answered) -> bool | None:
    """Return whether an answer shows the action as supported; None if it does not say.

    A CALLERROR of any other kind may be about this one command alone.
    """
    if answered.outcome is Outcome.UNSUPPORTED:
        return answered.said is not None and answered.action == ABOUT_A_KEY
    if answered.said is None or answered.outcome is Outcome.OFF_SCHEMA:
        return None
    return True


def _subject(answered: Answered) -> str:
    if answered.said is None or answered.action not in SUBJECTS:
        return ""
    return text_of(str(answered.asked.get(SUBJECTS[answered.action], "")), MAX_SUBJECT)


def _name(action: str, subject: str) -> str:
    return f"{action} {subject}" if subject else action
