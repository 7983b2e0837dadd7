-- What is dropped of events when it is old is found by its time. They come nearly in
-- order of that, so a coarse index will do.

CREATE INDEX events_in_time ON events USING brin (happened_at);
