"""Bookings, as SQL; `locks` says what comes before each of these that changes any."""

from __future__ import annotations

from typing import Final

# One user's bookings are counted by one transaction at a time. It waits for nothing
# after this, so nobody waits in a circle.
LOCK_BOOKER: Final = """
SELECT pg_advisory_xact_lock(%(lock)s, hashtext(%(user_id)s))
"""
# Returns whether there is such a connector, how many bookings the user had, and the one
# asked for, made now or before: one that has begun since is the same as well, until it
# charges. The constraint on overlaps has the last word.
BOOK: Final = """
WITH place AS (
    SELECT c.connector_id
    FROM connectors c JOIN stations st USING (station_id)
    WHERE c.connector_id = %(connector_id)s AND c.retired_at IS NULL
        AND NOT st.for_self_tests AND NOT EXISTS (
            SELECT FROM accounts a WHERE a.account_id = %(user_id)s AND a.for_self_tests
        )
), mine AS (
    SELECT count(*) AS bookings FROM bookings_to_come
    WHERE user_id = %(user_id)s AND ends_at > to_timestamp(%(at)s)
), booked AS (
    INSERT INTO bookings (
        booking_id, connector_id, user_id, state, booked_at, starts_at, ends_at
    )
    SELECT drawn + (drawn >= 9999)::int, connector_id, %(user_id)s, 'booked',
        to_timestamp(%(at)s), to_timestamp(%(start_at)s), to_timestamp(%(end_at)s)
    FROM (
        SELECT nextval('session_numbers') AS drawn, connector_id FROM place, mine
        WHERE mine.bookings < %(most)s
            AND NOT EXISTS (
                SELECT FROM bookings o
                WHERE o.connector_id = %(connector_id)s AND o.state = 'booked'
                    AND o.starts_at < to_timestamp(%(end_at)s)
                    AND o.ends_at > to_timestamp(%(start_at)s)
            )
            AND NOT EXISTS (
                SELECT FROM sessions s
                WHERE s.connector_id = %(connector_id)s
                    AND s.state IN ('opened', 'reserved', 'starting')
                    AND s.reserved_until > to_timestamp(%(start_at)s)
            )
    ) AS free
    ON CONFLICT DO NOTHING
    RETURNING booking_id, connector_id, user_id, starts_at, ends_at
), known AS (
    TABLE booked
    UNION ALL
    SELECT booking_id, connector_id, user_id, starts_at, ends_at FROM bookings
    WHERE connector_id = %(connector_id)s AND user_id = %(user_id)s
        AND state = 'booked' AND starts_at = to_timestamp(%(start_at)s)
        AND ends_at = to_timestamp(%(end_at)s)
    UNION ALL
    SELECT b.booking_id, b.connector_id, b.user_id, b.starts_at, b.ends_at
    FROM sessions s JOIN bookings b ON b.booking_id = s.session_id
    WHERE s.connector_id = %(connector_id)s
        AND s.state IN ('opened', 'reserved', 'starting')
        AND s.state NOT IN ('ended', 'cancelled') AND b.user_id = %(user_id)s
        AND b.starts_at = to_timestamp(%(start_at)s)
        AND b.ends_at = to_timestamp(%(end_at)s)
)
SELECT EXISTS (SELECT FROM place), mine.bookings, known.booking_id,
    known.connector_id, known.user_id, extract(epoch FROM known.starts_at)::float8,
    extract(epoch FROM known.ends_at)::float8, false
FROM mine LEFT JOIN known ON true
"""

LOCK_BOOKED: Final = """
SELECT FROM connectors
WHERE connector_id = (
    SELECT connector_id FROM bookings WHERE booking_id = %(booking_id)s
)
FOR NO KEY UPDATE
"""
CANCEL: Final = """
UPDATE bookings b SET state = 'cancelled'
FROM bookings_to_come held
WHERE b.booking_id = %(booking_id)s AND held.booking_id = b.booking_id
    AND held.ends_at > to_timestamp(%(at)s)
RETURNING b.booking_id
"""

