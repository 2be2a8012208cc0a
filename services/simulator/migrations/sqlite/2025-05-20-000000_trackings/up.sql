-- Frozen forecasts held against what records count since. A report is kept as text; no row is ever updated.
CREATE TABLE trackings (
    id TEXT NOT NULL PRIMARY KEY,
    scenario_key TEXT NOT NULL,
    scenario_version INTEGER NOT NULL,
    until_on DATE NOT NULL,
    has_drifted BOOLEAN NOT NULL,
    report TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT trackings_of_frozen FOREIGN KEY (scenario_key, scenario_version)
        REFERENCES frozen_forecasts (scenario_key, scenario_version)
);

CREATE INDEX trackings_scenario ON trackings (scenario_key, scenario_version);
