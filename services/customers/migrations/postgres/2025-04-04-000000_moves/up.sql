-- Moves between segments: the one that a customer is in from the event's day on, and where they were before.
ALTER TABLE lifecycle_events ADD COLUMN segment TEXT;
ALTER TABLE lifecycle_events ADD COLUMN from_segment TEXT;

CREATE INDEX lifecycle_events_moved ON lifecycle_events (customer_id, occurred_on) WHERE kind = 'MOVED';
