"""Running the self tests: one run at a time, for however many who ask."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.errors import FlexiChargeError, Stopping
from flexicharge.interfaces import ISelfTests
from flexicharge.interfaces.selftests import SelfTestReport
from flexicharge.selftests.catalogue import SELF_TESTS, SelfTest
from flexicharge.selftests.seams import SelfTestSeams
from flexicharge.selftests.setting import StageSetting
from flexicharge.selftests.stage import Stage
from flexicharge.simulator.deadline import by_deadline

START_AFTER_S: Final = 2.0
RUN_WITHIN_S: Final = 60.0


@implementer(ISelfTests)
@define(eq=False)
class SelfTests:
    """The tests a server puts itself to; a run ends within a minute and what follows.

    Whoever asks during a run shares it. One that is cut short by `stop` still clears
    away what it made.
    """

    seams: SelfTestSeams
    _waiting: list[Deferred[SelfTestReport]] = field(factory=list, init=False)
    _running: Deferred[SelfTestReport | None] | None = field(default=None, init=False)
    _due: IDelayedCall | None = field(default=None, init=False)
    _is_clearing_away: bool = field(default=False, init=False)
    _is_stopped: bool = field(default=False, init=False)
    _log = Logger()

    async def run(self) -> SelfTestReport:
        """Run all tests and return what came of it; join a run that is under way."""
        if self._is_stopped:
            raise Stopping("no self tests are begun any more")
        asked: Deferred[SelfTestReport] = Deferred(self._waiting.remove)
        self._waiting.append(asked)
        if self._running is None:
            self._begin()
        return await asked

    def run_soon(self) -> None:
        """Run all tests two seconds from now; what comes of it is in the log."""
        self._due = self.seams.clock.callLater(START_AFTER_S, self._run_unasked)

    async def stop(self) -> None:
        """Begin no more, cut short what is under way; return when it is cleared away.

        Whoever waits is told `Stopping`, unless the tests are over by then.
        """
        self._is_stopped = True
        if self._due is not None and self._due.active():
            self._due.cancel()
        if self._running is not None:
            over: Deferred[object] = Deferred()
            self._running.addBoth(over.callback)
            if not self._is_clearing_away:
                self._running.cancel()
            await over

    def _run_unasked(self) -> None:
        if self._running is None:
            self._begin()

    def _begin(self) -> None:
        self._running = Deferred.fromCoroutine(self._whole_run())
        self._running.addCallbacks(self._succeeded, self._failed)

    async def _whole_run(self) -> SelfTestReport:
        self._log.info("OCPP self tests begin")
        setting = StageSetting(self.seams)
        stage = await setting.set_up()
        try:
            return await self._through(setting, stage)
        finally:
            self._is_clearing_away = True
            await setting.clear_away(stage)

    async def _through(self, setting: StageSetting, stage: Stage) -> SelfTestReport:
        """Perform every test, and connect afresh after each that fails."""
        clock = self.seams.clock
        until = clock.seconds() + RUN_WITHIN_S * self.seams.stretch
        failed, successful = [], []
        for test in SELF_TESTS:
            left_s = until - clock.seconds()
            why = await self._problem_with(test, stage, left_s)
            if not why:
                successful.append(test.name)
                continue
            self._log.error("{name} failed: {why}", name=test.name, why=why)
            failed.append(test.name)
            if left_s > 0 and not test.only_looks:
                await setting.start_afresh(stage)
        return SelfTestReport(failed=tuple(failed), successful=tuple(successful))

    async def _problem_with(self, test: SelfTest, stage: Stage, left_s: float) -> str:
        """Return why a test failed within some seconds, nothing if it did not."""
        if left_s <= 0:
            return "the tests before it took too long"
        try:
            await by_deadline(
                Deferred.fromCoroutine(_performed(test, stage)),
                left_s,
                self.seams.clock,
                "the tests took too long",
            )
        except CancelledError:
            raise
        except FlexiChargeError as why:
            return str(why) or type(why).__name__
        except Exception as why:
            self._log.failure("{name} crashed", name=test.name)
            return repr(why)
        return ""

    def _succeeded(self, report: SelfTestReport) -> None:
        self._log.info(
            "OCPP self tests, successful: {names}", names=_listed(report.successful)
        )
        failed = _listed(report.failed)
        if report.failed:
            self._log.error("OCPP self tests, failed: {names}", names=failed)
        else:
            self._log.info("OCPP self tests, failed: {names}", names=failed)
        for asked in self._over():
            asked.callback(report)

    def _failed(self, failure: Failure) -> None:
        """Tell whoever waits why there were no tests, or no end of them."""
        if failure.check(CancelledError):
            failure = Failure(Stopping("the server is shutting down"))
        self._log.error("OCPP self tests could not be run: {why}", why=failure.value)
        for asked in self._over():
            asked.errback(failure)

    def _over(self) -> list[Deferred[SelfTestReport]]:
        waiting, self._waiting = self._waiting, []
        self._running, self._is_clearing_away = None, False
        return waiting


async def _performed(test: SelfTest, stage: Stage) -> None:
    stage.ear.heed_from_now()
    stage.phone.heed_from_now()
    await test.perform(stage)
    stage.ear.check_no_error()
    stage.phone.check_no_error()


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
