//! Diesel over SQLite and PostgreSQL, from one text of each query.
//!
//! **For:** opening a database by URL, running reads and transactions off the async threads,
//! embedded migrations, bulk inserts, and telling what went wrong in words that the layers above
//! can answer with. **Must not know:** any table, any service, HTTP.
//!
//! A query is written once inside [`on_conn!`], which type-checks it against each backend:
//!
//! ```
//! use diesel::prelude::*;
//! use keepworth_store::{on_conn, Conn, Db, DbOptions};
//!
//! diesel::table! { notes (id) { id -> BigInt, text -> Text, } }
//!
//! fn count(conn: &mut Conn) -> QueryResult<i64> {
//!     on_conn!(conn, |c| notes::table.count().get_result(c))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), keepworth_store::StoreError> {
//! let folder = tempfile::tempdir().expect("a temporary folder");
//! let url = format!("sqlite://{}/data/notes.db", folder.path().display());
//! let db = Db::open(&url, &DbOptions::default())?;
//! db.write(|conn| conn.batch("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL)")).await?;
//! let n: Result<i64, keepworth_store::StoreError> = db.read(|conn| Ok(count(conn)?)).await;
//! assert_eq!(n?, 0);
//! # Ok(())
//! # }
//! ```

pub mod audit;
mod beside;
mod clock;
mod conn;
mod copy;
mod db;
mod error;
mod id;
mod migration;
mod named;
mod page;

pub use beside::{Beside, SecretKey};
pub use clock::now;
pub use conn::{Backend, Conn, PgPooled, SqlitePooled};
pub use copy::{check_integrity, copy_together};
pub use db::{Db, DbOptions, Source, Tls, TlsError};
pub use error::{StoreError, UniqueKey};
pub use id::RecordId;
pub use migration::Migrations;
pub use named::Named;
pub use page::{PageRows, Place};

#[doc(hidden)]
pub use diesel;
