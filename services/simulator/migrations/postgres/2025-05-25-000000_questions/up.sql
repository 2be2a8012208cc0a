-- What was asked of runs, and answered. Both are kept as text; no row is ever updated, and they go with their run.
CREATE TABLE questions (
    id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    report TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX questions_run ON questions (run_id);
