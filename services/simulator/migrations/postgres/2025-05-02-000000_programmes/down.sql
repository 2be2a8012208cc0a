DROP TABLE programme_keys;
DROP TABLE programme_versions;
