-- A site that is taken away keeps its row, for what was charged on it, but not its name.

ALTER TABLE sites ADD COLUMN retired_at timestamptz;
ALTER TABLE sites DROP CONSTRAINT sites_name_key;
CREATE UNIQUE INDEX sites_name_in_service ON sites (name) WHERE retired_at IS NULL;
