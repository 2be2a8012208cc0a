DROP INDEX runs_baseline_hash;
