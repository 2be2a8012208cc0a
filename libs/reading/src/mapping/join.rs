//! Rows beside rows: columns of another file of the same export, found by a key.

use std::collections::HashMap;

use csv::StringRecord;
use serde::Deserialize;

use super::rule::RowFault;
use crate::Refusal;
use crate::refusal::refuse;
use crate::table::{Table, only};

/// What a mapping file says of a file that its rows belong to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinRule {
    /// What the other file holds; its columns are `{name.column}`.
    pub(super) name: String,
    /// The column of this file that names a row of the other.
    pub(super) on: String,
    /// The other file's column of the same value.
    pub(super) key: String,
}

impl JoinRule {
    /// What the other file holds.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The other file in memory, as far as the mapping uses it.
pub struct Joined {
    rule: JoinRule,
    /// Names of its columns as the mapping writes them.
    header: Vec<String>,
    rows: HashMap<String, StringRecord>,
}

impl Joined {
    /// Reads the columns of `table` that the mapping uses.
    pub(super) fn read(
        rule: &JoinRule,
        mut table: Table,
        uses: impl Fn(&str) -> bool,
    ) -> Result<Self, Refusal> {
        let key = column(&table.header, &rule.key)?;
        let full = |name: &str| format!("{}.{name}", rule.name);
        let used: Vec<usize> = (0..table.header.len())
            .filter(|index| uses(&full(&table.header[*index])))
            .collect();
        let mut joined = Self {
            rule: rule.clone(),
            header: used
                .iter()
                .map(|index| full(&table.header[*index]))
                .collect(),
            rows: HashMap::new(),
        };
        while let Some(row) = table.read_row()? {
            if let Some((_, detail)) = row.fault(table.header.len()) {
                return Err(Refusal::new(detail));
            }
            let cells: StringRecord = used.iter().map(|index| &row.cells[*index]).collect();
            let id = row.cells[key].trim().to_owned();
            match joined.rows.get(&id) {
                Some(other) if *other != cells => refuse!(
                    "line {}: {} `{id}` is there twice, with other values; keep one row",
                    row.line,
                    rule.key
                ),
                _ => joined.rows.insert(id, cells),
            };
        }
        Ok(joined)
    }

    /// The header of rows that are joined.
    pub(super) fn header(&self, header: &StringRecord) -> StringRecord {
        header
            .iter()
            .chain(self.header.iter().map(String::as_str))
            .collect()
    }

    /// The row with the other file's columns.
    pub(super) fn row(&self, on: usize, row: &StringRecord) -> Result<StringRecord, RowFault> {
        let id = row.get(on).unwrap_or_default().trim();
        let other = self.rows.get(id).ok_or_else(|| RowFault {
            code: "no_such_row".to_owned(),
            detail: format!(
                "{} `{id}` is not in the file of {}; export both for the same time",
                self.rule.on, self.rule.name
            ),
        })?;
        Ok(row.iter().chain(other.iter()).collect())
    }
}

/// The place of a column, which must be the only one of its name.
pub(super) fn column(header: &StringRecord, name: &str) -> Result<usize, Refusal> {
    if let Some(exact) = only(header, name, |it| it == name)? {
        return Ok(exact);
    }
    let found = match only(header, name, |it| it.eq_ignore_ascii_case(name))? {
        Some(found) => Some(found),
        None => only(header, name, |it| words(it) == words(name))?,
    };
    found.ok_or_else(|| {
        let columns = header.iter().collect::<Vec<_>>().join(", ");
        Refusal::new(format!(
            "the file has no column `{name}`; its columns are: {columns}"
        ))
    })
}

/// A name as its words.
fn words(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

/// Whether there is such a column, whatever the case, or one whose name has the same words.
pub(super) fn has_column(header: &StringRecord, name: &str) -> bool {
    header.iter().any(|it| words(it) == words(name))
}
