DROP TABLE runs;
DROP TABLE baselines;
