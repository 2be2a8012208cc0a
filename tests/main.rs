//! End to end: the real binary, over HTTP and the command line, on SQLite and PostgreSQL.
//!
//! A test that needs a database is written once and listed in [`on_both_databases!`]. PostgreSQL is
//! there under `make test`; without it those tests say that they were skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod architecture;
mod audit;
mod awkward;
mod backtest;
mod backup;
mod before;
mod billing;
mod billing_period;
mod books;
mod breaking;
mod calendars;
mod cashflow;
mod causes;
mod cdnow;
mod company;
mod contract;
mod counted;
mod counting;
mod coverage;
mod currency;
mod curves;
mod dated_revenue;
mod donors;
mod erasure;
mod evidence;
mod exchange;
mod explain;
mod exports;
mod finance;
mod general_ledger;
mod guards;
mod heads;
mod help;
mod hostile;
mod hostile_values;
mod import;
mod imports;
mod issuers;
mod issues;
mod jobs;
mod killed;
mod kubernetes;
mod limits;
mod links;
mod lists;
mod matters;
mod monthly_ledger;
mod moves;
mod outbox;
mod pilots;
mod purchase_outlooks;
mod reading;
mod readme;
mod resources;
mod scenarios;
mod schema;
mod serving;
mod sessions;
mod signed;
mod simulate;
mod support;
mod telco;
mod tls;
mod tokens;
mod win_backs;
mod without_contract;
mod workbook;
