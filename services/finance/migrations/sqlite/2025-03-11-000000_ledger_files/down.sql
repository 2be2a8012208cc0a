DROP TABLE general_ledger_files;
