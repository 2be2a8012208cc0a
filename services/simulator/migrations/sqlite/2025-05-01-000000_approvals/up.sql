-- Who wrote a version, as JSON; null of versions that are older than this column.
ALTER TABLE scenario_versions ADD COLUMN author TEXT;

-- Where versions of scenarios stand that were submitted; one that was not has no row, and is a draft.
CREATE TABLE approvals (
    scenario_key TEXT NOT NULL,
    scenario_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    run_id TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    -- What was forecast when it was submitted, as JSON: frozen when it is approved.
    forecast TEXT NOT NULL,
    CONSTRAINT approvals_version PRIMARY KEY (scenario_key, scenario_version),
    CONSTRAINT approvals_of_version FOREIGN KEY (scenario_key, scenario_version)
        REFERENCES scenario_versions (key, version)
);

CREATE INDEX approvals_run_id ON approvals (run_id);

-- Every step of them. Rows are added and never changed.
CREATE TABLE approval_transitions (
    id TEXT NOT NULL PRIMARY KEY,
    scenario_key TEXT NOT NULL,
    scenario_version INTEGER NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    reason TEXT,
    run_id TEXT NOT NULL,
    policy_version INTEGER,
    -- What the gate found, and what was overridden, as JSON.
    findings TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE INDEX approval_transitions_scenario ON approval_transitions (scenario_key, scenario_version, id);

-- What was forecast when a version was approved. Nobody approves what they wrote or submitted themselves.
CREATE TABLE frozen_forecasts (
    scenario_key TEXT NOT NULL,
    scenario_version INTEGER NOT NULL,
    written_by TEXT,
    submitted_by TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    forecast TEXT NOT NULL,
    frozen_at TIMESTAMP NOT NULL,
    CONSTRAINT frozen_forecasts_version PRIMARY KEY (scenario_key, scenario_version),
    CONSTRAINT frozen_forecasts_two_people
        CHECK (approved_by <> submitted_by AND (written_by IS NULL OR approved_by <> written_by))
);

-- What may be approved without an exception, every version of it.
CREATE TABLE approval_policies (
    version INTEGER NOT NULL PRIMARY KEY,
    statement TEXT NOT NULL,
    reason TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE TRIGGER frozen_forecasts_stay BEFORE UPDATE ON frozen_forecasts BEGIN
    SELECT RAISE(ABORT, 'a frozen forecast is never changed');
END;
