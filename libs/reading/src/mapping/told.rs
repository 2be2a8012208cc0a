//! What is told of rows besides whether they were taken, such as payments that failed.

use std::collections::BTreeMap;

use csv::StringRecord;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use keepworth_contract::Month;

use super::rule::OneOrMany;
use super::template::Template;
use crate::Written;

/// What a mapping file tells of some rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TellRule {
    /// What is told.
    pub(super) what: String,
    /// The text that says it.
    pub(super) from: String,
    /// The values that say it; any, where none is named.
    pub(super) is: Option<OneOrMany>,
    /// Whether such rows are left out.
    #[serde(default)]
    pub(super) leave_out: bool,
}

/// The rule, tied to columns.
pub(super) struct ReadyTell {
    pub(super) what: String,
    pub(super) from: Template,
    pub(super) is: Vec<String>,
    pub(super) leave_out: bool,
}

impl ReadyTell {
    /// Whether it is so of a row.
    pub(super) fn is_so(&self, row: &StringRecord, written: &Written) -> bool {
        let text = self.from.fill(row, written);
        !text.is_empty() && (self.is.is_empty() || self.is.contains(&text))
    }
}

/// What is told, and of how many rows.
#[derive(Debug, Clone, Default)]
pub struct Told(BTreeMap<String, (u64, String)>);

/// A thing that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub what: String,
    /// Of how many rows.
    pub rows: u64,
    /// The first of them.
    pub example: String,
}

impl Told {
    /// Tells it of one more row; `example` says which.
    pub fn add(&mut self, what: &str, example: impl FnOnce() -> String) {
        match self.0.get_mut(what) {
            Some((rows, _)) => *rows += 1,
            None => {
                self.0.insert(what.to_owned(), (1, example()));
            }
        }
    }

    /// Adds what is told of further rows.
    pub fn merge(&mut self, later: Self) {
        for (what, (rows, example)) in later.0 {
            self.0.entry(what).or_insert((0, example)).0 += rows;
        }
    }

    /// What was told before, so that more can be added.
    #[must_use]
    pub fn of(notices: Vec<Notice>) -> Self {
        let told = |it: Notice| (it.what, (it.rows, it.example));
        Self(notices.into_iter().map(told).collect())
    }

    /// All of it.
    #[must_use]
    pub fn notices(self) -> Vec<Notice> {
        let notice = |(what, (rows, example))| Notice {
            what,
            rows,
            example,
        };
        self.0.into_iter().map(notice).collect()
    }
}

/// Told of revenue whose `month` may be meant as its first.
pub(super) const LAST_MONTH: &str = "`month` is taken as the last of `months`; where it is the \
    first, map the first day to `from` instead";

/// What a revenue of several months covers, when a single month says it.
pub(super) fn covered_up_to(record: &Map<String, Value>) -> Option<String> {
    let months = record
        .get("months")?
        .as_i64()
        .filter(|months| *months > 1)?;
    if record.contains_key("from") {
        return None;
    }
    let last: Month = record.get("month")?.as_str()?.parse().ok()?;
    let first = last.plus(1 - i32::try_from(months).ok()?);
    Some(format!("{months} months from {first} to {last}"))
}
