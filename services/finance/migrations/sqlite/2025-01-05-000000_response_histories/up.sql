-- How people answered to spending. A history is never edited: a change is its next version.
CREATE TABLE response_histories (
    id TEXT NOT NULL PRIMARY KEY,
    segment TEXT NOT NULL,
    lever TEXT NOT NULL,
    version INTEGER NOT NULL,
    period_months INTEGER,
    evidence TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT response_histories_version UNIQUE (segment, lever, version)
);
