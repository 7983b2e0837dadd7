-- What was charged and what it costs: sessions, readings, evidence, and the ledger.

-- One number for the energy and the money of a charge. 9999 is never one of them: in
-- the driver's API it stands for the caller's newest session.
CREATE SEQUENCE session_numbers AS bigint NO CYCLE;

CREATE TABLE sessions (
    session_id bigint PRIMARY KEY CHECK (session_id <> 9999),
    station_id bigint NOT NULL REFERENCES stations,
    connector_id bigint NOT NULL,
    user_id text,
    state text NOT NULL CHECK (
        state IN (
            'opened', 'reserved', 'starting', 'charging', 'stopping',
            'ended', 'cancelled'
        )
    ),
    opened_at timestamptz NOT NULL,
    reserved_until timestamptz,
    start_requested_at timestamptz,
    started_at timestamptz,
    stop_requested_at timestamptz,
    ended_at timestamptz,
    -- Registers and energy in Wh.
    meter_start_wh bigint CHECK (meter_start_wh >= 0),
    meter_last_wh bigint CHECK (meter_last_wh >= 0),
    meter_stop_wh bigint CHECK (meter_stop_wh >= 0),
    energy_wh bigint CHECK (energy_wh >= 0),
    percent bigint CHECK (percent BETWEEN 0 AND 100),
    -- The site's price when the session was opened; null where the tariff counts.
    site_sek_per_kwh numeric(12, 5),
    end_reason text,
    flags text[] NOT NULL DEFAULT '{}',
    FOREIGN KEY (connector_id, station_id)
        REFERENCES connectors (connector_id, station_id),
    CHECK (state NOT IN ('charging', 'stopping', 'ended') OR started_at IS NOT NULL),
    CHECK (state NOT IN ('ended', 'cancelled') OR ended_at IS NOT NULL),
    CHECK (
        state <> 'ended' OR (meter_stop_wh IS NOT NULL AND energy_wh IS NOT NULL)
    )
) WITH (fillfactor = 80);  -- room to refresh registers in place

CREATE UNIQUE INDEX sessions_open_on_connector ON sessions (connector_id)
    WHERE state NOT IN ('ended', 'cancelled');
CREATE INDEX sessions_open_on_station ON sessions (station_id, session_id)
    WHERE state NOT IN ('ended', 'cancelled');
CREATE INDEX sessions_started_on_station ON sessions (station_id, session_id)
    WHERE started_at IS NOT NULL AND state <> 'cancelled';
CREATE INDEX sessions_on_connector ON sessions (connector_id, session_id)
    WHERE state <> 'cancelled';
CREATE INDEX sessions_of_user ON sessions (user_id, session_id)
    WHERE state <> 'cancelled';
CREATE INDEX sessions_unstarted ON sessions (reserved_until)
    WHERE state IN ('opened', 'reserved', 'starting');
CREATE INDEX sessions_running ON sessions (started_at)
    WHERE state IN ('charging', 'stopping');

-- The money share of a session, under the same number.
CREATE TABLE transactions (
    session_id bigint PRIMARY KEY REFERENCES sessions,
    user_id text,
    payment_method text NOT NULL DEFAULT 'Klarna'
        CHECK (payment_method IN ('Klarna', 'Swish', 'Mastercard')),
    pay_now boolean NOT NULL DEFAULT true,
    is_paid boolean NOT NULL DEFAULT false,
    opened_at timestamptz NOT NULL,
    payment_due_at timestamptz,
    paid_at timestamptz,
    total_price_ore bigint CHECK (total_price_ore >= 0),
    CHECK (NOT is_paid OR paid_at IS NOT NULL)
);

CREATE TABLE payments (
    payment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id bigint NOT NULL REFERENCES transactions,
    provider text NOT NULL,
    provider_session_id text NOT NULL,
    client_token text NOT NULL,
    order_id text,
    state text NOT NULL DEFAULT 'opened'
        CHECK (state IN ('opened', 'authorised', 'captured', 'released', 'refused')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- A payment that is kept twice, because the first answer was lost, is kept once.
    UNIQUE (session_id, provider, provider_session_id)
);

CREATE INDEX payments_of_session ON payments (session_id, payment_id);

-- Reading numbers only break ties between readings taken at the same time.
CREATE TABLE meter_readings (
    session_id bigint NOT NULL REFERENCES sessions,
    taken_at timestamptz NOT NULL,
    reading_id bigint GENERATED ALWAYS AS IDENTITY,
    energy_wh bigint NOT NULL CHECK (energy_wh >= 0),
    power_w bigint,
    percent bigint CHECK (percent BETWEEN 0 AND 100),
    PRIMARY KEY (session_id, taken_at, reading_id)
);

-- What stations said, in their own words. Only ever appended to.
CREATE TABLE facts (
    fact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station_id bigint NOT NULL REFERENCES stations,
    session_id bigint REFERENCES sessions,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    claimed text NOT NULL
);

CREATE INDEX facts_of_session ON facts (session_id, fact_id);
CREATE INDEX facts_of_station ON facts (station_id, fact_id);

-- What is owed. Only ever appended to: a charge once, then refunds and corrections.
CREATE TABLE ledger_entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id bigint NOT NULL REFERENCES transactions,
    kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'correction')),
    amount_ore bigint NOT NULL,
    at timestamptz NOT NULL,
    detail jsonb NOT NULL
);

CREATE UNIQUE INDEX ledger_one_charge ON ledger_entries (session_id)
    WHERE kind = 'charge';
CREATE INDEX ledger_of_session ON ledger_entries (session_id, entry_id);

CREATE TABLE tariffs (
    hour_at timestamptz PRIMARY KEY,
    sek_per_kwh numeric(12, 5) NOT NULL
        CHECK (sek_per_kwh BETWEEN -9999999.99999 AND 9999999.99999),
    currency text NOT NULL DEFAULT 'SEK'
);
