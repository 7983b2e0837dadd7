-- Stations that speak standard OCPP: what they are told when they boot, how well they
-- must show who they are, and the tags that drivers show them.

ALTER TABLE stations
    DROP CONSTRAINT stations_serial_number_check,
    ADD CONSTRAINT stations_serial_number_check
        CHECK (char_length(serial_number) BETWEEN 1 AND 48),
    ADD COLUMN registration text NOT NULL DEFAULT 'Accepted'
        CHECK (registration IN ('Accepted', 'Pending', 'Rejected')),
    -- The least that a station is let in with (OCPP security whitepaper §2).
    ADD COLUMN security_profile bigint NOT NULL DEFAULT 0
        CHECK (security_profile BETWEEN 0 AND 3),
    -- What it was told to use from now on, until it does: a password's HMAC, a profile.
    ADD COLUMN next_credential bytea,
    ADD COLUMN next_security_profile bigint
        CHECK (next_security_profile BETWEEN 0 AND 3);

-- Operators read the list page by page, in an order that no locale changes.
CREATE INDEX stations_by_serial_number ON stations (serial_number COLLATE "C")
    WHERE NOT for_self_tests;

CREATE TABLE id_tags (
    -- In folded case, as the store writes it; folding may make three letters of one.
    folded text COLLATE "C" PRIMARY KEY CHECK (char_length(folded) BETWEEN 1 AND 108),
    -- OCPP 1.6 has 20 characters for it, OCPP 2.x 36.
    id_tag text NOT NULL CHECK (char_length(id_tag) BETWEEN 1 AND 36),
    status text NOT NULL
        CHECK (status IN ('Accepted', 'Blocked', 'Expired', 'Invalid')),
    expires_at timestamptz,
    type text NOT NULL CHECK (char_length(type) BETWEEN 1 AND 20),
    parent_id_tag text CHECK (char_length(parent_id_tag) BETWEEN 1 AND 36),
    -- Users of another identity provider have no account here, so it is plain text.
    user_id text CHECK (char_length(user_id) BETWEEN 1 AND 255),
    several_at_once boolean NOT NULL,
    at timestamptz NOT NULL
);
