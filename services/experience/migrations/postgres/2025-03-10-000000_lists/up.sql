-- What lists are filtered by.
CREATE INDEX feedback_recorded_at ON feedback (recorded_at);
CREATE INDEX feedback_responded_at ON feedback (responded_at);
CREATE INDEX interactions_recorded_at ON interactions (recorded_at);
CREATE INDEX interactions_started_at ON interactions (started_at);
