"""The self tests over HTTP: run them, and answer with what came of it (contract §6)."""

from __future__ import annotations

from typing import Any

from klein import Klein

from flexicharge.interfaces import ISelfTests
from flexicharge.rest.bearer import TESTER
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation


class SelfTestReport(Shape):
    """Which self tests failed and which were successful, in the order of the tests."""

    failedTests: tuple[str, ...]
    successfulTests: tuple[str, ...]


class SelfTestsApi:
    """For administrators; for anybody where the server tests itself on its own."""

    app = Klein()

    def __init__(self, desk: Desk, self_tests: ISelfTests) -> None:
        self.desk = desk
        self._self_tests = self_tests

    @app.route("/tests/ocpp", methods=["GET"])
    @operation(who=TESTER, gives=Json(SelfTestReport))
    async def run(self, call: Call[Any]) -> SelfTestReport:
        """Run the OCPP self tests; answer 200 whatever failed."""
        report = await self._self_tests.run()
        return SelfTestReport(
            failedTests=report.failed, successfulTests=report.successful
        )
