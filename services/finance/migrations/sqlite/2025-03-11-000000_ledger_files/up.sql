-- Files of general ledgers that wait for the job that takes them in; gone when it is over.
CREATE TABLE general_ledger_files (
    job_id TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL
);
