"""What it looks like when the database, or the answer to a statement, is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg2
from psycopg2.extensions import TransactionRollbackError
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionLost
from txpostgres.txpostgres import (
    AlreadyConnected,
    AlreadyPolling,
    UnexpectedPollResult,
)

from flexicharge.errors import DatabaseAway

AWAY: Final = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    ConnectionDone,
    ConnectionLost,
    AlreadyConnected,
    AlreadyPolling,
    UnexpectedPollResult,
)


class Undone(DatabaseAway):
    """The server undid a statement in favour of another one: a deadlock, mostly."""


@contextmanager
def away_errors(is_up: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Turn every way of losing a connection or an answer into `DatabaseAway`."""
    try:
        yield
    except TransactionRollbackError as why:
        raise Undone(str(why).strip()) from why
    except CancelledError as why:  # what txpostgres makes of a statement timeout
        raise DatabaseAway("the statement took too long") from why
    except AWAY as why:
        raise DatabaseAway(str(why).strip() or type(why).__name__) from why
    except psycopg2.Error as why:
        if is_up():
            raise
        raise DatabaseAway(str(why).strip()) from why
