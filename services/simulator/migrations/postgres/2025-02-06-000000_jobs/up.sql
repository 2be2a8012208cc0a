-- Long work: leased by one worker at a time, done once.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    input TEXT NOT NULL,
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
