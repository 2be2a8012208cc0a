-- Signed ends of the chain of who did what: the service's own, and those that others left with it.
CREATE TABLE audit_kept_heads (
    service TEXT NOT NULL,
    seq BIGINT NOT NULL,
    head TEXT NOT NULL,
    kept_at TIMESTAMP NOT NULL,
    PRIMARY KEY (service, seq)
);
