-- Who charges and who is billed: accounts, their codes, and invoices.

CREATE TABLE accounts (
    account_id text PRIMARY KEY,
    -- In lower case, as the store writes it.
    email text NOT NULL CONSTRAINT accounts_email_key UNIQUE,
    password_hash text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('UNCONFIRMED', 'CONFIRMED', 'FORCE_CHANGE_PASSWORD')),
    enabled boolean NOT NULL,
    groups text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    name text NOT NULL DEFAULT '',
    family_name text NOT NULL DEFAULT '',
    phone_number text NOT NULL DEFAULT '',
    street_address text NOT NULL DEFAULT '',
    zip_code text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    country text NOT NULL DEFAULT ''
);

CREATE TABLE codes (
    account_id text NOT NULL REFERENCES accounts,
    purpose text NOT NULL,
    -- Keyed hash of the code; null once it was used.
    mac bytea,
    expires_at timestamptz NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, purpose)
);

-- Users of another identity provider have no account here, so user_id is plain text.
CREATE TABLE invoices (
    invoice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id uuid NOT NULL UNIQUE,
    user_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('issued', 'paid', 'cancelled')),
    total_ore bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    paid_at timestamptz
);

CREATE INDEX invoices_of_user ON invoices (user_id, invoice_id);

-- Every entry of the ledger is billed at most once.
CREATE TABLE invoice_lines (
    invoice_id bigint NOT NULL REFERENCES invoices,
    line bigint NOT NULL CHECK (line > 0),
    entry_id bigint NOT NULL UNIQUE REFERENCES ledger_entries,
    description text NOT NULL,
    energy_wh bigint NOT NULL,
    amount_ore bigint NOT NULL,
    PRIMARY KEY (invoice_id, line)
);
