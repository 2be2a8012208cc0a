-- What experiences have to do with leaving, with all evidence. Never updated.
CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY,
    exposure TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    as_of DATE NOT NULL,
    document TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
