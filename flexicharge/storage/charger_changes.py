"""What changes sites, stations and connectors, as SQL; `locks` says what is first."""

from __future__ import annotations

from typing import Final

from flexicharge.storage.station_changes import AS_NEW

ADD_SITE: Final = """
INSERT INTO sites (
    name, address, latitude, longitude, sek_per_kwh, klarna_reservation_ore
)
VALUES (%s, %s, %s, %s, %s, %s)
RETURNING site_id, name, address, latitude, longitude, sek_per_kwh,
    klarna_reservation_ore
"""

# Only a price may become null: that is what it is where the tariff counts.
CHANGE_SITE: Final = """
UPDATE sites SET
    name = coalesce(%(name)s, name),
    address = coalesce(%(address)s, address),
    latitude = coalesce(%(latitude)s, latitude),
    longitude = coalesce(%(longitude)s, longitude),
    sek_per_kwh = CASE
        WHEN %(has_price)s THEN %(sek_per_kwh)s::numeric ELSE sek_per_kwh
    END,
    klarna_reservation_ore = coalesce(
        %(klarna_reservation_ore)s, klarna_reservation_ore
    )
WHERE site_id = %(site_id)s AND retired_at IS NULL
RETURNING site_id, name, address, latitude, longitude, sek_per_kwh,
    klarna_reservation_ore
"""

# What is found of the site and its connectors is as it was before; if one of them is
# busy, nothing is retired.
RETIRE_SITE: Final = """
WITH site AS (
    SELECT site_id FROM sites WHERE site_id = %(site_id)s AND retired_at IS NULL
), place AS (
    SELECT c.connector_id, st.serial_number, EXISTS (
        SELECT FROM sessions s
        WHERE s.station_id = c.station_id AND s.connector_id = c.connector_id
            AND s.state NOT IN ('ended', 'cancelled')
    ) AS busy
    FROM site
    JOIN stations st USING (site_id)
    JOIN connectors c USING (station_id)
    WHERE c.retired_at IS NULL
), idle AS (
    SELECT site_id FROM site WHERE NOT EXISTS (SELECT FROM place WHERE busy)
), gone AS (
    UPDATE sites SET retired_at = to_timestamp(%(at)s)
    FROM idle WHERE sites.site_id = idle.site_id
), retired AS (
    UPDATE connectors c SET retired_at = to_timestamp(%(at)s)
    FROM idle, place WHERE c.connector_id = place.connector_id
)
SELECT EXISTS (SELECT FROM site),
    (SELECT min(connector_id) FROM place WHERE busy),
    ARRAY(
        SELECT serial_number FROM place
        GROUP BY serial_number ORDER BY min(connector_id)
    )
"""

# A number is drawn only once nothing else can refuse the charger. A serial number whose
# connectors are all retired starts anew; its sessions stay with the old connectors.
ADD_CHARGER: Final = f"""
WITH site AS (
    SELECT site_id FROM sites WHERE site_id = %(site_id)s AND retired_at IS NULL
), station AS (
    INSERT INTO stations AS known (
        serial_number, protocol, site_id, latitude, longitude
    )
    SELECT %(serial_number)s, %(protocol)s, (SELECT site_id FROM site),
        %(latitude)s, %(longitude)s
    WHERE %(site_id)s IS NULL OR EXISTS (SELECT FROM site)
    ON CONFLICT (serial_number) DO UPDATE SET {AS_NEW}
    WHERE NOT EXISTS (
        SELECT FROM connectors c
        WHERE c.station_id = known.station_id AND c.retired_at IS NULL
    ) AND NOT known.for_self_tests
    RETURNING station_id
), connector AS (
    INSERT INTO connectors (connector_id, station_id, number, status)
    SELECT nextval('connector_numbers'), station_id, 1, 'Available' FROM station
    RETURNING connector_id, station_id, number, status
)
SELECT EXISTS (SELECT FROM site),
    c.connector_id, c.station_id, %(serial_number)s, c.number, %(site_id)s,
    %(latitude)s::float8, %(longitude)s::float8, c.status, NULL, NULL
FROM (SELECT) AS always LEFT JOIN connector c ON true
"""  # noqa: S608  # all of it is ours

RETIRE: Final = """
WITH retired AS (
    UPDATE connectors c SET retired_at = to_timestamp(%(at)s)
    FROM stations st
    WHERE connector_id = %(connector_id)s AND retired_at IS NULL
        AND st.station_id = c.station_id AND NOT st.for_self_tests
        AND NOT EXISTS (
            SELECT FROM sessions s
            WHERE s.station_id = c.station_id AND s.connector_id = c.connector_id
                AND s.state NOT IN ('ended', 'cancelled')
        )
    RETURNING connector_id
)
SELECT EXISTS (SELECT FROM retired), EXISTS (
    SELECT FROM connectors JOIN stations USING (station_id)
    WHERE connector_id = %(connector_id)s AND retired_at IS NULL
        AND NOT for_self_tests
)
"""

SET_STATUS: Final = """
UPDATE connectors c SET status = %(status)s, status_at = to_timestamp(%(at)s)
FROM stations st
WHERE c.connector_id = %(connector_id)s AND c.retired_at IS NULL
    AND st.station_id = c.station_id AND NOT st.for_self_tests
"""

SET_STATUSES: Final = """
UPDATE connectors c SET status = word.status, status_at = to_timestamp(word.at)
FROM unnest(
    %(connector_ids)s::bigint[], %(statuses)s::text[], %(times)s::float8[]
) AS word (connector_id, status, at)
WHERE c.connector_id = word.connector_id AND c.retired_at IS NULL
"""
