//! Columns of texts in which somebody may be named.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use keepworth_store::{Conn, on_conn};

use crate::Mention;

/// A column in which people write, or in which what they wrote is kept.
#[derive(Debug, Clone, Copy)]
pub struct TextColumn {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

/// What finds one text in another, as each database calls it.
fn find(conn: &Conn) -> &'static str {
    match conn {
        Conn::Sqlite(_) => "instr",
        Conn::Pg(_) => "strpos",
    }
}

impl TextColumn {
    /// The distinct texts of the column that name somebody.
    ///
    /// # Errors
    /// What the database answers.
    pub fn naming(self, conn: &mut Conn, mention: &Mention) -> QueryResult<BTreeSet<String>> {
        let Self { table, column } = self;
        let find = find(conn);
        let mut found = BTreeSet::new();
        for form in mention.forms() {
            let query = format!(
                "SELECT DISTINCT {column} AS value FROM {table} WHERE {find}({column}, $1) > 0"
            );
            let rows: Vec<Value> =
                on_conn!(conn, |c| sql_query(&query).bind::<Text, _>(form).load(c))?;
            found.extend(
                rows.into_iter()
                    .map(|it| it.value)
                    .filter(|it| mention.is_in(it)),
            );
        }
        Ok(found)
    }

    /// Writes a pseudonym in the place of somebody's id; answers in how many rows.
    ///
    /// # Errors
    /// What the database answers.
    pub fn rewrite(self, conn: &mut Conn, mention: &Mention) -> QueryResult<u64> {
        let Self { table, column } = self;
        let mut rows = 0;
        for text in self.naming(conn, mention)? {
            let update = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
            let replaced = mention.replaced(&text);
            rows += on_conn!(conn, |c| sql_query(&update)
                .bind::<Text, _>(&replaced)
                .bind::<Text, _>(&text)
                .execute(c))? as u64;
        }
        Ok(rows)
    }

    /// Removes the rows whose text names somebody; answers how many.
    ///
    /// # Errors
    /// What the database answers.
    pub fn remove(self, conn: &mut Conn, mention: &Mention) -> QueryResult<u64> {
        let Self { table, column } = self;
        let mut rows = 0;
        for text in self.naming(conn, mention)? {
            let delete = format!("DELETE FROM {table} WHERE {column} = $1");
            rows += on_conn!(conn, |c| sql_query(&delete)
                .bind::<Text, _>(&text)
                .execute(c))? as u64;
        }
        Ok(rows)
    }
}