DUE: Final = """
SELECT connector_id FROM bookings_to_come b
WHERE starts_at <= to_timestamp(%(at)s) AND ends_at > to_timestamp(%(at)s)
    AND NOT EXISTS (
        SELECT FROM sessions o
        WHERE o.connector_id = b.connector_id
            AND o.state NOT IN ('ended', 'cancelled') AND NOT o.aside
    )
ORDER BY starts_at, booking_id
"""
_OPEN_DUE: Final = """
WITH opened AS (
    INSERT INTO sessions (
        session_id, connector_id, station_id, site_sek_per_kwh, user_id, state,
        opened_at, reserved_until, booked
    )
    SELECT b.booking_id, b.connector_id, b.station_id, site.sek_per_kwh, b.user_id,
        'opened', to_timestamp(%(at)s), b.ends_at, true
    FROM bookings_to_come b
    JOIN stations st USING (station_id)
    LEFT JOIN sites site USING (site_id)
    WHERE {which}
        AND b.starts_at <= to_timestamp(%(at)s) AND b.ends_at > to_timestamp(%(at)s)
        AND NOT EXISTS (
            SELECT FROM sessions o
            WHERE o.connector_id = b.connector_id
                AND o.state NOT IN ('ended', 'cancelled') AND NOT o.aside
        )
    RETURNING session_id, user_id, opened_at
), money AS (
    INSERT INTO transactions (session_id, user_id, opened_at) TABLE opened
)
UPDATE bookings b SET state = 'opened'
FROM opened WHERE b.booking_id = opened.session_id
"""
OPEN_DUE: Final = _OPEN_DUE.format(which="b.connector_id = %(connector_id)s")
OPEN_ALL_DUE: Final = _OPEN_DUE.format(
    which="b.connector_id = ANY(%(connector_ids)s::bigint[])"
)
# Of a connector where energy flows. What was given up is not charged to who comes next.
OPEN_STARTED: Final = _OPEN_DUE.format(
    which=(
        "b.connector_id = %(connector_id)s AND b.station_id = %(station_id)s"
        " AND NOT %(given_up)s"
    )
)
# A session that was booked gives the rest of its time back, under a new number: its own
# is that of a session which is over. `moved` are those that made way.
BOOK_AGAIN: Final = """
INSERT INTO bookings (
    booking_id, connector_id, user_id, state, booked_at, starts_at, ends_at
)
SELECT drawn + (drawn >= 9999)::int, connector_id, user_id, 'booked', booked_at,
    starts_at, ends_at
FROM (
    SELECT nextval('session_numbers') AS drawn, b.*
    FROM bookings b JOIN moved ON b.booking_id = moved.session_id
    WHERE b.ends_at > to_timestamp(%(at)s)
) AS again
ON CONFLICT DO NOTHING
"""
MAKE_WAY: Final = f"""
WITH moved AS (
    UPDATE sessions SET state = 'cancelled', started_at = to_timestamp(%(at)s),
        ended_at = to_timestamp(%(at)s), end_reason = 'refused'
    WHERE connector_id = %(connector_id)s AND station_id = %(station_id)s
        AND %(given_up)s AND state IN ('opened', 'reserved')
    RETURNING session_id
), money AS (
    UPDATE transactions t SET total_price_ore = 0
    FROM moved WHERE t.session_id = moved.session_id
)
{BOOK_AGAIN}
"""  # noqa: S608  # all of it is ours
# Who came early and charged into their own time has had it. All guests are one user,
# and one of them is not another.
USE_UP: Final = """
UPDATE bookings b SET state = 'cancelled'
FROM sessions s
WHERE s.session_id = %(session_id)s AND s.state IN ('charging', 'stopping')
    AND NOT s.aside AND b.connector_id = s.connector_id AND b.user_id = s.user_id
    AND b.user_id <> %(guest)s AND b.state = 'booked'
    AND b.starts_at <= to_timestamp(%(ended_at)s) AND b.ends_at > s.started_at
"""

READ_RESERVATIONS: Final = """
SELECT reservation_id, connector_id, user_id, extract(epoch FROM starts_at)::float8,
    extract(epoch FROM ends_at)::float8, for_self_tests
FROM reservations
WHERE NOT (is_to_come AND ends_at <= to_timestamp(%(at)s))
"""
BY_NUMBER: Final = READ_RESERVATIONS + "AND reservation_id = %(reservation_id)s"
SOONEST_FIRST: Final = "ORDER BY starts_at, reservation_id"
OF_USER: Final = f"{READ_RESERVATIONS} AND user_id = %(user_id)s {SOONEST_FIRST}"
OF_CONNECTOR: Final = f"""
{READ_RESERVATIONS} AND connector_id = %(connector_id)s {SOONEST_FIRST}
"""
