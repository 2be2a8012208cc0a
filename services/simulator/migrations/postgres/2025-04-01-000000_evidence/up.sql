-- The library of evidence. Every version stays, as runs refer to it; a row changes in that it is no longer the
-- current one, and in nothing else. All versions of one thing have its id.
CREATE TABLE evidence_versions (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    lever TEXT NOT NULL,
    -- What it says, as JSON; the hash is that of this text.
    statement TEXT NOT NULL,
    hash TEXT NOT NULL,
    pilot_id TEXT,
    withdrawn TEXT,
    is_current BOOLEAN NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id, version),
    CONSTRAINT evidence_versions_key UNIQUE (key, version)
);

-- What the scenario of a run referred to, and what stood there, as JSON. The release before removes runs too.
CREATE TABLE run_references (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
);

CREATE INDEX run_references_key ON run_references (key, run_id);
