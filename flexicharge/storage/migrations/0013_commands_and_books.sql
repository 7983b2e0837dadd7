-- What operators told stations to do, and what is known of each station beside that.
-- JSON is kept as text: operators see exactly what was sent, so keys stay in order.
-- 4 MiB is what a frame of 1 MiB may become when its numbers are written out.

CREATE TABLE station_commands (
    number bigint GENERATED ALWAYS AS IDENTITY,  -- the order they were given in
    command_id uuid PRIMARY KEY,
    station_id bigint NOT NULL REFERENCES stations,
    action text NOT NULL CHECK (char_length(action) BETWEEN 1 AND 64),
    payload text NOT NULL CHECK (octet_length(payload) <= 4194304),
    asked_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    state text NOT NULL CHECK (
        state IN ('queued', 'sent', 'result', 'error', 'timeout', 'late', 'lost')
    ),
    sent boolean NOT NULL,
    settled_at timestamptz,
    response text CHECK (octet_length(response) <= 4194304),
    session_id bigint REFERENCES sessions,
    CHECK ((settled_at IS NULL) = (state IN ('queued', 'sent')))
);

CREATE INDEX station_commands_of_station ON station_commands (station_id, number);
CREATE INDEX station_commands_of_action
    ON station_commands (station_id, action, number);
CREATE INDEX station_commands_open ON station_commands (station_id)
    WHERE state IN ('queued', 'sent');

CREATE TABLE beliefs (
    station_id bigint NOT NULL REFERENCES stations,
    kind text NOT NULL CHECK (char_length(kind) <= 64),
    name text COLLATE "C" NOT NULL CHECK (char_length(name) <= 500),
    body text NOT NULL CHECK (octet_length(body) <= 4194304),
    tally bigint NOT NULL CHECK (tally >= 0),  -- the `count` in the body, if any
    believed_at timestamptz NOT NULL,
    PRIMARY KEY (station_id, kind, name)
);

CREATE TABLE events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station_id bigint NOT NULL REFERENCES stations,
    kind text NOT NULL CHECK (char_length(kind) <= 64),
    body text NOT NULL CHECK (octet_length(body) <= 4194304),
    happened_at timestamptz NOT NULL
);

CREATE INDEX events_of_station ON events (station_id, event_id);
CREATE INDEX events_of_kind ON events (station_id, kind, event_id);
