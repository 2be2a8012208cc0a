DROP TABLE approval_policies;
DROP TABLE frozen_forecasts;
DROP FUNCTION frozen_forecasts_stay;
DROP TABLE approval_transitions;
DROP TABLE approvals;
ALTER TABLE scenario_versions DROP COLUMN author;
