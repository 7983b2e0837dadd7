"""What changes sessions, as SQL; `locks` says what comes before each of these.

Every change is guarded by the state it starts from, so of two that happen at once only
one takes effect.
"""

from __future__ import annotations

from typing import Final

EXTEND: Final = """
UPDATE sessions
SET reserved_until = greatest(reserved_until, to_timestamp(%(reserved_until)s))
WHERE connector_id = %(connector_id)s AND state IN ('opened', 'reserved', 'starting')
    AND user_id IS NOT DISTINCT FROM %(user_id)s
"""
# From 9999 on numbers are one higher than drawn: that one stands for something else.
OPEN: Final = """
WITH place AS (
    SELECT c.connector_id, c.station_id, site.sek_per_kwh
    FROM connectors c
    JOIN stations st USING (station_id)
    LEFT JOIN sites site USING (site_id)
    WHERE c.connector_id = %(connector_id)s AND c.retired_at IS NULL
        AND st.for_self_tests = EXISTS (
            SELECT FROM accounts a WHERE a.account_id = %(user_id)s AND a.for_self_tests
        )
        AND NOT EXISTS (
            SELECT FROM sessions o
            WHERE o.connector_id = c.connector_id
                AND o.state NOT IN ('ended', 'cancelled') AND NOT o.aside
        )
), opened AS (
    INSERT INTO sessions (
        session_id, connector_id, station_id, site_sek_per_kwh, user_id, state,
        opened_at, reserved_until, meter_start_wh
    )
    SELECT drawn + (drawn >= 9999)::int, connector_id, station_id, sek_per_kwh,
        %(user_id)s, 'opened', to_timestamp(%(at)s),
        to_timestamp(%(reserved_until)s), %(meter_start_wh)s::bigint
    FROM (SELECT nextval('session_numbers') AS drawn, place.* FROM place) AS free
    RETURNING session_id, user_id, opened_at
)
INSERT INTO transactions (session_id, user_id, opened_at) TABLE opened
"""

# The connector's own open session, or else the only one of its dialect station.
MEANT: Final = """
SELECT session_id
FROM (
    SELECT session_id, connector_id = %(connector_id)s AS here,
        bool_or(connector_id = %(connector_id)s) OVER () AS any_here,
        count(*) OVER () AS open_count
    FROM sessions
    WHERE station_id = %(station_id)s AND state NOT IN ('ended', 'cancelled')
        AND NOT aside
) AS candidate
WHERE here OR (
    NOT any_here AND open_count = 1 AND EXISTS (
        SELECT FROM stations
        WHERE station_id = %(station_id)s AND protocol = 'flexicharge'
    )
)
"""
_START_MEANT: Final = """
started AS (
    UPDATE sessions s SET state = 'charging', started_at = to_timestamp(%(started_at)s),
        meter_start_wh = %(meter_start_wh)s
    FROM meant
    WHERE s.session_id = meant.session_id
        AND s.state IN ('opened', 'reserved', 'starting')
    RETURNING s.session_id, s.connector_id
), place AS (
    SELECT c.connector_id, c.station_id, site.sek_per_kwh
    FROM connectors c
    JOIN stations st USING (station_id)
    LEFT JOIN sites site USING (site_id)
    WHERE c.connector_id = %(connector_id)s AND c.station_id = %(station_id)s
        AND c.retired_at IS NULL AND NOT EXISTS (SELECT FROM meant)
), unasked AS (
    INSERT INTO sessions (
        session_id, connector_id, station_id, site_sek_per_kwh, state,
        opened_at, started_at, meter_start_wh
    )
    SELECT drawn + (drawn >= 9999)::int, connector_id, station_id, sek_per_kwh,
        'charging', to_timestamp(%(started_at)s), to_timestamp(%(started_at)s),
        %(meter_start_wh)s
    FROM (SELECT nextval('session_numbers') AS drawn, place.* FROM place) AS free
    RETURNING session_id, connector_id
), money AS (
    INSERT INTO transactions (session_id, opened_at)
    SELECT session_id, to_timestamp(%(started_at)s) FROM unasked
), begun AS (
    TABLE started UNION ALL TABLE unasked
), word AS (
    UPDATE connectors c SET status = 'Charging'
    FROM begun WHERE c.connector_id = begun.connector_id
)
INSERT INTO facts (station_id, session_id, kind, at, claimed, key)
SELECT %(station_id)s, session_id, 'start', to_timestamp(%(started_at)s), %(claimed)s,
    %(key)s
FROM begun
"""
START: Final = "WITH meant AS (" + MEANT + ")," + _START_MEANT

MARK_RESERVED: Final = """
UPDATE sessions SET state = 'reserved'
WHERE session_id = %(session_id)s AND state = 'opened'
"""
BEGIN_START: Final = """
UPDATE sessions SET state = 'starting',
    start_requested_at = CASE state
        WHEN 'starting' THEN start_requested_at ELSE to_timestamp(%(at)s)
    END,
    reserved_until = greatest(reserved_until, to_timestamp(%(reserved_until)s))
WHERE session_id = %(session_id)s AND state IN ('opened', 'reserved', 'starting')
"""
RETURN_TO_RESERVED: Final = """
UPDATE sessions SET state = 'reserved', start_requested_at = NULL
WHERE session_id = %(session_id)s AND state = 'starting'
"""
REFRESH_METER: Final = """
UPDATE sessions SET meter_last_wh = greatest(meter_last_wh, %(meter_wh)s::bigint)
WHERE session_id = %(session_id)s AND state NOT IN ('ended', 'cancelled')
"""

