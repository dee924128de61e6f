CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A removed connection stays as a row, so that the ledger can name it.
CREATE TABLE connections (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    health_state TEXT NOT NULL,
    health_since INTEGER NOT NULL,
    last_success INTEGER,
    detail TEXT,
    paused INTEGER NOT NULL DEFAULT 0,
    import_run INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;

CREATE TABLE tokens (
    connection INTEGER NOT NULL REFERENCES connections (id),
    owner TEXT NOT NULL,
    access TEXT,
    expires_at INTEGER,
    refresh TEXT,
    scopes TEXT NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (connection, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
    connection INTEGER NOT NULL REFERENCES connections (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (connection, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    connection INTEGER NOT NULL REFERENCES connections (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (connection, name)
) STRICT, WITHOUT ROWID;

-- name, email and search follow from the person's accounts; search holds every name and address
-- of theirs, folded, each after a line break.
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    email TEXT,
    search TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    connection INTEGER NOT NULL REFERENCES connections (id),
    external TEXT NOT NULL,
    person INTEGER REFERENCES people (id),
    email TEXT,
    email_folded TEXT,
    email_verified INTEGER NOT NULL,
    name TEXT NOT NULL,
    photo TEXT,
    kind TEXT NOT NULL,
    active INTEGER NOT NULL,
    import_run INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (connection, external)
) STRICT;

-- Two accounts of one connection are never the same person's.
CREATE UNIQUE INDEX accounts_person ON accounts (person, connection) WHERE person IS NOT NULL;
CREATE INDEX accounts_email ON accounts (email_folded) WHERE email_folded IS NOT NULL;

CREATE TABLE pairings (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES people (id),
    primary_account INTEGER NOT NULL REFERENCES accounts (id),
    secondary_connection INTEGER NOT NULL REFERENCES connections (id),
    secondary_account INTEGER REFERENCES accounts (id),
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE UNIQUE INDEX pairings_active ON pairings (person, secondary_connection)
    WHERE state = 'active';
CREATE UNIQUE INDEX pairings_secondary ON pairings (secondary_account)
    WHERE state = 'active' AND secondary_account IS NOT NULL;
CREATE INDEX pairings_primary ON pairings (primary_account) WHERE state = 'active';
CREATE INDEX pairings_person ON pairings (person);

CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    person_a INTEGER NOT NULL REFERENCES people (id),
    person_b INTEGER NOT NULL REFERENCES people (id),
    connection_a INTEGER NOT NULL REFERENCES connections (id),
    connection_b INTEGER NOT NULL REFERENCES connections (id),
    created_at INTEGER NOT NULL,
    UNIQUE (person_a, person_b, connection_a, connection_b),
    CHECK (person_a < person_b)
) STRICT;

CREATE TABLE legs (
    id INTEGER PRIMARY KEY,
    link INTEGER REFERENCES links (id),
    connection INTEGER NOT NULL REFERENCES connections (id),
    person INTEGER NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    external TEXT,
    speaker TEXT NOT NULL,
    stand_in INTEGER REFERENCES accounts (id),
    open_relay_id TEXT,
    last_source_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX legs_conversation ON legs (connection, external) WHERE external IS NOT NULL;
CREATE INDEX legs_link ON legs (link);
CREATE INDEX legs_person ON legs (person, kind);

-- What is known of conversations that touch a paired person, legs or not.
CREATE TABLE conversations (
    connection INTEGER NOT NULL REFERENCES connections (id),
    external TEXT NOT NULL,
    facts TEXT,
    checked_at INTEGER,
    last_seen_at INTEGER,
    PRIMARY KEY (connection, external)
) STRICT, WITHOUT ROWID;

-- lead keeps the text behind it out of the tree's own pages: see ops/content.rs.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    connection INTEGER NOT NULL REFERENCES connections (id),
    conversation TEXT NOT NULL,
    why TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    lead BLOB NOT NULL,
    payload TEXT NOT NULL
) STRICT;

CREATE INDEX inbox_conversation ON inbox (connection, conversation, id);

CREATE TABLE seen (
    connection INTEGER NOT NULL REFERENCES connections (id),
    key_hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (connection, key_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    origin_leg INTEGER NOT NULL REFERENCES legs (id),
    external TEXT NOT NULL,
    author_person INTEGER REFERENCES people (id),
    author_account TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (origin_leg, external)
) STRICT;

CREATE TABLE copies (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    leg INTEGER NOT NULL REFERENCES legs (id),
    part INTEGER NOT NULL,
    external TEXT NOT NULL,
    speaker TEXT NOT NULL,
    rung TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (message, leg, part),
    UNIQUE (leg, external)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    leg INTEGER NOT NULL REFERENCES legs (id),
    message INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    operation TEXT NOT NULL,
    part INTEGER NOT NULL,
    relay_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    source_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    intent_at INTEGER,
    settled_at INTEGER,
    rung TEXT,
    external TEXT,
    late INTEGER NOT NULL,
    digest BLOB,
    speaker TEXT,
    permalink TEXT
) STRICT;

-- A lane: only what is not settled, so its size is that of the queue, not of history.
CREATE INDEX deliveries_lane ON deliveries (leg, source_at, id) WHERE settled_at IS NULL;
CREATE INDEX deliveries_message ON deliveries (message, leg) WHERE message IS NOT NULL;

CREATE TABLE payloads (
    delivery INTEGER PRIMARY KEY REFERENCES deliveries (id) ON DELETE CASCADE,
    lead BLOB NOT NULL,
    content TEXT NOT NULL
) STRICT;
