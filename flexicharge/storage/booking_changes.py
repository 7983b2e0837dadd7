"""Bookings, as SQL; `locks` says what comes before each of these that changes any."""

from __future__ import annotations

from typing import Final

# One user's bookings are counted by one transaction at a time. It waits for nothing
# after this, so nobody waits in a circle.
LOCK_BOOKER: Final = """
SELECT pg_advisory_xact_lock(%(lock)s, hashtext(%(user_id)s))
"""
# Returns whether there is such a connector, how many bookings the user had, and the one
# asked for, made now or before. The constraint on overlaps has the last word.
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
            AND o.state NOT IN ('ended', 'cancelled')
    )
ORDER BY starts_at, booking_id
"""
OPEN_DUE: Final = """
WITH opened AS (
    INSERT INTO sessions (
        session_id, connector_id, station_id, site_sek_per_kwh, user_id, state,
        opened_at, reserved_until
    )
    SELECT b.booking_id, b.connector_id, b.station_id, site.sek_per_kwh, b.user_id,
        'opened', to_timestamp(%(at)s), b.ends_at
    FROM bookings_to_come b
    JOIN stations st USING (station_id)
    LEFT JOIN sites site USING (site_id)
    WHERE b.connector_id = %(connector_id)s
        AND b.starts_at <= to_timestamp(%(at)s) AND b.ends_at > to_timestamp(%(at)s)
        AND NOT EXISTS (
            SELECT FROM sessions o
            WHERE o.connector_id = b.connector_id
                AND o.state NOT IN ('ended', 'cancelled')
        )
    RETURNING session_id, user_id, opened_at
), money AS (
    INSERT INTO transactions (session_id, user_id, opened_at) TABLE opened
)
UPDATE bookings b SET state = 'opened'
FROM opened WHERE b.booking_id = opened.session_id
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
