DROP INDEX revenue_versions_customer;
ALTER TABLE imports DROP COLUMN skipped_erased;
DROP TABLE subject_receipts;
DROP TABLE tombstones;
DROP TABLE tombstone_keys;
