DROP TABLE import_changes;
DROP TABLE import_rejections;
DROP TABLE import_pieces;
DROP TABLE imports;
DROP TABLE jobs;
DROP TABLE idempotency_keys;
