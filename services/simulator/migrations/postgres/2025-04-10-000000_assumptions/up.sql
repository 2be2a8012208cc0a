-- Who looked when whether an assumption of a scenario is still so. Rows are added and never changed; what was looked at
-- last is what holds.
CREATE TABLE assumption_checks (
    id TEXT NOT NULL PRIMARY KEY,
    scenario_key TEXT NOT NULL,
    input TEXT NOT NULL,
    owner TEXT NOT NULL,
    checked_on DATE NOT NULL,
    note TEXT,
    recorded_at TIMESTAMP NOT NULL
);

CREATE INDEX assumption_checks_scenario_key ON assumption_checks (scenario_key);
