DROP INDEX lifecycle_events_moved;
DELETE FROM lifecycle_events WHERE kind = 'MOVED';
ALTER TABLE lifecycle_events DROP COLUMN from_segment;
ALTER TABLE lifecycle_events DROP COLUMN segment;
