//! Tables whose rows an import may write: how they are looked at, taken away and put back.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use keepworth_intake::{Failure, RecordTable};
use keepworth_store::{Conn, RecordId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// Rows as JSON, by their keys.
pub type Rows = BTreeMap<String, Value>;

/// A table whose rows an import may write.
pub trait Kept: Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Those of the rows that are there.
    ///
    /// # Errors
    /// What the database answers.
    fn load(&self, conn: &mut Conn, keys: &[String]) -> Result<Rows, Failure>;

    /// Takes rows away.
    ///
    /// # Errors
    /// What the database answers.
    fn remove(&self, conn: &mut Conn, keys: &[String], now: NaiveDateTime) -> Result<(), Failure>;

    /// Puts rows that are there back to what they were.
    ///
    /// # Errors
    /// What the database answers.
    fn restore(&self, conn: &mut Conn, rows: Vec<Value>, now: NaiveDateTime)
    -> Result<(), Failure>;
}

impl<Row: Serialize + DeserializeOwned> Kept for RecordTable<Row> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, conn: &mut Conn, keys: &[String]) -> Result<Rows, Failure> {
        let rows = (self.load)(conn, &ids(keys)?)?;
        rows.iter().map(keyed).collect()
    }

    fn remove(&self, conn: &mut Conn, keys: &[String], now: NaiveDateTime) -> Result<(), Failure> {
        Ok((self.remove)(conn, &ids(keys)?, now)?)
    }

    fn restore(
        &self,
        conn: &mut Conn,
        rows: Vec<Value>,
        now: NaiveDateTime,
    ) -> Result<(), Failure> {
        let rows = rows.into_iter().map(serde_json::from_value);
        let rows = rows.collect::<Result<_, _>>().map_err(Failure::internal)?;
        Ok((self.restore)(conn, rows, now)?)
    }
}

fn keyed<Row: Serialize>(row: &Row) -> Result<(String, Value), Failure> {
    let row = serde_json::to_value(row).map_err(Failure::internal)?;
    match row["id"].as_str() {
        Some(id) => Ok((id.to_owned(), row)),
        None => Err(Failure::internal("a record without an id")),
    }
}

fn ids(keys: &[String]) -> Result<Vec<RecordId>, Failure> {
    let id = |key: &String| {
        Uuid::parse_str(key)
            .map(RecordId)
            .map_err(Failure::internal)
    };
    keys.iter().map(id).collect()
}
