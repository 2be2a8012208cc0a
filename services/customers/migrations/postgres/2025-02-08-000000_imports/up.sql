-- Long work: leased by one worker at a time, done once.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    input TEXT NOT NULL,
    -- For whom it is done, as JSON.
    errand TEXT,
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- While it waits: not to be begun before. While it runs: when the lease ends.
    due_at TIMESTAMP NOT NULL,
    worker TEXT,
    is_cancelled BOOLEAN NOT NULL,
    failure TEXT,
    result TEXT,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP
);

CREATE INDEX jobs_due ON jobs (state, kind, due_at);
CREATE INDEX jobs_finished_at ON jobs (finished_at);

-- Answers to requests that may be sent again, kept for a day by the caller's key.
CREATE TABLE idempotency_keys (
    key TEXT NOT NULL PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    answer TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE INDEX idempotency_keys_recorded_at ON idempotency_keys (recorded_at);

-- Files of records, and what came of them.
CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    mapping TEXT NOT NULL,
    -- What the file was taken for, where no mapping came with it.
    taken_as TEXT,
    customer_source TEXT,
    dry_run BOOLEAN NOT NULL,
    -- The file's columns, and those that the mapping does not use, as JSON.
    names TEXT NOT NULL,
    unused_names TEXT NOT NULL,
    total_rows BIGINT NOT NULL,
    -- From after so many rows on the file is read.
    read_rows BIGINT NOT NULL,
    filtered BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    told TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP
);

CREATE INDEX imports_created_at ON imports (created_at);

-- The file, and the one that its rows belong to, in pieces.
CREATE TABLE import_pieces (
    import_id TEXT NOT NULL,
    is_beside BOOLEAN NOT NULL,
    number INTEGER NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (import_id, is_beside, number)
);

-- Rows that were not taken.
CREATE TABLE import_rejections (
    import_id TEXT NOT NULL,
    line BIGINT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (import_id, line)
);

-- What was there before an import, nothing where nothing was, and a digest of what is there since.
CREATE TABLE import_changes (
    import_id TEXT NOT NULL,
    record_table TEXT NOT NULL,
    record_key TEXT COLLATE "C" NOT NULL,
    before TEXT,
    after BYTEA NOT NULL,
    PRIMARY KEY (import_id, record_table, record_key)
);
