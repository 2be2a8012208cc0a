DROP INDEX interactions_started_at;
DROP INDEX interactions_recorded_at;
DROP INDEX feedback_responded_at;
DROP INDEX feedback_recorded_at;
