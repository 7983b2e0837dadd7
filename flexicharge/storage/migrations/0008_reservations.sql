-- What is booked for a time to come. When it is due and its connector free, a booking
-- becomes a session under its own number, which is one of the sessions' own.

CREATE TABLE bookings (
    booking_id bigint PRIMARY KEY CHECK (booking_id <> 9999),
    connector_id bigint NOT NULL REFERENCES connectors,
    user_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('booked', 'opened', 'cancelled')),
    booked_at timestamptz NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CHECK (starts_at < ends_at),
    -- Nobody's time on a connector overlaps another's.
    EXCLUDE USING gist (
        int8range(connector_id, connector_id, '[]') WITH &&,
        tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (state = 'booked')
);

-- Those whose time is over stay as they are, and are never looked at again.
CREATE INDEX bookings_by_end ON bookings (ends_at) WHERE state = 'booked';
CREATE INDEX bookings_on_connector ON bookings (connector_id, ends_at)
    WHERE state = 'booked';
CREATE INDEX bookings_of_user ON bookings (user_id, ends_at) WHERE state = 'booked';

-- Bookings that may yet become sessions, if their time is not over.
CREATE VIEW bookings_to_come AS
SELECT b.booking_id, b.connector_id, c.station_id, b.user_id, b.starts_at, b.ends_at
FROM bookings b JOIN connectors c USING (connector_id)
WHERE b.state = 'booked' AND c.retired_at IS NULL;

-- Whatever is held, or will be: those bookings, and sessions that wait to be started.
CREATE VIEW reservations AS
SELECT booking_id AS reservation_id, connector_id, user_id, starts_at, ends_at,
    true AS is_to_come, false AS for_self_tests
FROM bookings_to_come
UNION ALL
SELECT s.session_id, s.connector_id, s.user_id, s.opened_at, s.reserved_until,
    false, st.for_self_tests
FROM sessions s JOIN stations st USING (station_id)
WHERE s.state IN ('opened', 'reserved', 'starting');

ALTER TABLE sessions ADD COLUMN booked boolean NOT NULL DEFAULT false;

-- The newest session is the one that was opened last: one that was booked has its number
-- since long before. A user's cancelled ones are looked for as well.
DROP INDEX sessions_started_on_station;
CREATE INDEX sessions_started_on_station ON sessions (station_id, opened_at, session_id)
    WHERE started_at IS NOT NULL AND state <> 'cancelled';
DROP INDEX sessions_on_connector;
CREATE INDEX sessions_on_connector ON sessions (connector_id, opened_at, session_id)
    WHERE state <> 'cancelled';
DROP INDEX sessions_of_user;
CREATE INDEX sessions_of_user ON sessions (user_id, opened_at, session_id);
CREATE INDEX sessions_open_of_user ON sessions (user_id, opened_at, session_id)
    WHERE state NOT IN ('ended', 'cancelled');
CREATE INDEX sessions_called_off ON sessions (user_id, ended_at)
    WHERE state = 'cancelled' AND end_reason = 'driver';

-- Whoever calls without a token is nobody who could have one.
ALTER TABLE accounts ADD CONSTRAINT accounts_no_guest CHECK (account_id <> 'guest');
