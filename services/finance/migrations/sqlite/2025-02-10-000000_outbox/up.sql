-- What others must hear, where it is sent, and who has heard of it.
CREATE TABLE outbox_events (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    request_id TEXT,
    traceparent TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX outbox_events_created_at ON outbox_events (created_at);
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until TIMESTAMP,
    failures INTEGER NOT NULL,
    last_failure TEXT,
    due_at TIMESTAMP NOT NULL,
    holder TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE webhook_deliveries (
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    ended_at TIMESTAMP,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (state, webhook_id);
