"""Who may change what at one time: rows, locked before they are looked at.

Whatever opens, moves or closes a session, or retires a connector, first locks that
connector's row in a statement of its own. The statements after it, in the same
transaction, see all that was committed until then, and nobody changes it under them.
Several are locked in the order of their numbers, so that nobody waits in a circle.

Whatever puts a connector on a site first takes a share in that site's row, so that the
site is not retired meanwhile; what retires it locks the site, then its connectors.

Whatever changes an account or its codes first locks the account; what must not take the
last one out of a group locks all that are in it, in the order of their numbers.
"""

from __future__ import annotations

from typing import Final

LOCK_CONNECTOR: Final = """
SELECT FROM connectors WHERE connector_id = %(connector_id)s FOR NO KEY UPDATE
"""
LOCK_CONNECTORS: Final = """
SELECT FROM connectors WHERE connector_id = ANY(%(connector_ids)s::bigint[])
ORDER BY connector_id FOR NO KEY UPDATE
"""
LOCK_STATION: Final = """
SELECT FROM connectors WHERE station_id = %(station_id)s
ORDER BY connector_id FOR NO KEY UPDATE
"""
LOCK_STATION_CALLED: Final = """
SELECT FROM connectors
WHERE station_id = (
    SELECT station_id FROM stations WHERE serial_number = %(serial_number)s
)
ORDER BY connector_id FOR NO KEY UPDATE
"""
LOCK_SITE: Final = """
SELECT FROM sites WHERE site_id = %(site_id)s FOR NO KEY UPDATE
"""
SHARE_SITE: Final = """
SELECT FROM sites WHERE site_id = %(site_id)s FOR SHARE
"""
SHARE_SITES_OF_STATION: Final = """
SELECT FROM sites
WHERE site_id = %(site_id)s OR site_id = (
    SELECT site_id FROM stations WHERE serial_number = %(serial_number)s
)
ORDER BY site_id FOR SHARE
"""
LOCK_CONNECTORS_ON_SITE: Final = """
SELECT FROM connectors
WHERE station_id IN (SELECT station_id FROM stations WHERE site_id = %(site_id)s)
ORDER BY connector_id FOR NO KEY UPDATE
"""
LOCK_SESSION: Final = """
SELECT FROM connectors
WHERE connector_id = (
    SELECT connector_id FROM sessions WHERE session_id = %(session_id)s
)
FOR NO KEY UPDATE
"""
LOCK_EXPIRED: Final = """
SELECT FROM connectors
WHERE connector_id IN (
    SELECT connector_id FROM sessions
    WHERE state IN ('opened', 'reserved', 'starting')
        AND reserved_until <= to_timestamp(%(at)s)
)
ORDER BY connector_id FOR NO KEY UPDATE
"""
LOCK_ACCOUNT: Final = """
SELECT FROM accounts WHERE account_id = %(account_id)s FOR NO KEY UPDATE
"""
LOCK_GROUP: Final = """
SELECT FROM accounts
WHERE account_id = %(account_id)s OR %(unless_last_of)s = ANY (groups)
ORDER BY account_id FOR NO KEY UPDATE
"""


def in_one_commit(*statements: str) -> str:
    """Return statements as one text, which PostgreSQL runs in one transaction.

    Only the rows of the last one are returned.
    """
    return ";".join(statements)
