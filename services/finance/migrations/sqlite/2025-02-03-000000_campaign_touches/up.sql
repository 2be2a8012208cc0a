-- Who was reached by which campaign.
CREATE TABLE campaign_touches (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_source TEXT NOT NULL,
    customer_external_id TEXT NOT NULL,
    campaign TEXT NOT NULL,
    touched_on DATE NOT NULL,
    content_hash BLOB NOT NULL,
    import_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT campaign_touches_identity UNIQUE (source, external_id)
);

CREATE INDEX campaign_touches_customer ON campaign_touches
    (customer_source, customer_external_id, touched_on, id, campaign);
