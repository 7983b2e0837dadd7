-- Every frame in and out, for some days. Each UTC day is a partition, frames_YYYYMMDD,
-- made by the server ahead of time or with the first row of that day, and dropped whole
-- when it is too old. There is no default partition: rows in it would forbid the making
-- of the one that they belong in.

CREATE SEQUENCE frame_numbers AS bigint NO CYCLE;

-- No foreign key and no checks: this is written more often than all else together, by
-- one writer. Stations are never deleted.
CREATE TABLE frames (
    number bigint NOT NULL DEFAULT nextval('frame_numbers'),
    station_id bigint NOT NULL,
    at timestamptz NOT NULL,
    latency_s float8,
    direction text NOT NULL,
    verdict text NOT NULL,
    action text NOT NULL,
    message_id text NOT NULL,
    why text NOT NULL,
    repairs jsonb,  -- null for none
    text text NOT NULL
) PARTITION BY RANGE (at);

CREATE INDEX frames_of_station ON frames (station_id, number);
