"""One connection to PostgreSQL that never blocks the reactor."""

from __future__ import annotations

from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from typing import Any, Final, TypeVar

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from txpostgres.txpostgres import Connection

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces.stores import Params, Row

T = TypeVar("T")

DIAL_WITHIN_S: Final = 10.0  # libpq itself counts no time where it does not block
# A peer that vanished without a word is noticed within half a minute.
CONNECTION: Final = {
    "connect_timeout": "10",
    "fallback_application_name": "flexicharge",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def shielded(work: Deferred[T]) -> Deferred[T]:
    """Return a Deferred that fires with `work`, and whose cancelling leaves it alone.

    psycopg2 cancels a statement over a second connection and blocks on that, so
    nothing may ever cancel what txpostgres runs.
    """
    outcome: Deferred[T] = Deferred()
    work.addCallbacks(outcome.callback, outcome.errback)
    return outcome


def dsn_with_limits(dsn: str, statement_timeout_s: float) -> str:
    """Return a DSN whose server ends every statement after `statement_timeout_s`.

    Times are UTC, and each statement sees all that was committed before it began,
    whatever the server's defaults are. None is worth compiling.
    """
    given = parse_dsn(dsn)
    ours = (
        f"-c statement_timeout={max(round(statement_timeout_s * 1000), 1)}"
        r" -c jit=off -c timezone=UTC -c default_transaction_isolation=read\ committed"
    )
    options = f"{given.get('options', '')} {ours}".strip()
    return make_dsn(dsn, **{**CONNECTION, **given, "options": options})


def host_to_look_up(dsn: str) -> str | None:
    """Return the host name in a DSN that libpq would look up, blocking, if any."""
    given = parse_dsn(dsn)
    host: str = given.get("host", "")
    if not host or "hostaddr" in given or "," in host or host[0] in "/@":
        return None
    try:
        ip_address(host)
    except ValueError:
        return host
    return None


async def with_addresses(reactor: Any, dsn: str) -> str:
    """Return a DSN with addresses beside its host name, looked up in a thread."""
    host = host_to_look_up(dsn)
    if host is None:
        return dsn
    pool = reactor.getThreadPool()
    lookup = deferToThreadPool(reactor, pool, getaddrinfo, host, None, type=SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in await shielded(lookup))
    hosts = ",".join([host] * len(addresses))
    return make_dsn(dsn, host=hosts, hostaddr=",".join(addresses))


class Link(Connection):
    """A txpostgres connection that can be dialled again and again."""

    def __init__(
        self, reactor: Any, dsn: str, *, dial_within: float = DIAL_WITHIN_S
    ) -> None:
        super().__init__(reactor)
        self._dsn, self._dial_within_s = dsn, dial_within
        self.lost: Deferred[None] = Deferred()

    @property
    def is_up(self) -> bool:
        """False if there is no connection, or it is known to be lost."""
        return self._connection is not None and not self._connection.closed

    async def dial(self) -> None:
        """Connect within `dial_within` seconds; `lost` fires when that is gone.

        Raise `DatabaseAway` if it takes longer, or what psycopg2 or the name service
        has to say.
        """
        self.hang_up()
        dsn = await with_addresses(self.reactor, self._dsn)
        overdue = self.reactor.callLater(self._dial_within_s, self.hang_up)
        try:
            await shielded(self.connect(dsn))
        except ConnectionDone:
            raise DatabaseAway("the server does not answer") from None
        except BaseException:
            self.hang_up()
            raise
        finally:
            if overdue.active():
                overdue.cancel()
        self.lost = Deferred()

    async def rows(self, sql: str, params: Params) -> list[Row]:
        """Run SQL; return the rows of its last statement, if that has any.

        Not to be cancelled.
        """
        cursor = self.cursor()
        await cursor.execute(sql, params or None)
        return [] if cursor.description is None else cursor.fetchall()

    def hang_up(self) -> None:
        """Close; a statement or a dialling that is under way fails."""
        if self._connection is not None:
            self.close()

    def doRead(self) -> Exception | None:
        """Read; return what killed the connection to the reactor, which reports it."""
        try:
            super().doRead()
        except psycopg2.Error as why:
            return why
        return None

    def connectionLost(self, reason: Failure) -> None:
        """Tell whoever keeps this link."""
        super().connectionLost(reason)
        if not self.lost.called:
            self.lost.callback(None)
