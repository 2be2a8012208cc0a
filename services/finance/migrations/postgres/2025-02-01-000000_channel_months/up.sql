-- What each segment did in a month by channel: contacts, and customers won.
CREATE TABLE segment_channel_months (
    month INTEGER NOT NULL,
    segment TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    contacts BIGINT NOT NULL,
    handle_seconds BIGINT NOT NULL,
    new_customers BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (month, segment, channel)
);
