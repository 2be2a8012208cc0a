CREATE TABLE segments (
    key TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- No foreign key to segments: every write checks them first, and holds them until it is done.
CREATE TABLE customers (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    segment TEXT NOT NULL,
    acquired_on DATE NOT NULL,
    acquisition_channel TEXT,
    observed_from DATE NOT NULL,
    observed_to DATE,
    left_on DATE,
    leaving_cause TEXT,
    content_hash BLOB NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT customers_identity UNIQUE (source, external_id)
);

CREATE TABLE lifecycle_events (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    cause TEXT,
    detail TEXT,
    content_hash BLOB NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT lifecycle_events_identity UNIQUE (source, external_id)
);

CREATE INDEX lifecycle_events_customer ON lifecycle_events (customer_id, id);
