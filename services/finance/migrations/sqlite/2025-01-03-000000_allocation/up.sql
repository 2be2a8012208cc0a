-- What each segment did in a month: the weights of allocation, and who the costs are spread over.
CREATE TABLE segment_months (
    month INTEGER NOT NULL,
    segment TEXT NOT NULL,
    customers BIGINT NOT NULL,
    new_customers BIGINT NOT NULL,
    new_from_paid BIGINT NOT NULL,
    contacts BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    revenue_minor BIGINT NOT NULL,
    headcount BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (month, segment)
);

-- How shared costs of a category are split from a month on; the last version in force counts.
CREATE TABLE allocation_rules (
    id TEXT NOT NULL PRIMARY KEY,
    category TEXT NOT NULL,
    version INTEGER NOT NULL,
    effective_month INTEGER NOT NULL,
    method TEXT NOT NULL,
    shares TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT allocation_rules_version UNIQUE (category, version)
);
