-- Who was reached by which campaign.
CREATE TABLE campaign_touches (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    customer_source TEXT COLLATE "C" NOT NULL,
    customer_external_id TEXT COLLATE "C" NOT NULL,
    campaign TEXT COLLATE "C" NOT NULL,
    touched_on DATE NOT NULL,
    content_hash BYTEA NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT campaign_touches_identity UNIQUE (source, external_id)
);

CREATE INDEX campaign_touches_customer ON campaign_touches
    (customer_source, customer_external_id, touched_on, id, campaign);
