-- Whether the owner of an account lets the hub act as it. No row: the hub never asked them.
CREATE TABLE consents (
    account INTEGER PRIMARY KEY REFERENCES accounts (id),
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    how TEXT,
    waits_until INTEGER,
    -- When the wait was over without an answer.
    lapsed_at INTEGER,
    scopes TEXT
) STRICT;

CREATE INDEX consents_waiting ON consents (waits_until)
    WHERE state = 'asked' AND lapsed_at IS NULL;

-- Every time somebody was asked. The hub asks by itself once per account, for ever.
CREATE TABLE prompts (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id),
    because TEXT NOT NULL,
    subject TEXT NOT NULL UNIQUE,
    delivery INTEGER REFERENCES deliveries (id) ON DELETE SET NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX prompts_once ON prompts (account) WHERE because <> 'administrator';
CREATE INDEX prompts_account ON prompts (account, id);
CREATE INDEX prompts_delivery ON prompts (delivery) WHERE delivery IS NOT NULL;

-- Sign-ins that are under way; secret is a device code or a verifier.
CREATE TABLE sign_ins (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id),
    way TEXT NOT NULL,
    state TEXT UNIQUE,
    secret TEXT,
    interval_ms INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_ins_account ON sign_ins (account, id);

ALTER TABLE pairings ADD COLUMN guest TEXT;
CREATE INDEX pairings_guests ON pairings (guest) WHERE guest IS NOT NULL AND state = 'active';

-- When the members of the app's own conversation were last known to be who they should be.
ALTER TABLE legs ADD COLUMN members_at INTEGER;
-- From when on nothing is carried any more.
ALTER TABLE legs ADD COLUMN closed_at INTEGER;

-- Where a lane may not go on: its conversation belongs to the same side of the same link.
CREATE INDEX legs_side ON legs (link, connection) WHERE link IS NOT NULL;

-- What an administrator should know of, until it is over.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    connection INTEGER NOT NULL REFERENCES connections (id),
    code TEXT NOT NULL,
    person INTEGER REFERENCES people (id),
    detail TEXT,
    at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX notices_once ON notices (connection, code, coalesce(person, 0));

-- People whom somebody wanted to write to and could not yet.
CREATE TABLE wanted (
    person INTEGER NOT NULL REFERENCES people (id),
    connection INTEGER NOT NULL REFERENCES connections (id),
    times INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (person, connection)
) STRICT, WITHOUT ROWID;
