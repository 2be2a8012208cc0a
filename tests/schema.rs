//! Schemas: both trees of migrations make the same tables, and can be taken back.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::sql_types::{Bool, Text};
use keepworth_platform::Service;
use keepworth_store::{Conn, Db, DbOptions, StoreError};

use crate::support::{Database, Kind};

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

const SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name, c.\"notnull\" = 0 AS nullable \
    FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";
const POSTGRES: &str = "SELECT table_name::text, column_name::text, is_nullable = 'YES' AS nullable \
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";

/// Every column of the service's tables, and whether it may be null.
fn columns(conn: &mut Conn) -> Result<BTreeMap<(String, String), bool>, StoreError> {
    let columns: Vec<Column> = match conn {
        Conn::Sqlite(c) => diesel::sql_query(SQLITE).load(&mut **c)?,
        Conn::Pg(c) => diesel::sql_query(POSTGRES).load(&mut **c)?,
    };
    Ok(columns
        .into_iter()
        .filter(|it| {
            !it.table_name.starts_with("sqlite_") && !it.table_name.starts_with("__diesel")
        })
        .map(|it| ((it.table_name, it.column_name), it.nullable))
        .collect())
}

/// Up, down, up again; answers the columns.
fn migrated<S: Service>(kind: Kind) -> BTreeMap<(String, String), bool> {
    let database = Database::new(kind);
    let options = DbOptions {
        pool_size: 2,
        ..DbOptions::default()
    };
    let db = Db::open(&database.url(S::NAME), &options).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let read = || runtime.block_on(db.read(columns)).unwrap();
    db.migrate(&S::migrations()).unwrap();
    let first = read();
    runtime
        .block_on(db.read(|conn| S::migrations().revert_all(conn)))
        .unwrap();
    assert!(
        read().is_empty(),
        "{}: going back leaves {:?}",
        S::NAME,
        read()
    );
    db.migrate(&S::migrations()).unwrap();
    assert_eq!(read(), first);
    first
}

fn both_are_alike<S: Service>() {
    if Kind::postgres_is_there(S::NAME) {
        assert_eq!(migrated::<S>(Kind::Sqlite), migrated::<S>(Kind::Postgres));
    }
}

#[test]
fn both_databases_have_the_same_tables() {
    both_are_alike::<keepworth_customers_http::CustomersService>();
    both_are_alike::<keepworth_experience_http::ExperienceService>();
    both_are_alike::<keepworth_finance_http::FinanceService>();
    both_are_alike::<keepworth_simulator_http::SimulatorService>();
}
