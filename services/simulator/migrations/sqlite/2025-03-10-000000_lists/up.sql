-- Which runs stand on a baseline.
CREATE INDEX runs_baseline_hash ON runs (baseline_hash);