BEGIN_STOP: Final = """
UPDATE sessions SET state = 'stopping', stop_requested_at = to_timestamp(%(at)s)
WHERE session_id = %(session_id)s AND state = 'charging'
"""
CANCEL: Final = """
WITH dropped AS (
    UPDATE sessions SET state = 'cancelled', started_at = to_timestamp(%(at)s),
        ended_at = to_timestamp(%(at)s), end_reason = %(reason)s
    WHERE session_id = %(session_id)s
        AND (
            state IN ('opened', 'reserved')
            OR state = 'starting' AND %(even_starting)s
        )
    RETURNING session_id, connector_id
), money AS (
    UPDATE transactions t SET total_price_ore = 0
    FROM dropped WHERE t.session_id = dropped.session_id
)
UPDATE connectors c SET status = 'Available'
FROM dropped WHERE c.connector_id = dropped.connector_id AND c.status = 'Reserved'
"""
# To be followed by a SELECT from `expired` and its `money`.
EXPIRE: Final = """
WITH expired AS (
    UPDATE sessions SET state = 'cancelled', started_at = to_timestamp(%(at)s),
        ended_at = to_timestamp(%(at)s), end_reason = 'expired'
    WHERE state IN ('opened', 'reserved', 'starting')
        AND reserved_until <= to_timestamp(%(at)s)
    RETURNING *
), money AS (
    UPDATE transactions t SET total_price_ore = 0
    FROM expired WHERE t.session_id = expired.session_id
    RETURNING t.*
), word AS (
    UPDATE connectors c SET status = 'Available'
    FROM expired WHERE c.connector_id = expired.connector_id AND c.status = 'Reserved'
)
"""

# What is on record already comes first, and nothing twice; `flags` has none twice.
MERGED_FLAGS: Final = """s.flags || ARRAY(
            SELECT flag FROM unnest(%(flags)s::text[]) WITH ORDINALITY AS new (flag, no)
            WHERE flag <> ALL (s.flags) ORDER BY no
        )"""
SEAL: Final = f"""
WITH sealed AS (
    UPDATE sessions s SET state = 'ended', meter_stop_wh = %(meter_stop_wh)s,
        energy_wh = %(energy_wh)s, ended_at = to_timestamp(%(ended_at)s),
        end_reason = %(reason)s, flags = {MERGED_FLAGS},
        percent = coalesce(%(percent)s::bigint, percent),
        stop_id_tag = %(id_tag)s, stop_reason = %(stop_reason)s
    WHERE session_id = %(session_id)s AND state IN ('charging', 'stopping')
    RETURNING session_id, connector_id, station_id, aside
), money AS (
    UPDATE transactions t SET total_price_ore = %(price_ore)s
    FROM sealed WHERE t.session_id = sealed.session_id
), entry AS (
    INSERT INTO ledger_entries (session_id, kind, amount_ore, at, detail)
    SELECT session_id, 'charge', %(price_ore)s, to_timestamp(%(ended_at)s),
        %(brackets)s::jsonb
    FROM sealed JOIN stations st USING (station_id) WHERE NOT st.for_self_tests
), evidence AS (
    INSERT INTO facts (station_id, session_id, kind, at, claimed, key)
    SELECT station_id, session_id, 'stop', to_timestamp(%(said_at)s), %(claimed)s,
        %(key)s
    FROM sealed WHERE %(claimed)s::text IS NOT NULL
)
UPDATE connectors c SET status = 'Available'
FROM sealed JOIN stations st USING (station_id)
WHERE c.connector_id = sealed.connector_id AND st.protocol = 'flexicharge'
    AND NOT sealed.aside
"""  # noqa: S608  # all of it is ours
MARK_PAID: Final = """
WITH paid AS (
    UPDATE transactions t SET is_paid = true, paid_at = to_timestamp(%(at)s)
    FROM sessions s
    WHERE t.session_id = %(session_id)s AND s.session_id = t.session_id
        AND s.state = 'ended' AND NOT t.is_paid
    RETURNING t.session_id
)
UPDATE payments p SET state = 'captured', updated_at = to_timestamp(%(at)s)
FROM paid
WHERE p.payment_id = (
    SELECT max(payment_id) FROM payments WHERE session_id = paid.session_id
)
"""

ADD_PAYMENT: Final = """
INSERT INTO payments (
    session_id, provider, provider_session_id, client_token, created_at, updated_at
)
SELECT session_id, %(provider)s, %(provider_session_id)s, %(client_token)s,
    to_timestamp(%(at)s), to_timestamp(%(at)s)
FROM transactions WHERE session_id = %(session_id)s
ON CONFLICT (session_id, provider, provider_session_id) DO UPDATE
SET client_token = excluded.client_token, updated_at = excluded.updated_at
"""
REPLACE_PAYMENT: Final = """
UPDATE payments SET provider = %(provider)s, client_token = %(client_token)s,
    provider_session_id = %(provider_session_id)s, updated_at = to_timestamp(%(at)s)
WHERE payment_id = %(payment_id)s AND session_id = %(session_id)s
"""

KEEP_FACT: Final = """
INSERT INTO facts (station_id, session_id, kind, at, claimed, key)
VALUES (
    %(station_id)s, %(session_id)s, %(kind)s, to_timestamp(%(at)s), %(claimed)s, %(key)s
)
"""
