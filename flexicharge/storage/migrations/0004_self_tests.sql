-- What the server tests itself with: one station and connector, kept for ever, and
-- accounts and sessions that are deleted after each run. All of it hangs on these flags.

ALTER TABLE stations ADD COLUMN for_self_tests boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX stations_for_self_tests ON stations (for_self_tests)
    WHERE for_self_tests;

ALTER TABLE accounts ADD COLUMN for_self_tests boolean NOT NULL DEFAULT false;
CREATE INDEX accounts_for_self_tests ON accounts (account_id) WHERE for_self_tests;

-- The last number is theirs, so that not one that a charger could have is spent.
ALTER SEQUENCE connector_numbers MAXVALUE 999998;
