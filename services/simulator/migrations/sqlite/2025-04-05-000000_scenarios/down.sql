DROP INDEX runs_scenario_key;
ALTER TABLE runs DROP COLUMN scenario_version;
ALTER TABLE runs DROP COLUMN scenario_key;
DROP TABLE scenario_versions;
