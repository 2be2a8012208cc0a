//! Everything that databases and files hold, read with plain SQL and plain bytes.

use std::path::Path;

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use keepworth_store::{Db, DbOptions, StoreError, on_conn};

use crate::support::{Database, Kind};

pub const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    in_table: String,
    #[diesel(sql_type = Text)]
    named: String,
    #[diesel(sql_type = Text)]
    of_type: String,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn query<T: Send + 'static>(
    database: &Database,
    service: &str,
    work: impl FnOnce(&mut keepworth_store::Conn) -> Result<T, StoreError> + Send + 'static,
) -> T {
    let options = DbOptions {
        pool_size: 1,
        ..DbOptions::default()
    };
    let db = Db::open(&*database.url(service), &options).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(db.read(work)).unwrap()
}

/// What a query that asks for `number` answers.
pub fn number(database: &Database, service: &str, sql: &str) -> i64 {
    let sql = sql.to_owned();
    query(database, service, move |conn| {
        let found: Number = on_conn!(conn, |c| sql_query(&sql).get_result(c))?;
        Ok(found.number)
    })
}

/// Columns that hold one of the texts, each with the text.
pub fn holding(database: &Database, kind: Kind, texts: &[String]) -> Vec<String> {
    const ON_SQLITE: &str = "SELECT m.name AS in_table, p.name AS named, p.type AS of_type \
        FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'";
    const ON_POSTGRES: &str = "SELECT table_name::text AS in_table, column_name::text AS named, data_type::text AS of_type \
        FROM information_schema.columns WHERE table_schema = 'public'";
    let mut found = Vec::new();
    for service in SERVICES {
        let texts = texts.to_vec();
        let all = if kind == Kind::Sqlite {
            ON_SQLITE
        } else {
            ON_POSTGRES
        };
        let of_service = query(database, service, move |conn| {
            let columns: Vec<Column> = on_conn!(conn, |c| sql_query(all).load(c))?;
            assert!(columns.len() > 40, "it looks at nothing");
            let mut found = Vec::new();
            for it in columns {
                let value = match it.of_type.as_str() {
                    "bytea" => format!("upper(encode({}, 'hex'))", it.named),
                    "BLOB" => format!("hex({})", it.named),
                    _ => format!("CAST({} AS TEXT)", it.named),
                };
                let sql = format!(
                    "SELECT {value} AS value FROM {} WHERE {} IS NOT NULL",
                    it.in_table, it.named
                );
                let values: Vec<Value> = on_conn!(conn, |c| sql_query(&sql).load(c))?;
                let is_binary = ["bytea", "BLOB"].contains(&it.of_type.as_str());
                let form = |text: &String| match is_binary {
                    true => text.bytes().map(|byte| format!("{byte:02X}")).collect(),
                    false => text.clone(),
                };
                let is_in = |text: &&String| {
                    let form: String = form(text);
                    values.iter().any(|it| it.value.contains(&form))
                };
                let named = texts.iter().find(is_in);
                found.extend(named.map(|text| format!("{}.{} has {text}", it.in_table, it.named)));
            }
            Ok(found)
        });
        found.extend(of_service.into_iter().map(|it| format!("{service}: {it}")));
    }
    found
}

/// Files below a folder whose bytes hold one of the texts.
pub fn files_holding(folder: &Path, texts: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_holding(&path, texts));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let has = |text: &&String| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        found.extend(
            texts
                .iter()
                .find(has)
                .map(|text| format!("{} has {text}", path.display())),
        );
    }
    found
}
