"""Whether a tag may charge: as the charger knows itself, or as the server says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.standard.tags import ACCEPTED, Tags
from flexicharge.simulator.standard.voice import Voice

AUTHORIZE: Final = "Authorize"
Decided = Callable[[bool], None]


@frozen(eq=False)
class Authorizing:
    """Has it decided about tags, by the server where it can be asked."""

    _tags: Tags
    _voice: Voice
    _is_online: Callable[[], bool]

    def decide(self, tag: str, decided: Decided) -> None:
        """Tell `decided` whether a tag may charge, now or once the server has said."""
        if self._tags.is_good_unasked(tag):
            decided(True)
        elif not self._is_online():
            self._decide_alone(tag, decided)
        else:
            self._voice.say(
                AUTHORIZE,
                {"idTag": tag},
                when_answered=partial(self._answered, tag, decided),
                when_failed=partial(self._decide_alone, tag, decided),
            )

    def learn(self, tag: str, answer: JsonObject) -> str:
        """Return what an answer says of a tag, which is remembered."""
        info = answer.get("idTagInfo")
        known = info if isinstance(info, dict) else {}
        self._tags.learn(tag, known)
        return str(known.get("status", ACCEPTED))

    def _answered(self, tag: str, decided: Decided, answer: JsonObject) -> None:
        decided(self.learn(tag, answer) == ACCEPTED)

    def _decide_alone(self, tag: str, decided: Decided) -> None:
        """Decide about a tag that the server says nothing of."""
        decided(self._tags.is_good_offline(tag))
