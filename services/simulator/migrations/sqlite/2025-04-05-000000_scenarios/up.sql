-- Scenarios, every version of them. A row changes in that it is no longer the newest, and in that its scenario is
-- archived; in nothing else.
CREATE TABLE scenario_versions (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- TOML as it came; the hash is that of this text.
    scenario TEXT NOT NULL,
    hash TEXT NOT NULL,
    baseline_hash TEXT NOT NULL REFERENCES baselines (hash),
    forked_key TEXT,
    forked_version INTEGER,
    reason TEXT,
    archived TEXT,
    is_current BOOLEAN NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT scenario_versions_key UNIQUE (key, version)
);

CREATE INDEX scenario_versions_baseline_hash ON scenario_versions (baseline_hash);

-- Which version of which scenario a run is of; null where its text came with the order.
ALTER TABLE runs ADD COLUMN scenario_key TEXT;
ALTER TABLE runs ADD COLUMN scenario_version INTEGER;

CREATE INDEX runs_scenario_key ON runs (scenario_key, id);
