-- Customers who were erased: digests under a key that is not in the database, by which they are known again.
CREATE TABLE tombstone_keys (
    key_id TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE tombstones (
    mac BYTEA NOT NULL PRIMARY KEY,
    id_mac BYTEA NOT NULL,
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
