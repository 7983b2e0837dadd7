"""What changes stations as a whole, as SQL; `locks` says what is first."""

from __future__ import annotations

from typing import Final

from flexicharge.storage.charger_rows import WITH_OPEN_SESSION
from flexicharge.storage.station_rows import STATION_COLUMNS

# Those aside count as well. They are found over the index of a station's open ones.
IS_BUSY: Final = """EXISTS (
    SELECT FROM sessions s
    WHERE s.station_id = c.station_id AND s.connector_id = c.connector_id
        AND s.state NOT IN ('ended', 'cancelled')
)"""

# What a station that is made anew under a known serial number does not keep. Columns
# that no `INSERT` names are `excluded` with their defaults.
AS_NEW: Final = """
    protocol = excluded.protocol, site_id = excluded.site_id,
    latitude = excluded.latitude, longitude = excluded.longitude,
    registration = excluded.registration,
    security_profile = excluded.security_profile, next_security_profile = NULL,
    credential = excluded.credential, next_credential = NULL,
    vendor = '', model = '', firmware = '',
    booted_at = NULL, connected_since = NULL, gone_at = NULL
"""

# What is found is as it was before; where something stands against the change, nothing
# is changed. A number is drawn only once nothing else can refuse it. The rows are those
# of `READ_STATIONS`, after the verdict.
PUT_STATION: Final = f"""
WITH site AS (
    SELECT site_id, latitude, longitude FROM sites
    WHERE site_id = %(site_id)s AND retired_at IS NULL
), known AS (
    SELECT station_id, protocol, for_self_tests FROM stations
    WHERE serial_number = %(serial_number)s
), place AS (
    SELECT c.connector_id, c.number, c.status,
        coalesce(c.number > %(connectors)s, false) AS goes, {IS_BUSY} AS busy
    FROM known JOIN connectors c USING (station_id)
    WHERE c.retired_at IS NULL
), verdict AS (
    SELECT EXISTS (SELECT FROM place) AS in_service,
        EXISTS (SELECT FROM known WHERE for_self_tests) AS taken,
        %(site_id)s IS NOT NULL AND NOT EXISTS (SELECT FROM site) AS site_unknown,
        (
            SELECT min(connector_id) FROM place, known
            WHERE busy AND (goes OR protocol <> %(protocol)s)
        ) AS busy_connector
), fit AS (
    SELECT in_service FROM verdict
    WHERE NOT taken AND NOT site_unknown AND busy_connector IS NULL
), made AS (
    INSERT INTO stations (
        serial_number, protocol, site_id, latitude, longitude, registration,
        security_profile, credential
    )
    SELECT %(serial_number)s, coalesce(%(protocol)s, 'ocpp1.6'), site.site_id,
        coalesce(%(latitude)s, site.latitude, 0),
        coalesce(%(longitude)s, site.longitude, 0),
        coalesce(%(registration)s, 'Accepted'), coalesce(%(security_profile)s, 0),
        %(credential)s::bytea
    FROM fit LEFT JOIN site ON true
    WHERE NOT in_service
    ON CONFLICT (serial_number) DO UPDATE SET {AS_NEW}
    RETURNING *
), changed AS (
    UPDATE stations st SET
        protocol = coalesce(%(protocol)s, protocol),
        site_id = CASE
            WHEN %(has_site)s THEN (SELECT site_id FROM site) ELSE st.site_id
        END,
        latitude = coalesce(%(latitude)s, latitude),
        longitude = coalesce(%(longitude)s, longitude),
        registration = coalesce(%(registration)s, registration),
        security_profile = coalesce(%(security_profile)s, security_profile),
        next_security_profile = CASE
            WHEN next_security_profile <= %(security_profile)s THEN NULL
            ELSE next_security_profile
        END,
        credential = coalesce(%(credential)s::bytea, credential),
        next_credential = CASE
            WHEN %(credential)s::bytea IS NULL THEN next_credential
        END
    FROM fit
    WHERE in_service AND serial_number = %(serial_number)s
    RETURNING st.*
), station AS (
    SELECT * FROM made UNION ALL SELECT * FROM changed
), retired AS (
    UPDATE connectors c SET retired_at = to_timestamp(%(at)s)
    FROM fit, place WHERE c.connector_id = place.connector_id AND goes
), added AS (
    INSERT INTO connectors (connector_id, station_id, number, status)
    SELECT nextval('connector_numbers'), station_id, number, 'Available'
    FROM (
        SELECT station_id, number
        FROM station, fit, generate_series(
            1, coalesce(%(connectors)s, CASE WHEN in_service THEN 0 ELSE 1 END)
        ) AS number
        WHERE number NOT IN (SELECT number FROM place)
        ORDER BY number
    ) AS missing
    RETURNING connector_id, number, status
), connector AS (
    SELECT connector_id, number, status FROM place WHERE NOT goes
    UNION ALL SELECT connector_id, number, status FROM added
)
SELECT v.in_service, v.taken, v.site_unknown, v.busy_connector, {STATION_COLUMNS}
FROM verdict v
LEFT JOIN (station st CROSS JOIN connector c) ON true
LEFT JOIN sites site ON site.site_id = st.site_id
{WITH_OPEN_SESSION}
ORDER BY c.number
"""  # noqa: S608  # all of it is ours

