-- Accounts that administrators make, change and delete, and whose tokens can be voided.

ALTER TABLE accounts DROP CONSTRAINT accounts_status_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_status_check CHECK (
    status IN ('UNCONFIRMED', 'CONFIRMED', 'FORCE_CHANGE_PASSWORD', 'RESET_REQUIRED')
);

ALTER TABLE accounts ADD COLUMN email_verified boolean NOT NULL DEFAULT false;
UPDATE accounts SET email_verified = true WHERE status = 'CONFIRMED';

-- Tokens name the generation they were issued in, and are good while it lasts; the one
-- with which a password was changed stays good.
ALTER TABLE accounts ADD COLUMN generation bigint NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN kept_token text NOT NULL DEFAULT '';

-- In the order in which they are listed, page by page.
CREATE INDEX accounts_in_order ON accounts (created_at, account_id);

ALTER TABLE codes DROP CONSTRAINT codes_account_id_fkey;
ALTER TABLE codes ADD CONSTRAINT codes_account_id_fkey
    FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE;
