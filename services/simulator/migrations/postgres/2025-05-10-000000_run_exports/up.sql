-- What was simulated, as JSON, where the scenario's text refers to what may change: with figures in place of its
-- references. Null where the text says all, and of runs that were kept before.
ALTER TABLE runs ADD COLUMN resolved_scenario TEXT;
