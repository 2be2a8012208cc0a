//! What an import changed: what was there before, and how what it left is known again.

use keepworth_intake::Failure;
use keepworth_store::Conn;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::kept::{Kept, Rows};
use crate::kind::Touched;

/// A row that an import wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The table that it is in.
    pub table: &'static str,
    /// Its key there.
    pub key: String,
    /// What it was before; nothing where nothing was.
    pub before: Option<Value>,
    /// What it is since.
    pub after: Value,
}

/// The rows that records may touch, as they are.
pub(crate) fn look(
    conn: &mut Conn,
    touched: &Touched,
) -> Result<Vec<(&'static str, Rows)>, Failure> {
    let look = |(table, keys): &(&'static dyn Kept, Vec<String>)| {
        Ok((table.name(), table.load(conn, keys)?))
    };
    touched.iter().map(look).collect()
}

/// What became of rows between two looks.
pub(crate) fn between(
    before: &[(&'static str, Rows)],
    after: Vec<(&'static str, Rows)>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, rows) in after {
        let earlier = before.iter().find(|(name, _)| *name == table);
        for (key, after) in rows {
            let before = earlier.and_then(|(_, rows)| rows.get(&key)).cloned();
            if before.as_ref() != Some(&after) {
                changes.push(Change {
                    table,
                    key,
                    before,
                    after,
                });
            }
        }
    }
    changes
}

/// What a row is known again by: all that it says, but not when it was written, which undoing a later
/// import may change.
pub(crate) fn digest(row: &Value) -> Vec<u8> {
    let mut row = row.clone();
    if let Some(fields) = row.as_object_mut() {
        fields.remove("recorded_at");
    }
    Sha256::digest(row.to_string())[..16].to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(rows: &[(&str, i32)]) -> Vec<(&'static str, Rows)> {
        let rows = rows
            .iter()
            .map(|(key, it)| ((*key).to_owned(), json!({ "n": it })));
        vec![("notes", rows.collect())]
    }

    #[test]
    fn what_is_new_and_what_differs_is_a_change() {
        let changes = between(
            &rows(&[("a", 1), ("b", 1)]),
            rows(&[("a", 1), ("b", 2), ("c", 3)]),
        );
        let told: Vec<_> = changes
            .iter()
            .map(|it| (it.key.as_str(), it.before.is_some()))
            .collect();
        assert_eq!(told, [("b", true), ("c", false)]);
    }

    #[test]
    fn a_row_is_the_same_whenever_it_was_written() {
        let row = |n, at| json!({"n": n, "recorded_at": at});
        assert_eq!(digest(&row(1, "x")), digest(&row(1, "y")));
        assert_ne!(digest(&row(1, "x")), digest(&row(2, "x")));
    }
}
