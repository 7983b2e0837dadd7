-- What self tests leave is found without looking through everybody's sessions. The number
-- of their connector is theirs for ever.

CREATE INDEX sessions_of_self_tests ON sessions (session_id)
    WHERE connector_id = 999999;