# Whether it is in service, and the first of its connectors that stands against it.
RETIRE_STATION: Final = f"""
WITH known AS (
    SELECT station_id FROM stations
    WHERE serial_number = %(serial_number)s AND NOT for_self_tests
), place AS (
    SELECT c.connector_id, {IS_BUSY} AS busy
    FROM known JOIN connectors c USING (station_id)
    WHERE c.retired_at IS NULL
), idle AS (
    SELECT station_id FROM known
    WHERE EXISTS (SELECT FROM place) AND NOT EXISTS (SELECT FROM place WHERE busy)
), retired AS (
    UPDATE connectors c SET retired_at = to_timestamp(%(at)s)
    FROM idle, place WHERE c.connector_id = place.connector_id
), forgotten AS (
    UPDATE stations st SET
        credential = NULL, next_credential = NULL, next_security_profile = NULL
    FROM idle WHERE st.station_id = idle.station_id
)
SELECT EXISTS (SELECT FROM place), (SELECT min(connector_id) FROM place WHERE busy)
"""  # noqa: S608  # all of it is ours

NOTE_CONNECTED: Final = f"""
WITH station AS (
    UPDATE stations SET connected_since = to_timestamp(%(at)s), gone_at = NULL
    WHERE station_id = %(station_id)s
    RETURNING station_id, protocol
)
UPDATE connectors c SET status = 'Available', status_at = to_timestamp(%(at)s)
FROM station
WHERE c.station_id = station.station_id AND station.protocol = 'flexicharge'
    AND c.retired_at IS NULL AND NOT {IS_BUSY}
"""  # noqa: S608  # all of it is ours
NOTE_GONE: Final = """
UPDATE stations st SET gone_at = to_timestamp(lost.at)
FROM unnest(%(station_ids)s::bigint[], %(times)s::float8[]) AS lost (station_id, at)
WHERE st.station_id = lost.station_id AND st.gone_at IS NULL
"""
NOTE_ALL_GONE: Final = """
UPDATE stations SET gone_at = to_timestamp(%(at)s)
WHERE connected_since IS NOT NULL AND gone_at IS NULL
"""
NOTE_BOOT: Final = """
UPDATE stations SET vendor = %(vendor)s, model = %(model)s, firmware = %(firmware)s,
    booted_at = to_timestamp(%(booted_at)s)
WHERE station_id = %(station_id)s
"""

# Whoever is not in service keeps no secret, and the self tests' own is theirs alone.
_IN_SERVICE: Final = """
WHERE st.serial_number = %(serial_number)s AND NOT st.for_self_tests
    AND EXISTS (
        SELECT FROM connectors c
        WHERE c.station_id = st.station_id AND c.retired_at IS NULL
    )
"""
SET_CREDENTIAL: Final = f"""
UPDATE stations st SET credential = %(credential)s, next_credential = NULL
{_IN_SERVICE}
RETURNING station_id
"""  # noqa: S608  # all of it is ours
EXPECT_CREDENTIAL: Final = f"""
UPDATE stations st SET next_credential = %(credential)s
{_IN_SERVICE}
RETURNING station_id
"""  # noqa: S608  # all of it is ours
MOVE_TO_CREDENTIAL: Final = """
UPDATE stations SET credential = next_credential, next_credential = NULL
WHERE serial_number = %(serial_number)s AND next_credential = %(credential)s
RETURNING station_id
"""
EXPECT_PROFILE: Final = f"""
UPDATE stations st SET next_security_profile = %(profile)s
{_IN_SERVICE}
RETURNING station_id
"""  # noqa: S608  # all of it is ours
DEMAND_PROFILE: Final = f"""
UPDATE stations st SET
    security_profile = greatest(security_profile, %(profile)s),
    next_security_profile = CASE
        WHEN next_security_profile > %(profile)s THEN next_security_profile
    END
{_IN_SERVICE}
RETURNING station_id
"""  # noqa: S608  # all of it is ours
