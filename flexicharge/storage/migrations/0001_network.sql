-- Where energy is sold: sites, the stations on them, and their connectors.
-- Times are parameters of every statement; nothing here reads the server's clock.

CREATE TABLE sites (
    site_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT sites_name_key UNIQUE,
    address text NOT NULL,
    latitude float8 NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude float8 NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    -- SEK per kWh; null where the hourly tariff counts. The bounds keep NaN out.
    sek_per_kwh numeric(12, 5)
        CHECK (sek_per_kwh BETWEEN -9999999.99999 AND 9999999.99999),
    klarna_reservation_ore bigint NOT NULL CHECK (klarna_reservation_ore >= 0)
);

CREATE TABLE stations (
    station_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    serial_number text NOT NULL CONSTRAINT stations_serial_number_key UNIQUE
        CHECK (char_length(serial_number) BETWEEN 1 AND 36),
    protocol text NOT NULL
        CHECK (protocol IN ('flexicharge', 'ocpp1.6', 'ocpp2.0.1', 'ocpp2.1')),
    -- HMAC of the station's password under the server's key; null where it has none.
    credential bytea,
    site_id bigint REFERENCES sites,
    latitude float8 NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude float8 NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    vendor text NOT NULL DEFAULT '',
    model text NOT NULL DEFAULT '',
    firmware text NOT NULL DEFAULT '',
    booted_at timestamptz,
    -- Connected now: connected_since is set and gone_at is null.
    connected_since timestamptz,
    gone_at timestamptz
);

CREATE INDEX stations_on_site ON stations (site_id);
CREATE INDEX stations_connected ON stations (station_id)
    WHERE connected_since IS NOT NULL AND gone_at IS NULL;

-- Six digits, each given out once and never again.
CREATE SEQUENCE connector_numbers AS bigint
    MINVALUE 100000 MAXVALUE 999999 START WITH 100000 NO CYCLE;

CREATE TABLE connectors (
    connector_id bigint PRIMARY KEY CHECK (connector_id BETWEEN 100000 AND 999999),
    station_id bigint NOT NULL REFERENCES stations,
    number bigint NOT NULL CHECK (number BETWEEN 1 AND 64),
    status text NOT NULL CHECK (
        status IN (
            'Available', 'Preparing', 'Charging', 'SuspendedEVSE', 'SuspendedEV',
            'Finishing', 'Reserved', 'Unavailable', 'Faulted'
        )
    ),
    status_at timestamptz,
    retired_at timestamptz,
    UNIQUE (connector_id, station_id)
);

CREATE UNIQUE INDEX connectors_in_service ON connectors (station_id, number)
    WHERE retired_at IS NULL;
CREATE INDEX connectors_on_station ON connectors (station_id);
