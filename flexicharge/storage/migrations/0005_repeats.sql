-- What a station says again is known by its key; '' where it has none, which is never
-- looked for.

ALTER TABLE facts ADD COLUMN key text NOT NULL DEFAULT ''
    CHECK (char_length(key) <= 64);
CREATE INDEX facts_by_key ON facts (station_id, key, fact_id) WHERE key <> '';
