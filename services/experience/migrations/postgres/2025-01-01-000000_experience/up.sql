-- Keys collate by byte, as SQLite does, so that feeds of all services come in one order.
-- Months are counted from year 0 in UTC, so that both databases group by them alike.
CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    customer_source TEXT COLLATE "C" NOT NULL,
    customer_external_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    score INTEGER NOT NULL,
    responded_at TIMESTAMP NOT NULL,
    month INTEGER NOT NULL,
    phase TEXT,
    channel TEXT,
    content_hash BYTEA NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT feedback_identity UNIQUE (source, external_id)
);

-- The order of the exposures feed; a customer's answers are found by it too.
CREATE INDEX feedback_customer
    ON feedback (customer_source, customer_external_id, responded_at, id);

CREATE TABLE interactions (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    customer_source TEXT COLLATE "C" NOT NULL,
    customer_external_id TEXT COLLATE "C" NOT NULL,
    channel TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    month INTEGER NOT NULL,
    handle_seconds BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    phase TEXT,
    issue TEXT,
    content_hash BYTEA NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT interactions_identity UNIQUE (source, external_id)
);

-- The order of the exposures feed; a customer's contacts are found by it too.
CREATE INDEX interactions_customer
    ON interactions (customer_source, customer_external_id, started_at, id);
