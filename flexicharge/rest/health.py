"""Whether the process is up, and whether what it stands on is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from flexicharge.errors import DatabaseAway
from flexicharge.rest.bearer import ANYBODY
from flexicharge.rest.declared.gives import Itself, Json, Told
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.replies import json_reply

READY_WITHIN_S: Final = 2.0


class Healthy(Shape):
    """All is well."""

    status: Literal["ok"] = "ok"


class Unavailable(Shape):
    """What this process stands on and cannot reach."""

    status: Literal["unavailable"] = "unavailable"
    away: tuple[str, ...] = ("database",)


READY: Final = (
    Told(200, "The database answers.", shape=Healthy),
    Told(503, "The database does not answer.", shape=Unavailable),
)

Probe = Callable[[], Awaitable[object]]


class HealthApi:
    """For load balancers and people on call; no token is asked for.

    `probe` asks the database something cheap and raises if it cannot.
    """

    app = Klein()
    _log = Logger()

    def __init__(self, desk: Desk, probe: Probe) -> None:
        self.desk = desk
        self._probe = probe
        self._question: Deferred[bool] | None = None

    @app.route("/healthz", methods=["GET"])
    @operation(who=ANYBODY, gives=Json(Healthy, says="The process takes requests."))
    async def alive(self, call: Call[Any]) -> Healthy:
        """Answer 200: the process takes requests."""
        return Healthy()

    @app.route("/readyz", methods=["GET"])
    @operation(who=ANYBODY, gives=Itself(READY))
    async def ready(self, call: Call[Any]) -> bytes:
        """Answer 200 if the database answers within 2 s, else 503."""
        if await self._database_answers():
            return json_reply(call.request, Healthy())
        return json_reply(call.request, Unavailable(), 503)

    def _database_answers(self) -> Deferred[bool]:
        """Fire with the database's answer, or at the deadline with False.

        At most one question is out, and it is never cancelled: a database that hangs is
        neither asked again and again, nor waited for in the reactor by a cancellation.
        """
        question = self._question
        if question is None:
            question = self._question = Deferred.fromCoroutine(self._ask())
            question.addCallback(self._answered)
        return self._within_limit(question)

    async def _ask(self) -> bool:
        try:
            await self._probe()
        except DatabaseAway:
            return False
        except Exception:  # whatever it is, it is not the answer of a database
            self._log.failure("the database probe failed")
            return False
        return True

    def _answered(self, answer: bool) -> bool:
        self._question = None
        return answer

    def _within_limit(self, question: Deferred[bool]) -> Deferred[bool]:
        verdict: Deferred[bool] = Deferred()
        deadline = self.desk.clock.callLater(READY_WITHIN_S, verdict.callback, False)

        def hand_on(answer: bool) -> bool:
            if deadline.active():
                deadline.cancel()
                verdict.callback(answer)
            return answer

        question.addCallback(hand_on)
        return verdict
