-- What a programme may cost. A budget is never edited: a change is its next version.
CREATE TABLE budgets (
    id TEXT NOT NULL PRIMARY KEY,
    programme TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    effective_on DATE NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT budgets_version UNIQUE (programme, version)
);

CREATE TABLE budget_lines (
    budget_id TEXT NOT NULL REFERENCES budgets (id),
    month INTEGER NOT NULL,
    line TEXT NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (budget_id, month, line)
);

CREATE INDEX ledger_entries_programme ON ledger_entries (programme, month)
    WHERE programme IS NOT NULL;
