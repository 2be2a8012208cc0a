-- Answers to requests that may be sent again, kept for a day by the caller's key.
CREATE TABLE idempotency_keys (
    key TEXT NOT NULL PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    answer TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE INDEX idempotency_keys_recorded_at ON idempotency_keys (recorded_at);
