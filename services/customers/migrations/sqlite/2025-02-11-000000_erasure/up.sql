-- Customers who were erased: digests under a key that is not in the database, by which they are known again.
CREATE TABLE tombstone_keys (
    key_id TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE tombstones (
    mac BLOB NOT NULL PRIMARY KEY,
    id_mac BLOB NOT NULL,
    erasure_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE INDEX tombstones_id_mac ON tombstones (id_mac);

-- What was answered to whoever asked for an erasure: counts, and nothing of whom.
CREATE TABLE subject_receipts (
    erasure_id TEXT NOT NULL PRIMARY KEY,
    receipt TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

ALTER TABLE imports ADD COLUMN skipped_erased BIGINT NOT NULL DEFAULT 0;

-- Erasures in every service: who asked, who confirmed, which receipts came. Whom they are of stands here as long as
-- services are waited for.
CREATE TABLE erasures (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    source TEXT,
    external_id TEXT,
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    confirmed_by TEXT,
    confirmed_at TIMESTAMP,
    is_self_confirmed BOOLEAN NOT NULL,
    known_since TIMESTAMP,
    observed_from DATE,
    counts TEXT NOT NULL,
    receipts TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_failure TEXT,
    due_at TIMESTAMP,
    ended_at TIMESTAMP,
    CONSTRAINT erasures_people CHECK (confirmed_by IS NULL OR confirmed_by <> requested_by OR is_self_confirmed)
);

CREATE INDEX erasures_state ON erasures (state);
