-- Who did what, when and why: a chain, each entry with the hash of those before it.
CREATE TABLE audit_entries (
    seq BIGINT NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    hash BLOB NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- Where the chain ends; locked by whoever adds to it.
CREATE TABLE audit_heads (
    id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BLOB NOT NULL
);

INSERT INTO audit_heads (id, seq, hash) VALUES (1, 0, x'');
