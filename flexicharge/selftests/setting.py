"""Setting the stage for one run, and clearing it away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.errors import DatabaseAway
from flexicharge.model.account import Account, AccountStatus
from flexicharge.selftests.seams import SelfTestSeams
from flexicharge.selftests.stage import Stage
from flexicharge.simulator.deadline import by_deadline
from flexicharge.simulator.driver import VirtualDriver

SERIAL_BYTES: Final = 12
PASSWORD_BYTES: Final = 20
DOMAIN: Final = "self-test.invalid"  # RFC 2606: nobody's, ever
PURGE_WITHIN_S: Final = 10.0
PURGE_AGAIN_S: Final = 0.5


def is_of_a_self_test(email: str) -> bool:
    """Tell whether an account with this address is one that self tests have made."""
    return email.endswith(f"@{DOMAIN}")


@frozen
class StageSetting:
    """Makes what a run needs, and leaves nothing of it behind."""

    _seams: SelfTestSeams
    _log = Logger()

    async def set_up(self) -> Stage:
        """Return a stage on fresh rows; raise `DatabaseAway`.

        Nobody knows a password of its accounts, nor their names: their tokens are
        issued here. The charger's password is as new.
        """
        seams, entropy = self._seams, self._seams.entropy
        driver, stranger = self._account(), self._account()
        password = entropy.token(PASSWORD_BYTES).hex()
        try:
            connector = await seams.store.prepare(
                f"selftest-{entropy.token(SERIAL_BYTES).hex()}",
                seams.credential_of(password),
                (driver, stranger),
                seams.clock.seconds(),
            )
        except DatabaseAway:  # it may have taken effect
            await self._try("deleting their rows", self._purge)
            raise
        return Stage(
            seams=seams,
            connector=connector,
            password=password,
            driver=self._app_of(driver),
            stranger=self._app_of(stranger),
        )

    async def start_afresh(self, stage: Stage) -> None:
        """Disconnect everything and end what is open, as far as that can be done."""
        stage.hang_up()
        await self._try("disconnecting", stage.until_driver_is_gone)
        await self._try("disconnecting", stage.until_charger_is_gone)
        await self._try(
            "ending sessions", lambda: self._seams.remains.end_sessions(stage.connector)
        )

    async def clear_away(self, stage: Stage) -> None:
        """Disconnect everything, and delete every row; never raise.

        What cannot be deleted now is deleted before the next run, or when the server is
        started again.
        """
        await self.start_afresh(stage)
        await self._try("deleting their rows", self._purge)

    async def _purge(self) -> None:
        """Delete every row, trying again while the database is away."""
        seams = self._seams
        until = seams.clock.seconds() + PURGE_WITHIN_S * seams.stretch
        while True:
            try:
                return await seams.store.purge(seams.clock.seconds())
            except DatabaseAway:
                if seams.clock.seconds() >= until:
                    raise
            await deferLater(seams.clock, PURGE_AGAIN_S)

    async def _try(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work that must not keep the rest from being done."""

        async def wait() -> None:
            await work()

        seams = self._seams
        within_s = 2 * PURGE_WITHIN_S * seams.stretch
        try:
            await by_deadline(
                Deferred.fromCoroutine(wait()),
                within_s,
                seams.clock,
                "it took too long",
            )
        except CancelledError:
            raise
        except Exception as why:
            self._log.warn(
                "after the self tests, {what} failed: {why}", what=what, why=why
            )

    def _account(self) -> Account:
        now, account_id = self._seams.clock.seconds(), self._seams.entropy.uuid()
        return Account(
            account_id=account_id,
            email=f"{account_id}@{DOMAIN}",
            password_hash="",
            status=AccountStatus.CONFIRMED,
            enabled=True,
            groups=(),
            created_at=now,
            modified_at=now,
        )

    def _app_of(self, account: Account) -> VirtualDriver:
        seams = self._seams
        app = VirtualDriver(
            url=seams.ports.http_url,
            agent=seams.ports.agent,
            clock=seams.clock,
            within_s=seams.patience_s,
        )
        app.user_id = account.account_id
        app.token = seams.tokens.issue(account, seams.clock.seconds())
        return app
