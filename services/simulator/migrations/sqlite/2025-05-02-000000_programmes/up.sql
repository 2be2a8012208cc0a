-- Programmes, every version of them: what they are, where they stand, what was decided, by whom and why. A row changes in
-- that it is no longer the newest, and in nothing else.
CREATE TABLE programme_versions (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What it is, and what was decided at its gates, as JSON.
    statement TEXT NOT NULL,
    decisions TEXT NOT NULL,
    step TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    reason TEXT,
    is_current BOOLEAN NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT programme_versions_key UNIQUE (key, version)
);

-- Which programme a key is of, as its own or as that of an initiative: of one, so that money is counted once.
CREATE TABLE programme_keys (
    key TEXT NOT NULL PRIMARY KEY,
    programme TEXT NOT NULL
);

CREATE INDEX programme_keys_programme ON programme_keys (programme);
