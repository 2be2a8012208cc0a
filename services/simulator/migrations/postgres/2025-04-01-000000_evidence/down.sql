DROP TABLE run_references;
DROP TABLE evidence_versions;
