-- Documents are kept as text, byte for byte what their hash was taken of. Neither table is ever
-- updated.
CREATE TABLE baselines (
    hash TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    as_of DATE NOT NULL,
    currency TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT baselines_id UNIQUE (id)
);

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    scenario_name TEXT NOT NULL,
    scenario TEXT NOT NULL,
    baseline_hash TEXT NOT NULL REFERENCES baselines (hash),
    options TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
