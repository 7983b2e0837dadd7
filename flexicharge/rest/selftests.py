"""The self tests over HTTP: run them, and answer with what came of it (contract §6)."""

from __future__ import annotations

from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.interfaces import IIdentity, ISelfTests
from flexicharge.rest.bearer import admin_of
from flexicharge.rest.replies import json_reply
from flexicharge.rest.statuses import answering


class SelfTestsApi:
    """For administrators; for `anybody` where the server tests itself on its own."""

    app = Klein()

    def __init__(
        self, self_tests: ISelfTests, identity: IIdentity, *, anybody: bool
    ) -> None:
        self._self_tests, self._identity = self_tests, identity
        self._anybody = anybody

    @app.route("/tests/ocpp", methods=["GET"])
    @answering()
    async def run(self, request: IRequest) -> bytes:
        """Answer 200 with both lists, in the order of the tests, whatever failed."""
        if not self._anybody:
            await admin_of(request, self._identity)
        report = await self._self_tests.run()
        lists = {"failedTests": report.failed, "successfulTests": report.successful}
        return json_reply(request, lists)
