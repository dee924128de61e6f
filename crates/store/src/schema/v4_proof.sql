-- When what a message shows was last changed: an older edit that is told late changes nothing.
ALTER TABLE messages ADD COLUMN changed_at INTEGER;
-- What was written on a leg lately, to see what is gone after a gap.
CREATE INDEX messages_leg ON messages (origin_leg, at);

-- Spans of a conversation that nobody heard and that could not be read back; `conversation` is
-- empty where a whole connection is meant.
CREATE TABLE gaps (
    id INTEGER PRIMARY KEY,
    connection INTEGER NOT NULL REFERENCES connections (id),
    conversation TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    code TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX gaps_at ON gaps (at);

-- What a platform has taught by refusing: how far apart, in microseconds of its clock, calls that
-- it counts together may follow each other.
CREATE TABLE learned_limits (
    connection INTEGER NOT NULL REFERENCES connections (id),
    spent_on TEXT NOT NULL,
    shared_by TEXT NOT NULL,
    spacing_us INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (connection, spent_on, shared_by)
) STRICT, WITHOUT ROWID;
