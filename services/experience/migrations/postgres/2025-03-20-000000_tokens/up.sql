-- Tokens for programs. What opens is kept as its SHA-256 alone.
CREATE TABLE access_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    owner_issuer TEXT NOT NULL,
    owner_subject TEXT NOT NULL,
    -- The owner's roles when the service last saw them, as JSON.
    owner_roles TEXT NOT NULL,
    permissions TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    -- The one before, which holds for a while beside it.
    old_digest BYTEA UNIQUE,
    old_until TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    last_used_on DATE,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (owner_issuer, owner_subject, name)
);
