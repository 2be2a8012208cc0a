DROP TABLE subject_receipts;
DROP TABLE tombstones;
DROP TABLE tombstone_keys;
