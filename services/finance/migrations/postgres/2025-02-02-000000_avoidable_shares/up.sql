-- What part of a cost finance confirms would not be spent otherwise, in ten-thousandths, from a
-- month on. Never edited: the last one that is in force counts.
CREATE TABLE avoidable_shares (
    id TEXT NOT NULL PRIMARY KEY,
    component TEXT NOT NULL,
    segment TEXT COLLATE "C",
    channel TEXT COLLATE "C",
    effective_month INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
