-- Under which public id a user's bill for a month is found. What is on it is not here:
-- it is read from the ledger. The months are those of the billing time zone.

CREATE TABLE monthly_invoices (
    user_id text NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    public_id uuid NOT NULL CONSTRAINT monthly_invoices_public_id_key UNIQUE,
    PRIMARY KEY (user_id, month)
);

-- Whatever is billed, by when it ended: for everybody, and for one user.
CREATE INDEX sessions_billed ON sessions (ended_at)
    WHERE state = 'ended' AND user_id IS NOT NULL;
CREATE INDEX sessions_billed_to ON sessions (user_id, ended_at)
    WHERE state = 'ended';
