"""How a standard station's start becomes a session, as SQL; `locks` says what is first.

One statement does all of it, so that whoever asked is told what it found: the session
that began, now or when the same was said before; those that made way for it; or the
one that stands against it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flexicharge.storage.booking_changes import BOOK_AGAIN
from flexicharge.storage.session_changes import MERGED_FLAGS
from flexicharge.storage.session_rows import SESSION_COLUMNS


class Part(StrEnum):
    """What part a session plays in a start; the last column of `BEGIN_TAGGED`."""

    BEGUN = "begun"
    MOVED = "moved"
    OTHER = "other"


# What has no key is the same if it was said in the same words at the same time.
_FOUND: Final = """
again AS (
    SELECT s.session_id FROM sessions s
    WHERE s.station_id = %(station_id)s AND s.state IN ('charging', 'stopping')
        AND s.state NOT IN ('ended', 'cancelled') AND EXISTS (
            SELECT FROM facts f
            WHERE f.session_id = s.session_id AND f.kind = 'start'
                AND f.key = %(key)s AND (
                    f.key <> ''
                    OR f.at = to_timestamp(%(at)s) AND f.claimed = %(claimed)s
                )
        )
    ORDER BY s.session_id LIMIT 1
), place AS (
    SELECT c.connector_id, c.station_id, site.sek_per_kwh
    FROM connectors c
    JOIN stations st USING (station_id)
    LEFT JOIN sites site USING (site_id)
    WHERE c.connector_id = %(connector_id)s AND c.station_id = %(station_id)s
        AND c.retired_at IS NULL AND NOT EXISTS (SELECT FROM again)
), other AS (
    SELECT s.session_id FROM sessions s JOIN place USING (connector_id)
    WHERE s.state IN ('charging', 'stopping')
        AND s.state NOT IN ('ended', 'cancelled') AND NOT s.aside AND NOT %(aside)s
), free AS (
    SELECT * FROM place WHERE NOT EXISTS (SELECT FROM other)
)
"""
_MOVED: Final = f"""
moved AS (
    UPDATE sessions s SET state = 'cancelled', started_at = to_timestamp(%(at)s),
        ended_at = to_timestamp(%(at)s), end_reason = 'refused'
    FROM free
    WHERE s.connector_id = free.connector_id
        AND s.state IN ('opened', 'reserved', 'starting')
        AND s.state NOT IN ('ended', 'cancelled') AND NOT s.aside AND NOT %(aside)s
        AND s.session_id IS DISTINCT FROM %(session_id)s
    RETURNING s.*
), moved_money AS (
    UPDATE transactions t SET total_price_ore = 0
    FROM moved WHERE t.session_id = moved.session_id
    RETURNING t.*
), booked_again AS (
    {BOOK_AGAIN}
)
"""  # noqa: S608  # all of it is ours
# A session is opened only once what was held there has made way: counting waits for it.
_BEGUN: Final = f"""
own AS (
    UPDATE sessions s SET state = 'charging', started_at = to_timestamp(%(started_at)s),
        meter_start_wh = %(meter_start_wh)s, id_tag = %(id_tag)s,
        folded_tag = %(folded_tag)s, aside = %(aside)s, flags = {MERGED_FLAGS}
    FROM free
    WHERE s.session_id = %(session_id)s AND s.connector_id = free.connector_id
        AND s.state IN ('opened', 'reserved', 'starting')
    RETURNING s.*
), opened AS (
    INSERT INTO sessions (
        session_id, connector_id, station_id, site_sek_per_kwh, user_id, state,
        opened_at, started_at, meter_start_wh, id_tag, folded_tag, aside, flags
    )
    SELECT drawn + (drawn >= 9999)::int, connector_id, station_id, sek_per_kwh,
        %(user_id)s, 'charging', to_timestamp(%(at)s), to_timestamp(%(started_at)s),
        %(meter_start_wh)s::bigint, %(id_tag)s, %(folded_tag)s, %(aside)s,
        %(flags)s::text[]
    FROM (
        SELECT nextval('session_numbers') AS drawn, free.*
        FROM free, (SELECT count(*) FROM moved) AS cleared
        WHERE NOT EXISTS (SELECT FROM own)
    ) AS new
    RETURNING *
), opened_money AS (
    INSERT INTO transactions (session_id, user_id, opened_at)
    SELECT session_id, user_id, opened_at FROM opened
    RETURNING *
), begun AS (
    TABLE own UNION ALL TABLE opened
), word AS (
    UPDATE connectors c SET status = 'Charging'
    FROM begun WHERE c.connector_id = begun.connector_id AND NOT begun.aside
), evidence AS (
    INSERT INTO facts (station_id, session_id, kind, at, claimed, key)
    SELECT station_id, session_id, 'start', to_timestamp(%(at)s), %(claimed)s, %(key)s
    FROM begun
)
"""  # noqa: S608  # all of it is ours
# What this very statement writes is seen only by what it returns of it.
_ALL_PARTS: Final = f"""
FROM (
    SELECT '{Part.BEGUN}' AS part, * FROM begun
    UNION ALL
    SELECT '{Part.MOVED}', * FROM moved
    UNION ALL
    SELECT '{Part.BEGUN}', * FROM sessions
    WHERE session_id IN (SELECT session_id FROM again)
    UNION ALL
    SELECT '{Part.OTHER}', * FROM sessions
    WHERE session_id IN (SELECT session_id FROM other)
) AS s
JOIN stations st USING (station_id)
JOIN (
    TABLE moved_money
    UNION ALL
    TABLE opened_money
    UNION ALL
    SELECT * FROM transactions WHERE session_id IN (
        SELECT session_id FROM own
        UNION ALL SELECT session_id FROM again
        UNION ALL SELECT session_id FROM other
    )
) AS t USING (session_id)
"""  # noqa: S608  # all of it is ours
BEGIN_TAGGED: Final = (
    f"WITH {_FOUND}, {_MOVED}, {_BEGUN} {SESSION_COLUMNS}, s.part {_ALL_PARTS}"
)
