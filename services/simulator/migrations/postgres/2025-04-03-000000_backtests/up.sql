-- What baselines forecast, held against what happened. A report is kept as text; no row is ever updated.
CREATE TABLE backtests (
    id TEXT NOT NULL PRIMARY KEY,
    as_of DATE NOT NULL,
    until_on DATE NOT NULL,
    baseline_hash TEXT NOT NULL REFERENCES baselines (hash),
    input_hash TEXT NOT NULL,
    report TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX backtests_baseline_hash ON backtests (baseline_hash);
