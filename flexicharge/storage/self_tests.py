"""The rows that self tests live on, in PostgreSQL; `locks` says why one is locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen
from psycopg2.errors import UniqueViolation
from zope.interface import implementer

from flexicharge.errors import AlreadyTaken, NameTaken
from flexicharge.interfaces import IDatabase, ISelfTestStore
from flexicharge.model.account import Account
from flexicharge.model.site import SELF_TEST_CONNECTOR, Connector
from flexicharge.storage.charger_rows import READ_ALL_CONNECTORS, connector_of
from flexicharge.storage.locks import in_one_commit

ACCOUNTS_EMAIL: Final = "accounts_email_key"

# Their sessions are those of their connector, whose number nobody else is ever given.
# What refers to something goes before it. Nothing writes a ledger row or an invoice for
# these; whatever might, it would not outlast a run.
PURGE: Final = """
SELECT FROM connectors WHERE connector_id = %(connector_id)s FOR NO KEY UPDATE;
DELETE FROM meter_readings r USING sessions s
WHERE r.session_id = s.session_id AND s.connector_id = %(connector_id)s;
DELETE FROM meter_values v USING stations st
WHERE v.station_id = st.station_id AND st.for_self_tests;
DELETE FROM facts f USING stations st
WHERE f.station_id = st.station_id AND st.for_self_tests;
DELETE FROM beliefs b USING stations st
WHERE b.station_id = st.station_id AND st.for_self_tests;
DELETE FROM events e USING stations st
WHERE e.station_id = st.station_id AND st.for_self_tests;
DELETE FROM station_commands c USING stations st
WHERE c.station_id = st.station_id AND st.for_self_tests;
DELETE FROM ledger_entries l USING sessions s
WHERE l.session_id = s.session_id AND s.connector_id = %(connector_id)s;
DELETE FROM payments p USING sessions s
WHERE p.session_id = s.session_id AND s.connector_id = %(connector_id)s;
DELETE FROM transactions t USING sessions s
WHERE t.session_id = s.session_id AND s.connector_id = %(connector_id)s;
DELETE FROM sessions WHERE connector_id = %(connector_id)s;
DELETE FROM codes c USING accounts a
WHERE c.account_id = a.account_id AND a.for_self_tests;
DELETE FROM accounts WHERE for_self_tests;
UPDATE stations SET credential = NULL, vendor = '', model = '', firmware = '',
    booted_at = NULL, connected_since = NULL, gone_at = NULL
WHERE for_self_tests;
UPDATE connectors c SET status = 'Available', status_at = NULL,
    retired_at = coalesce(c.retired_at, to_timestamp(%(at)s))
FROM stations st WHERE c.station_id = st.station_id AND st.for_self_tests
"""
ADD_ACCOUNTS: Final = """
INSERT INTO accounts (
    account_id, email, password_hash, status, enabled, created_at, modified_at,
    for_self_tests
)
SELECT account_id, email, password_hash, status, enabled,
    to_timestamp(%(at)s), to_timestamp(%(at)s), true
FROM unnest(
    %(account_ids)s::text[], %(emails)s::text[], %(password_hashes)s::text[],
    %(statuses)s::text[], %(enabled)s::boolean[]
) AS new (account_id, email, password_hash, status, enabled)
"""
ADD_STATION: Final = """
INSERT INTO stations (
    serial_number, protocol, credential, latitude, longitude, for_self_tests
)
VALUES (%(serial_number)s, 'flexicharge', %(credential)s, 0, 0, true)
ON CONFLICT (for_self_tests) WHERE for_self_tests DO UPDATE
SET credential = excluded.credential
"""
ADD_CONNECTOR: Final = """
INSERT INTO connectors (connector_id, station_id, number, status)
SELECT %(connector_id)s, station_id, 1, 'Available' FROM stations WHERE for_self_tests
ON CONFLICT (connector_id) DO UPDATE SET retired_at = NULL
"""
PREPARE: Final = in_one_commit(
    PURGE,
    ADD_ACCOUNTS,
    ADD_STATION,
    ADD_CONNECTOR,
    READ_ALL_CONNECTORS + "AND st.for_self_tests",
)


@implementer(ISelfTestStore)
@frozen
class PostgresSelfTests:
    """What self tests need of the database, and take away again."""

    _database: IDatabase

    async def prepare(
        self,
        serial_number: str,
        credential: bytes,
        accounts: Sequence[Account],
        at: float,
    ) -> Connector:
        """Delete what is left of an earlier run, and make everything for a new one."""
        params = {
            "connector_id": SELF_TEST_CONNECTOR,
            "serial_number": serial_number,
            "credential": credential,
            "account_ids": [account.account_id for account in accounts],
            "emails": [account.email.lower() for account in accounts],
            "password_hashes": [account.password_hash for account in accounts],
            "statuses": [account.status for account in accounts],
            "enabled": [account.enabled for account in accounts],
            "at": at,
        }
        try:
            rows = await self._database.query(PREPARE, params)
        except UniqueViolation as why:
            if why.diag.constraint_name == ACCOUNTS_EMAIL:
                raise NameTaken(", ".join(a.email for a in accounts)) from why
            raise AlreadyTaken("serialNumber") from why
        return connector_of(rows[0])

    async def purge(self, at: float) -> None:
        """Delete what self tests left, whatever it is; retire their connector."""
        params = {"connector_id": SELF_TEST_CONNECTOR, "at": at}
        await self._database.query(PURGE, params)
