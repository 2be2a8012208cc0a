-- What was held for true before: the columns of the table, in their order, after the time until
-- which it was. Each view has both, the present with a time that never comes.
CREATE TABLE revenue_versions (
    superseded_at TIMESTAMP NOT NULL,
    id TEXT NOT NULL REFERENCES revenues (id),
    source TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    customer_source TEXT COLLATE "C" NOT NULL,
    customer_external_id TEXT COLLATE "C" NOT NULL,
    month INTEGER NOT NULL,
    months INTEGER NOT NULL,
    minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id, recorded_at)
);

CREATE TABLE segment_month_versions (
    superseded_at TIMESTAMP NOT NULL,
    month INTEGER NOT NULL,
    segment TEXT COLLATE "C" NOT NULL,
    customers BIGINT NOT NULL,
    new_customers BIGINT NOT NULL,
    new_from_paid BIGINT NOT NULL,
    contacts BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    revenue_minor BIGINT NOT NULL,
    headcount BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (month, segment, recorded_at)
);

CREATE TABLE segment_channel_month_versions (
    superseded_at TIMESTAMP NOT NULL,
    month INTEGER NOT NULL,
    segment TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    contacts BIGINT NOT NULL,
    handle_seconds BIGINT NOT NULL,
    new_customers BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (month, segment, channel, recorded_at)
);

CREATE VIEW ledger_entry_history AS
    SELECT TIMESTAMP '9999-12-31 00:00:00' AS superseded_at, ledger_entries.* FROM ledger_entries
    UNION ALL SELECT * FROM ledger_entry_versions;

CREATE VIEW revenue_history AS
    SELECT TIMESTAMP '9999-12-31 00:00:00' AS superseded_at, revenues.* FROM revenues
    UNION ALL SELECT * FROM revenue_versions;

CREATE VIEW segment_month_history AS
    SELECT TIMESTAMP '9999-12-31 00:00:00' AS superseded_at, segment_months.* FROM segment_months
    UNION ALL SELECT * FROM segment_month_versions;

CREATE VIEW segment_channel_month_history AS
    SELECT TIMESTAMP '9999-12-31 00:00:00' AS superseded_at, segment_channel_months.* FROM segment_channel_months
    UNION ALL SELECT * FROM segment_channel_month_versions;
