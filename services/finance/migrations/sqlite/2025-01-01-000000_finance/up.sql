-- Money is whole minor units with its currency; months are counted from year 0.
CREATE TABLE ledger_entries (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    posted_on DATE NOT NULL,
    month INTEGER NOT NULL,
    category TEXT NOT NULL,
    component TEXT,
    minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    segment TEXT,
    channel TEXT,
    account TEXT,
    cost_center TEXT,
    campaign TEXT,
    programme TEXT,
    line TEXT,
    voucher TEXT,
    capex BOOLEAN NOT NULL,
    assumed BOOLEAN NOT NULL,
    note TEXT,
    content_hash BLOB NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT ledger_entries_identity UNIQUE (source, external_id)
);

-- Holds all that sums over months read, so that they never touch the table.
CREATE INDEX ledger_entries_month ON ledger_entries
    (month, posted_on, id, capex, segment, category, component, channel, currency, assumed, minor);

-- What entries said before they were corrected: the columns of ledger_entries, in their order,
-- after the time of correction.
CREATE TABLE ledger_entry_versions (
    superseded_at TIMESTAMP NOT NULL,
    id TEXT NOT NULL REFERENCES ledger_entries (id),
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    posted_on DATE NOT NULL,
    month INTEGER NOT NULL,
    category TEXT NOT NULL,
    component TEXT,
    minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    segment TEXT,
    channel TEXT,
    account TEXT,
    cost_center TEXT,
    campaign TEXT,
    programme TEXT,
    line TEXT,
    voucher TEXT,
    capex BOOLEAN NOT NULL,
    assumed BOOLEAN NOT NULL,
    note TEXT,
    content_hash BLOB NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id, recorded_at)
);

CREATE TABLE revenues (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_source TEXT NOT NULL,
    customer_external_id TEXT NOT NULL,
    month INTEGER NOT NULL,
    months INTEGER NOT NULL,
    minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT revenues_identity UNIQUE (source, external_id)
);

CREATE INDEX revenues_customer ON revenues (customer_source, customer_external_id, id);
