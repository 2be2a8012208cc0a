-- History goes on without its records: some may be gone.
DROP TABLE import_changes;
DROP TABLE import_rejections;
DROP TABLE import_pieces;
DROP TABLE imports;
DROP TABLE jobs;
