DROP TABLE revenues;
DROP TABLE ledger_entry_versions;
DROP TABLE ledger_entries;
