-- Sessions of standard stations: under which tags they began and ended, and whatever was
-- sampled meanwhile.

ALTER TABLE sessions
    ADD COLUMN id_tag text NOT NULL DEFAULT '' CHECK (char_length(id_tag) <= 255),
    -- In folded case, as the store writes it.
    ADD COLUMN folded_tag text NOT NULL DEFAULT ''
        CHECK (char_length(folded_tag) <= 765),
    ADD COLUMN stop_id_tag text NOT NULL DEFAULT ''
        CHECK (char_length(stop_id_tag) <= 255),
    ADD COLUMN stop_reason text NOT NULL DEFAULT ''
        CHECK (char_length(stop_reason) <= 255),
    -- It is not what its connector does now, whatever else that does.
    ADD COLUMN aside boolean NOT NULL DEFAULT false;

DROP INDEX sessions_open_on_connector;
CREATE UNIQUE INDEX sessions_open_on_connector ON sessions (connector_id)
    WHERE state NOT IN ('ended', 'cancelled') AND NOT aside;
CREATE INDEX sessions_running_with_tag ON sessions (folded_tag)
    WHERE state IN ('charging', 'stopping') AND folded_tag <> '';

-- Everything that was sampled at one moment. Numbers only break ties between values that
-- came at the same time. The samples are kept as text, exactly as they came.
CREATE TABLE meter_values (
    station_id bigint NOT NULL REFERENCES stations,
    received_at timestamptz NOT NULL,
    value_id bigint GENERATED ALWAYS AS IDENTITY,
    connector_number bigint NOT NULL,
    session_id bigint REFERENCES sessions,
    claimed_at timestamptz,
    samples json NOT NULL CHECK (octet_length(samples::text) <= 4194304),
    PRIMARY KEY (station_id, received_at, value_id)
);

CREATE INDEX meter_values_of_session
    ON meter_values (session_id, received_at, value_id)
    WHERE session_id IS NOT NULL;
